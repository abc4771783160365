import type { DisputeResource } from '../shared/contracts/dispute-resource.ts';
import type { InvoiceResource } from '../shared/contracts/invoice-resource.ts';
import type { RefundResource } from '../shared/contracts/payment-resource.ts';
import type { MarqueeEvent } from '../shared/events.ts';
import { voidRefundIdOf } from '../shared/ids.ts';
import { noRevenue, type RevenueFact } from './revenue.ts';

type CreditNoteIssued = { readonly total: number; readonly tax: number };
type Deduction = Pick<RevenueFact, '_id'> & Partial<Pick<RevenueFact, 'credited' | 'creditedTax' | 'refunded' | 'disputed'>>;

/** The fact of a deduction; its invoice determines country and plan. */
export type DeductionFact = Omit<RevenueFact, 'country' | 'plan'> & { readonly invoiceId: string };

/**
 * The fact of a credit note, a refund to a method or a dispute. A refund that bounced and a dispute
 * that was won are facts of their own, so the order of events does not matter. Undefined for events
 * that move no money, and for the refund of a void invoice, which was never counted as collected.
 */
export function deductionFactOf(event: MarqueeEvent): DeductionFact | undefined {
  const { time, customerId, testClock } = event;
  const about = event.data as { readonly invoiceId: string; readonly subscriptionId: string; readonly currency: string };
  const { invoiceId, subscriptionId, currency } = about;
  const returned = deductionOf(event);
  const when = { paidAt: time, day: time.slice(0, 10), month: time.slice(0, 7) };
  return returned && { ...noRevenue, ...when, ...returned, invoiceId, subscriptionId, customerId, currency, testClock };
}

/**
 * The facts of a second payment after refunds reopened an invoice. Each cancels the fact of one
 * refund, because the invoice itself is already counted.
 */
export function repaymentFactsOf({ time, customerId, testClock, data }: MarqueeEvent<InvoiceResource>): readonly DeductionFact[] {
  const { id: invoiceId, subscriptionId, currency, reopened = [] } = data;
  const when = { paidAt: time, day: time.slice(0, 10), month: time.slice(0, 7) };
  return reopened.map(({ refundId, amount }) => ({
    ...noRevenue,
    ...when,
    ...{ _id: `${refundId}:paid-again`, refunded: -amount, invoiceId, subscriptionId, customerId, currency, testClock },
  }));
}

function deductionOf({ type, subject, sequence, data }: MarqueeEvent): Deduction | undefined {
  if (type === 'credit-note.issued') {
    const { total, tax } = data as CreditNoteIssued;
    return { _id: subject, credited: total, creditedTax: tax };
  }
  if (type.startsWith('dispute.')) {
    const { amount } = data as DisputeResource;
    if (type === 'dispute.opened') return { _id: subject, disputed: amount };
    return type === 'dispute.won' ? { _id: `${subject}:won`, disputed: -amount } : undefined;
  }
  const { amount, to, invoiceId } = data as RefundResource;
  if (to !== 'method' || subject.startsWith(voidRefundIdOf(invoiceId))) return undefined;
  if (type === 'refund.succeeded') return { _id: subject, refunded: amount };
  // A failure as the second event means that a successful refund bounced.
  return sequence === 2 ? { _id: `${subject}:returned`, refunded: -amount } : undefined;
}
