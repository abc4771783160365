import type { ProblemTable } from './problem-table.ts';

/** The problems of the crm service. */
export const crmProblems = {
  'contact-not-found': { statuses: [404], title: 'Contact not found', when: '', remedy: '' },
} as const satisfies ProblemTable;
