import type { ProblemTable } from './problem-table.ts';

/** The problems of the notification service. */
export const notificationProblems = {
  'notification-template-not-found': { statuses: [404], title: 'Notification template not found', when: '', remedy: '' },
} as const satisfies ProblemTable;
