import type { ProblemTable } from './problem-table.ts';

/** The problems of the notification service. */
export const notificationProblems = {
  'notification-template-not-found': {
    statuses: [404],
    title: 'Notification template not found',
    when: 'Events of this type cause no message to customers, or the type does not exist.',
    remedy: 'Use an event type that notifies customers, for example invoice.paid.',
  },
} as const satisfies ProblemTable;
