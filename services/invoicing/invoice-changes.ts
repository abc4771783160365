import type { PaymentResource, RefundResource } from '../shared/contracts/payment-resource.ts';
import type { MarqueeEvent } from '../shared/events.ts';
import { accept, type Result, reject } from '../shared/result.ts';
import type { Instant } from '../shared/time.ts';
import type { Attempt, Invoice, InvoiceEventType } from './invoice.ts';
import { amountRefunded, amountRemaining, amountReopened } from './invoice-balance.ts';
import { type RequestedReturn, voidReturnOf } from './void-return.ts';

export const withChange = (invoice: Invoice, type: InvoiceEventType, at: Instant, cause: string): Invoice => ({
  ...invoice,
  changes: [...invoice.changes, { type, sequence: invoice.changes.length + 1, at, cause }],
});

/**
 * Counts a gateway's answer once, by its event's id. Money that arrives makes an open or uncollectible invoice paid; a void one stays void,
 * and what comes beyond what is due is noted as excess.
 */
export function withPayment(invoice: Invoice, event: MarqueeEvent<PaymentResource>, at: Instant): Invoice {
  if (invoice.attempts.some((attempt) => attempt.event === event.id)) return invoice;
  const { amount, declineCode } = event.data;
  const outcome =
    event.type === 'payment.succeeded' ? 'succeeded' : event.type === 'payment.action-required' ? 'action-required' : 'declined';
  const attempt: Attempt = { at: event.time, outcome, declineCode, event: event.id };
  if (outcome !== 'succeeded') return { ...invoice, attempts: [...invoice.attempts, attempt] };
  const isOwed = invoice.status === 'open' || invoice.status === 'uncollectible';
  const excess = Math.max(0, amount - (isOwed ? amountRemaining(invoice) : 0));
  const attempts = [...invoice.attempts, excess > 0 ? { ...attempt, excess } : attempt];
  const received = { ...invoice, attempts, amountPaid: invoice.amountPaid + amount };
  return isOwed && amountRemaining(received) === 0 ? withChange({ ...received, status: 'paid' }, 'invoice.paid', at, event.id) : received;
}

/**
 * Counts a refund once, by its id, and one whose money came back as nothing, whichever is heard first. The invoice stays paid: it is corrected
 * by a credit note, or not at all, unless the refund asks for it to be open again.
 */
export function withRefund(
  invoice: Invoice,
  { id, amount, to, creditNoteId, settledAt, createdAt, status, reopen }: RefundResource,
): Invoice {
  const { refunds = [] } = invoice;
  const known = refunds.find((refund) => refund.id === id);
  const cameBack = status === 'failed';
  if (known && (!cameBack || known.amount === 0)) return invoice;
  const reopened = known?.reopened ?? (reopen && invoice.status === 'paid');
  const refund = { id, amount: cameBack ? 0 : amount, at: settledAt ?? createdAt, to, creditNoteId, ...(reopened && { reopened }) };
  const { refundState: _, ...after } = { ...invoice, refunds: [...refunds.filter((each) => each !== known), refund] };
  const forGood = amountRefunded(after) - amountReopened(after);
  if (forGood === 0) return after;
  return { ...after, refundState: forGood >= invoice.amountPaid ? 'refunded' : 'partially-refunded' };
}

/** The invoice after a refund that asked for it to be open again, and after the bank sent that money back. A repeat changes nothing. */
export function reopenedOrPaid(invoice: Invoice, at: Instant, cause: string): Invoice {
  const isDue = amountReopened(invoice) > 0 && amountRemaining(invoice) > 0;
  if (invoice.status === 'paid' && isDue) return withChange({ ...invoice, status: 'open' }, 'invoice.reopened', at, cause);
  const wasReopened = invoice.refunds?.some(({ reopened }) => reopened) ?? false;
  const isPaid = invoice.status === 'open' && wasReopened && amountRemaining(invoice) === 0;
  return isPaid ? withChange({ ...invoice, status: 'paid' }, 'invoice.paid', at, cause) : invoice;
}

/** Ends an invoice unpaid. Doing so again changes nothing; a paid one is refused with `invoice-not-open`, and for what is asked back see there. */
export function closedAs(
  invoice: Invoice,
  as: 'void' | 'uncollectible',
  at: Instant,
  cause: string,
  asked?: RequestedReturn,
): Result<Invoice> {
  if (invoice.status === as) return accept(invoice);
  if (invoice.status !== 'open' && !(as === 'void' && invoice.status === 'uncollectible'))
    return reject('invoice-not-open', `The invoice ${invoice._id} is ${invoice.status}.`);
  if (as === 'uncollectible') return accept(withChange({ ...invoice, status: as }, 'invoice.marked-uncollectible', at, cause));
  const back = voidReturnOf(invoice, asked);
  return back.ok ? accept(withChange({ ...invoice, status: as, givenBack: back.value }, 'invoice.voided', at, cause)) : back;
}
