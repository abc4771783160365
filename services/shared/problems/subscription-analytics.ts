import type { ProblemTable } from './problem-table.ts';

/** The problems of the subscription-analytics service. */
export const subscriptionAnalyticsProblems = {
  'range-too-long': {
    statuses: [422],
    title: 'Range too long',
    when: 'The range of a report has more than 1,200 rows.',
    remedy: 'Group by month, or request a shorter range.',
  },
} as const satisfies ProblemTable;
