import {
  eventId,
  type InvoiceLineResource,
  type InvoiceResource,
  type MarqueeEvent,
  newEvent,
  type PaymentAttempt,
  type PaymentResource,
  type RefundResource,
} from '../shared/events.ts';
import { accept, type Result, reject } from '../shared/result.ts';
import type { Instant, Period } from '../shared/time.ts';
import type { CreditNote } from './credit-note.ts';
import type { Seller } from './legal-entity.ts';
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

export type InvoiceEventType = 'invoice.finalised' | 'invoice.paid' | 'invoice.voided' | 'invoice.marked-uncollectible';

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

export type InvoiceRefund = {
  readonly id: string;
  readonly amount: number;
  readonly at: Instant;
  readonly to: RefundResource['to'];
  readonly creditNoteId: string | null;
};

/**
 * A finalised invoice. Lines, tax and number never change; what changes is who paid what (`attempts`, `amountPaid`) and the status,
 * which only moves `open -> paid | void | uncollectible` and `uncollectible -> paid | void`.
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
  readonly attempts: readonly (PaymentAttempt & { readonly event: string })[];
  readonly changes: readonly InvoiceChange[];
  /** What account credit paid after it was finalised: all that was due. */
  readonly creditSettled?: number;
  /** Account credit is about to pay it, or has and the event of it is not known to be out. */
  readonly settling?: boolean;
  readonly testClock: string | null;
  readonly creditNotes: readonly CreditNote[];
  /** Money that went back, with or without a credit note. */
  readonly refunds?: readonly InvoiceRefund[];
  readonly refundState?: 'refunded' | 'partially-refunded';
  /** Some credit note is not known to be given and out. */
  readonly notesOwed?: boolean;
  /** Closed on request, and the event of it is not known to be out. */
  readonly announcementOwed?: boolean;
  /** Counts writes; every change is a compare-and-set on it. */
  readonly revision: number;
};

const withChange = (invoice: Invoice, type: InvoiceEventType, at: Instant, cause: string): Invoice => ({
  ...invoice,
  changes: [...invoice.changes, { type, sequence: invoice.changes.length + 1, at, cause }],
});

/** Counts a gateway's answer once, by its event's id. Money that arrives makes an open or uncollectible invoice paid; a void one stays void. */
export function withPayment(invoice: Invoice, event: MarqueeEvent<PaymentResource>, at: Instant): Invoice {
  if (invoice.attempts.some((attempt) => attempt.event === event.id)) return invoice;
  const { amount, declineCode } = event.data;
  const outcome =
    event.type === 'payment.succeeded' ? 'succeeded' : event.type === 'payment.action-required' ? 'action-required' : 'declined';
  const attempted = { ...invoice, attempts: [...invoice.attempts, { at: event.time, outcome, declineCode, event: event.id } as const] };
  if (outcome !== 'succeeded' || invoice.status === 'paid') return attempted;
  const received = { ...attempted, amountPaid: amount };
  return invoice.status === 'void' ? received : withChange({ ...received, status: 'paid' }, 'invoice.paid', at, event.id);
}

/** Counts a refund once, by its id. The invoice stays paid: it is corrected by a credit note, or not at all. */
export function withRefund(invoice: Invoice, { id, amount, to, creditNoteId, settledAt, createdAt }: RefundResource): Invoice {
  const { refunds = [] } = invoice;
  if (refunds.some((refund) => refund.id === id)) return invoice;
  const after = { ...invoice, refunds: [...refunds, { id, amount, at: settledAt ?? createdAt, to, creditNoteId }] };
  return { ...after, refundState: amountRefunded(after) >= invoice.amountPaid ? 'refunded' : 'partially-refunded' };
}

const amountRefunded = ({ refunds = [] }: Invoice): number => refunds.reduce((sum, { amount }) => sum + amount, 0);

/** What the invoice is for the eye: one whose money went back is no longer simply paid. */
const shownStatus = ({ status, refundState }: Invoice): InvoiceResource['status'] =>
  status === 'paid' && refundState !== undefined ? refundState : status;

/** Money that came for an invoice that was voided, or paid by credit, meanwhile: it belongs to the customer. */
export const isOverpaidBy = (invoice: Invoice, event: MarqueeEvent<PaymentResource>): boolean =>
  event.type === 'payment.succeeded' && (invoice.status === 'void' || invoice.creditSettled !== undefined);

/** Account credit pays what is due, so that no payment is made. A repeat, or one that is not open any more, changes nothing. */
export const settledByCredit = (invoice: Invoice, amount: number, at: Instant): Invoice =>
  invoice.status === 'open'
    ? withChange({ ...invoice, status: 'paid', creditSettled: amount }, 'invoice.paid', at, 'credit')
    : { ...invoice, settling: false };

/** Ends an invoice unpaid. Doing so again changes nothing; a paid one is refused with `invoice-not-open`. */
export function closed(invoice: Invoice, as: 'void' | 'uncollectible', at: Instant, cause: string): Result<Invoice> {
  if (invoice.status === as) return accept(invoice);
  if (invoice.status !== 'open' && !(as === 'void' && invoice.status === 'uncollectible'))
    return reject('invoice-not-open', `The invoice ${invoice._id} is ${invoice.status}.`);
  return accept(withChange({ ...invoice, status: as }, as === 'void' ? 'invoice.voided' : 'invoice.marked-uncollectible', at, cause));
}

type ShownLine = InvoiceLineResource & { readonly planId: string | null };

const lineResource = ({
  kind,
  description,
  amount,
  discount,
  quantity,
  period,
  taxRate,
  taxCategory,
  tax,
  planId,
}: InvoiceLine): ShownLine => ({
  kind,
  description,
  amount,
  discount,
  quantity,
  period,
  taxRate,
  taxCategory,
  tax,
  planId,
});

/** What a coupon takes off is a line of its own for the eye; its tax is in the lines it is taken off from. */
const discountLine = ({ name, amount }: Discount): ShownLine => ({
  kind: 'discount',
  description: name,
  amount: 0 - amount,
  discount: 0,
  quantity: 1,
  period: null,
  taxRate: '0',
  taxCategory: 'O',
  tax: 0,
  planId: null,
});

type ShownCorrections = { readonly creditGranted: number; readonly credited: number; readonly amountRefunded: number };

/** The invoice as the API and its events show it. */
export const invoiceResource = (invoice: Invoice): InvoiceResource & ShownCorrections => ({
  id: invoice._id,
  number: invoice.number,
  status: shownStatus(invoice),
  customerId: invoice.customerId,
  subscriptionId: invoice.subscriptionId,
  issuedAt: invoice.issuedAt,
  dueAt: invoice.dueAt,
  period: invoice.period,
  lines: [...invoice.lines.map(lineResource), ...invoice.discounts.map(discountLine)],
  subtotal: invoice.subtotal,
  discount: invoice.discount,
  tax: invoice.tax,
  taxes: invoice.taxes,
  total: invoice.total,
  creditApplied: invoice.creditApplied + (invoice.creditSettled ?? 0),
  creditGranted: invoice.creditGranted,
  amountDue: invoice.amountDue - (invoice.creditSettled ?? 0),
  amountPaid: invoice.amountPaid,
  currency: invoice.currency,
  credited: invoice.creditNotes.reduce((sum, { total }) => sum + total, 0),
  amountRefunded: amountRefunded(invoice),
  attempts: invoice.attempts.map(({ at, outcome, declineCode }) => ({ at, outcome, declineCode })),
  testClock: invoice.testClock,
});

/** The invoice as it was when it was finalised, for a repeat of that event after more has happened. */
const asFinalised = ({ creditSettled: _, ...invoice }: Invoice): Invoice => ({
  ...unrefunded(invoice),
  status: invoice.amountDue === 0 ? 'paid' : 'open',
  amountPaid: 0,
  attempts: [],
  creditNotes: [],
});

/** A change of status is told as it was then, whatever went back since; refunds have events of their own. */
const unrefunded = ({ refunds: _, refundState: __, ...invoice }: Invoice): Invoice => invoice;

/** The event that tells of one change. Made from the stored document alone, so that a repeat has the same id, time and number. */
export const changeEvent = (invoice: Invoice, { type, sequence, at }: InvoiceChange): MarqueeEvent<InvoiceResource> =>
  newEvent({
    type,
    subject: invoice._id,
    sequence,
    time: at,
    customerId: invoice.customerId,
    testClock: invoice.testClock,
    data: invoiceResource(type === 'invoice.finalised' ? asFinalised(invoice) : unrefunded(invoice)),
  });

/** The events that follow from one cause: none where it changed no status. */
export const eventsCausedBy = (invoice: Invoice, cause: string): readonly MarqueeEvent<InvoiceResource>[] =>
  invoice.changes.filter((change) => change.cause === cause).map((change) => changeEvent(invoice, change));

export const finalisedEventId = (invoiceId: string): string => eventId(invoiceId, 1);
