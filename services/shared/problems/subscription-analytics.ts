import type { ProblemTable } from './problem-table.ts';

/** The problems of the subscription-analytics service. */
export const subscriptionAnalyticsProblems = {
  'range-too-long': { statuses: [422], title: 'Range too long', when: '', remedy: '' },
} as const satisfies ProblemTable;
