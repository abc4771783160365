import type { RefundResource } from '../shared/contracts/payment-resource.ts';
import type { MarqueeEvent } from '../shared/events.ts';
import { accept, type Result, reject } from '../shared/result.ts';
import type { Instant } from '../shared/time.ts';
import type { Attempt, Invoice, InvoiceChange } from './invoice.ts';
import { amountRefunded, amountRemaining, amountReopened } from './invoice-balance.ts';
import { type RequestedReturn, voidReturnOf } from './void-return.ts';

/** The invoice with one more recorded change, whose event has the next sequence. */
export const withChange = (invoice: Invoice, type: InvoiceChange['type'], at: Instant, cause: string): Invoice => ({
  ...invoice,
  changes: [...invoice.changes, { type, sequence: invoice.changes.length + 1, at, cause }],
});

/**
 * The attempt that counted the success of the payment of an event; a payment succeeds at most once,
 * whatever the number of the event that published it.
 */
export const successOf = ({ attempts }: Invoice, { subject }: MarqueeEvent<'payment.*'>): Attempt | undefined =>
  attempts.find(({ outcome, event }) => outcome === 'succeeded' && event.slice(0, event.lastIndexOf(':')) === subject);

/**
 * Records a payment outcome once, by the id of its event. Money makes an open or uncollectible
 * invoice paid. A void one stays void, and money beyond the amount due is recorded as `excess`. A
 * success takes the place of another outcome with the same id: the money has arrived, and earlier
 * versions could publish both under one number.
 */
export function withPayment(invoice: Invoice, event: MarqueeEvent<'payment.*'>, at: Instant): Invoice {
  const isSuccess = event.type === 'payment.succeeded';
  const known = isSuccess ? successOf(invoice, event) : invoice.attempts.find((attempt) => attempt.event === event.id);
  if (known) return invoice;
  const { amount, declineCode } = event.data;
  const outcome = isSuccess ? 'succeeded' : event.type === 'payment.action-required' ? 'action-required' : 'declined';
  const attempt: Attempt = { at: event.time, outcome, declineCode, event: event.id };
  if (!isSuccess) return { ...invoice, attempts: [...invoice.attempts, attempt] };
  const isOwed = invoice.status === 'open' || invoice.status === 'uncollectible';
  const excess = Math.max(0, amount - (isOwed ? amountRemaining(invoice) : 0));
  const others = invoice.attempts.filter((other) => other.event !== event.id);
  const attempts = [...others, excess > 0 ? { ...attempt, excess } : attempt];
  const received = { ...invoice, attempts, amountPaid: invoice.amountPaid + amount };
  return isOwed && amountRemaining(received) === 0 ? withChange({ ...received, status: 'paid' }, 'invoice.paid', at, event.id) : received;
}

/**
 * Records a refund once, by its id. A refund that failed counts as 0, in whatever order its events
 * arrive. The invoice stays paid, because only a credit note corrects it, unless the refund
 * requests that it is open again.
 */
export function withRefund(
  invoice: Invoice,
  { id, amount, to, creditNoteId, settledAt, createdAt, status, reopen }: RefundResource,
): Invoice {
  const { refunds = [] } = invoice;
  const known = refunds.find((refund) => refund.id === id);
  const hasFailed = status === 'failed';
  if (known && (!hasFailed || known.amount === 0)) return invoice;
  const reopened = known?.reopened ?? (reopen && invoice.status === 'paid');
  const refund = { id, amount: hasFailed ? 0 : amount, at: settledAt ?? createdAt, to, creditNoteId, ...(reopened && { reopened }) };
  const { refundState: _, ...after } = { ...invoice, refunds: [...refunds.filter((each) => each !== known), refund] };
  const notReopened = amountRefunded(after) - amountReopened(after);
  if (notReopened === 0) return after;
  return { ...after, refundState: notReopened >= invoice.amountPaid ? 'refunded' : 'partially-refunded' };
}

/**
 * The invoice after a refund that requested it to be open again, or after such a refund failed and
 * the invoice is paid after all. A repeat changes nothing.
 */
export function reopenedOrPaid(invoice: Invoice, at: Instant, cause: string): Invoice {
  const isDue = amountReopened(invoice) > 0 && amountRemaining(invoice) > 0;
  if (invoice.status === 'paid' && isDue) return withChange({ ...invoice, status: 'open' }, 'invoice.reopened', at, cause);
  const wasReopened = invoice.refunds?.some(({ reopened }) => reopened) ?? false;
  const isPaid = invoice.status === 'open' && wasReopened && amountRemaining(invoice) === 0;
  return isPaid ? withChange({ ...invoice, status: 'paid' }, 'invoice.paid', at, cause) : invoice;
}

/**
 * Closes an unpaid invoice. A repeat changes nothing. A paid invoice is refused with
 * `invoice-not-open`, and a requested return as in `voidReturnOf`.
 */
export function closedAs(
  invoice: Invoice,
  as: 'void' | 'uncollectible',
  at: Instant,
  cause: string,
  request?: RequestedReturn,
): Result<Invoice> {
  if (invoice.status === as) return accept(invoice);
  if (invoice.status !== 'open' && !(as === 'void' && invoice.status === 'uncollectible'))
    return reject('invoice-not-open', `Invoice ${invoice._id} is ${invoice.status} and cannot become ${as}.`);
  if (as === 'uncollectible') return accept(withChange({ ...invoice, status: as }, 'invoice.marked-uncollectible', at, cause));
  const returned = voidReturnOf(invoice, request);
  return returned.ok ? accept(withChange({ ...invoice, status: as, givenBack: returned.value }, 'invoice.voided', at, cause)) : returned;
}
