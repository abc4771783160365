import type { ProblemTable } from './problem-table.ts';

/** The problems of the auth service. */
export const authProblems = {
  'api-key-not-found': { statuses: [404], title: 'Api key not found', when: '', remedy: '' },
  'invalid-client': { statuses: [401], title: 'Invalid client', when: '', remedy: '' },
  'invalid-grant': { statuses: [401], title: 'Invalid grant', when: '', remedy: '' },
  'invalid-scope': { statuses: [403], title: 'Invalid scope', when: '', remedy: '' },
  'scope-not-held': { statuses: [403], title: 'Scope not held', when: '', remedy: '' },
  'too-many-attempts': { statuses: [429], title: 'Too many attempts', when: '', remedy: '' },
  'client-not-found': { statuses: [404], title: 'Client not found', when: '', remedy: '' },
} as const satisfies ProblemTable;
