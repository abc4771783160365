import type { ProblemTable } from './problem-table.ts';

/** The problems of the dunning service. */
export const dunningProblems = {
  'dunning-policy-not-found': {
    statuses: [404],
    title: 'Dunning policy not found',
    when: 'No dunning policy with this id exists, or it was deleted.',
    remedy: 'List the dunning policies.',
  },
} as const satisfies ProblemTable;
