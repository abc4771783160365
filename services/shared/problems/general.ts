import type { ProblemTable } from './problem-table.ts';

/** The problems of every service. */
export const generalProblems = {
  'already-exists': { statuses: [409], title: 'Already exists', when: '', remedy: '' },
  'body-too-large': { statuses: [413], title: 'Body too large', when: '', remedy: '' },
  'body-unreadable': { statuses: [400], title: 'Body unreadable', when: '', remedy: '' },
  'cursor-invalid': { statuses: [422], title: 'Cursor invalid', when: '', remedy: '' },
  'dead-letter-not-found': { statuses: [404], title: 'Dead letter not found', when: '', remedy: '' },
  'idempotency-key-in-progress': { statuses: [409], title: 'Idempotency key in progress', when: '', remedy: '' },
  'idempotency-key-invalid': { statuses: [400], title: 'Idempotency key invalid', when: '', remedy: '' },
  'idempotency-key-reused': { statuses: [422], title: 'Idempotency key reused', when: '', remedy: '' },
  'internal-error': { statuses: [500], title: 'Internal error', when: '', remedy: '' },
  'invalid-field': { statuses: [422], title: 'Invalid field', when: '', remedy: '' },
  'invalid-parameter': { statuses: [422], title: 'Invalid parameter', when: '', remedy: '' },
  'media-type-unsupported': { statuses: [415], title: 'Media type unsupported', when: '', remedy: '' },
  'method-not-allowed': { statuses: [405], title: 'Method not allowed', when: '', remedy: '' },
  'not-authenticated': { statuses: [401], title: 'Not authenticated', when: '', remedy: '' },
  'not-available': { statuses: [503], title: 'Not available', when: '', remedy: '' },
  'path-id-invalid': { statuses: [404], title: 'Path id invalid', when: '', remedy: '' },
  'path-not-found': { statuses: [404], title: 'Path not found', when: '', remedy: '' },
  'precondition-failed': { statuses: [412], title: 'Precondition failed', when: '', remedy: '' },
  'scope-missing': { statuses: [403], title: 'Scope missing', when: '', remedy: '' },
  'sidecar-token-invalid': { statuses: [401], title: 'Sidecar token invalid', when: '', remedy: '' },
  'token-invalid': { statuses: [401], title: 'Token invalid', when: '', remedy: '' },
} as const satisfies ProblemTable;
