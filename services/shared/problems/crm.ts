import type { ProblemTable } from './problem-table.ts';

/** The problems of the crm service. */
export const crmProblems = {
  'contact-not-found': {
    statuses: [404],
    title: 'Contact not found',
    when: 'The customer does not exist, or the CRM has not received its creation yet.',
    remedy: 'Check the customer id; for a new customer, retry after a few seconds.',
  },
} as const satisfies ProblemTable;
