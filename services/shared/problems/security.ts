import type { ProblemTable } from './problem-table.ts';

/** The problems of the security service. */
export const securityProblems = {
  'country-blocked': { statuses: [409, 422], title: 'Country blocked', when: '', remedy: '' },
  'country-mismatch': { statuses: [409, 422], title: 'Country mismatch', when: '', remedy: '' },
  'exemption-not-found': { statuses: [404], title: 'Exemption not found', when: '', remedy: '' },
  'risk-refused': { statuses: [409, 422], title: 'Risk refused', when: '', remedy: '' },
  'too-many-trials': { statuses: [429], title: 'Too many trials', when: '', remedy: '' },
  'trial-already-used': { statuses: [422], title: 'Trial already used', when: '', remedy: '' },
} as const satisfies ProblemTable;
