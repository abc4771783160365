import type { MarqueeEvent } from '../shared/events.ts';
import type { Consolidation, InvoiceLineResource, PaymentAttempt } from '../shared/invoice-resource.ts';
import type { PaymentResource, RefundResource } from '../shared/payment-resource.ts';
import { accept, type Result, reject } from '../shared/result.ts';
import type { Instant, Period } from '../shared/time.ts';
import type { CreditNote } from './credit-note/credit-note.ts';
import { type AskedBack, type GivenBack, givenBackBy } from './credit-note/giving-back.ts';
import type { InvoiceDispute } from './disputes.ts';
import type { Seller } from './legal-entity/legal-entity.ts';
import { amountRemaining, type Settlement } from './settlement.ts';
import type { Discount, Explanation } from './subscription-events.ts';
import type { TaxTotal } from './tax/question.ts';

export type InvoiceLine = InvoiceLineResource & {
  readonly kind: Exclude<InvoiceLineResource['kind'], 'discount'>;
  /** After discounts and without tax. */
  readonly net: number;
  readonly planId: string | null;
  readonly planVersion: number | null;
  readonly explanation: Explanation;
};

export type InvoiceEventType =
  | 'invoice.finalised'
  | 'invoice.payment-recorded'
  | 'invoice.paid'
  | 'invoice.reopened'
  | 'invoice.voided'
  | 'invoice.marked-uncollectible';

/** One change of status: the source of the event that tells of it, so that the same event can be published again after a crash. */
export type InvoiceChange = { readonly type: InvoiceEventType; readonly sequence: number; readonly at: Instant; readonly cause: string };

/** The customer as they were when the invoice was made; later changes of theirs do not reach it. */
export type BilledTo = {
  readonly name: string;
  readonly email: string;
  readonly country: string;
  readonly locale: string;
  readonly timezone: string;
  readonly address: Readonly<Record<string, string>> | null;
  readonly vatId: string | null;
  readonly taxExempt: boolean;
};

/** An answer of the gateway. `excess`: minor units that came though nobody owed them any more; they are account credit. */
type Attempt = PaymentAttempt & { readonly event: string; readonly excess?: number };

/** What is enough to go on with a settlement after a crash: of credit, what can be put aside; of money, all of it. */
export type SettlementMark = { readonly id: string; readonly at: Instant; readonly manual: Settlement | null };

export type InvoiceRefund = {
  readonly id: string;
  readonly amount: number;
  readonly at: Instant;
  readonly to: RefundResource['to'];
  readonly creditNoteId: string | null;
  /** It made the invoice open again. */
  readonly reopened?: boolean;
};

/**
 * A finalised invoice. Lines, tax and number never change; what changes is who paid what (`attempts`, `amountPaid`) and the status,
 * which only moves `open -> paid | void | uncollectible`, `uncollectible -> paid | void`, and `paid -> open` by a refund that asks for it.
 */
export type Invoice = {
  readonly _id: string;
  readonly number: string;
  readonly status: 'open' | 'paid' | 'void' | 'uncollectible';
  readonly customerId: string;
  readonly subscriptionId: string;
  readonly billedTo: BilledTo;
  readonly seller: Seller;
  readonly cause: string;
  readonly causeEvent: string;
  readonly createdAt: Instant;
  readonly issuedAt: Instant;
  readonly dueAt: Instant;
  readonly period: Period;
  readonly lines: readonly InvoiceLine[];
  readonly discounts: readonly Discount[];
  readonly taxBehaviour: 'inclusive' | 'exclusive';
  readonly taxes: readonly TaxTotal[];
  readonly subtotal: number;
  readonly discount: number;
  readonly tax: number;
  readonly total: number;
  readonly creditApplied: number;
  /** What a negative sum gave to the account credit; the total is then 0. */
  readonly creditGranted: number;
  readonly amountDue: number;
  readonly amountPaid: number;
  readonly currency: string;
  readonly attempts: readonly Attempt[];
  readonly changes: readonly InvoiceChange[];
  /** What paid it, or part of it, beside its payment after it was finalised. */
  readonly settlements?: readonly Settlement[];
  /** Which settlement is about to pay, or has and its events are not known to be out. One at a time. */
  readonly settling?: SettlementMark | null;
  readonly testClock: string | null;
  /** Shares its number with others, among which it has this place from 0. */
  readonly consolidation?: Consolidation & { readonly position: number };
  readonly creditNotes: readonly CreditNote[];
  /** Money that went back, with or without a credit note. */
  readonly refunds?: readonly InvoiceRefund[];
  readonly disputes?: readonly InvoiceDispute[];
  readonly refundState?: 'refunded' | 'partially-refunded';
  /** What its void gave back, once it is void. */
  readonly givenBack?: GivenBack;
  /** Some credit note is not known to be given and out. */
  readonly notesOwed?: boolean;
  /** Closed on request, and the event of it is not known to be out. */
  readonly announcementOwed?: boolean;
  /** Counts writes; every change is a compare-and-set on it. */
  readonly revision: number;
};

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

/** Minor units that a payment brought though nobody owed them any more: they belong to the customer. */
export const excessOf = ({ attempts }: Invoice, event: string): number => attempts.find((attempt) => attempt.event === event)?.excess ?? 0;

/** Minor units of money that pay this invoice: what came, less what came in excess. */
export const moneyKept = ({ amountPaid, attempts }: Invoice): number =>
  amountPaid - attempts.reduce((sum, { excess = 0 }) => sum + excess, 0);

export const isSettledBy = ({ settlements = [] }: Invoice, id: string): boolean => settlements.some((settlement) => settlement.id === id);

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

/** Minor units that went back and are due again. */
export const amountReopened = ({ refunds = [] }: Invoice): number =>
  refunds.reduce((sum, { amount, reopened }) => (reopened ? sum + amount : sum), 0);

/** Minor units of money that went back and stayed away. */
export const amountRefunded = ({ refunds = [] }: Invoice): number => refunds.reduce((sum, { amount }) => sum + amount, 0);

/** Ends an invoice unpaid. Doing so again changes nothing; a paid one is refused with `invoice-not-open`, and for what is asked back see there. */
export function closed(invoice: Invoice, as: 'void' | 'uncollectible', at: Instant, cause: string, asked?: AskedBack): Result<Invoice> {
  if (invoice.status === as) return accept(invoice);
  if (invoice.status !== 'open' && !(as === 'void' && invoice.status === 'uncollectible'))
    return reject('invoice-not-open', `The invoice ${invoice._id} is ${invoice.status}.`);
  if (as === 'uncollectible') return accept(withChange({ ...invoice, status: as }, 'invoice.marked-uncollectible', at, cause));
  const back = givenBackBy(invoice, asked);
  return back.ok ? accept(withChange({ ...invoice, status: as, givenBack: back.value }, 'invoice.voided', at, cause)) : back;
}
