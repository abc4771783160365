import type { MarqueeEvent } from '../shared/events.ts';
import { voidRefundIdOf } from '../shared/ids.ts';
import { noRevenue, type RevenueFact } from './revenue.ts';

/** The types of the events that can deduct from revenue. */
export const deductionTypes = ['credit-note.issued', 'refund.succeeded', 'refund.failed', 'dispute.opened', 'dispute.won'] as const;

type DeductionEvent = MarqueeEvent<(typeof deductionTypes)[number]>;
type Deduction = Pick<RevenueFact, '_id'> & Partial<Pick<RevenueFact, 'credited' | 'creditedTax' | 'refunded' | 'disputed'>>;

/** The fact of a deduction; its invoice determines country and plan. */
export type DeductionFact = Omit<RevenueFact, 'country' | 'plan'> & { readonly invoiceId: string };

/**
 * The fact of a credit note, a refund to a method or a dispute. A refund that bounced and a dispute
 * that was won are facts of their own, so the order of events does not matter. Undefined for events
 * that move no money, and for the refund of a void invoice, which was never counted as collected.
 */
export function deductionFactOf(event: DeductionEvent): DeductionFact | undefined {
  const { time, customerId, testClock } = event;
  const { invoiceId, subscriptionId, currency } = event.data;
  const returned = deductionOf(event);
  const when = { paidAt: time, day: time.slice(0, 10), month: time.slice(0, 7) };
  return returned && { ...noRevenue, ...when, ...returned, invoiceId, subscriptionId, customerId, currency, testClock };
}

/**
 * The facts of a second payment after refunds reopened an invoice. Each cancels the fact of one
 * refund, because the invoice itself is already counted.
 */
export function repaymentFactsOf({ time, customerId, testClock, data }: MarqueeEvent<'invoice.*'>): readonly DeductionFact[] {
  const { id: invoiceId, subscriptionId, currency, reopened = [] } = data;
  const when = { paidAt: time, day: time.slice(0, 10), month: time.slice(0, 7) };
  return reopened.map(({ refundId, amount }) => ({
    ...noRevenue,
    ...when,
    ...{ _id: `${refundId}:paid-again`, refunded: -amount, invoiceId, subscriptionId, customerId, currency, testClock },
  }));
}

function deductionOf(event: DeductionEvent): Deduction | undefined {
  const { subject } = event;
  switch (event.type) {
    case 'credit-note.issued':
      return { _id: subject, credited: event.data.total, creditedTax: event.data.tax };
    case 'dispute.opened':
      return { _id: subject, disputed: event.data.amount };
    case 'dispute.won':
      return { _id: `${subject}:won`, disputed: -event.data.amount };
    default:
      return refundDeductionOf(event);
  }
}

function refundDeductionOf({ type, subject, sequence, data: { amount, to, invoiceId } }: MarqueeEvent<'refund.*'>): Deduction | undefined {
  if (to !== 'method' || subject.startsWith(voidRefundIdOf(invoiceId))) return undefined;
  if (type === 'refund.succeeded') return { _id: subject, refunded: amount };
  // A failure as the second event means that a successful refund bounced.
  return sequence === 2 ? { _id: `${subject}:returned`, refunded: -amount } : undefined;
}
