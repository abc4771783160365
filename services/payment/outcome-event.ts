import { eventId, type MarqueeEvent, newEvent } from '../shared/events.ts';
import type { Instant } from '../shared/time.ts';
import { type Payment, paymentResource } from './payment.ts';

/**
 * `payment.succeeded`, `payment.declined`, `payment.action-required`, or `payment.processing` once
 * it is pending at a bank. Its id is derived, so that a repeat is harmless.
 */
export function outcomeEvent(payment: Payment): MarqueeEvent<'payment.*'> {
  if (payment.status === 'cancelled') throw new Error(`the cancelled payment ${payment._id} has no event`);
  return newEvent({
    type: `payment.${payment.status}` as const,
    subject: payment._id,
    sequence: payment.sequence,
    time: payment.settledAt ?? (payment.pendingSince as Instant),
    customerId: payment.customerId,
    testClock: payment.testClock,
    data: paymentResource(payment),
  });
}

/** The id of the event that published the latest outcome. */
export const outcomeEventId = ({ _id, sequence }: Payment): string => eventId(_id, sequence);

/** The id of the event that will publish the outcome of the attempt under way. */
export const upcomingEventId = ({ _id, sequence }: Payment): string => eventId(_id, sequence + 1);
