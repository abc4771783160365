import type { Consolidation, InvoiceLineResource, PaymentAttempt } from '../shared/contracts/invoice-resource.ts';
import type { RefundResource } from '../shared/contracts/payment-resource.ts';
import type { Instant, Period } from '../shared/time.ts';
import type { Seller } from './legal-entity/legal-entity.ts';
import type { Discount, Explanation } from './subscription-events.ts';
import type { TaxTotal } from './tax/tax-calculator.ts';

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
export type Attempt = PaymentAttempt & { readonly event: string; readonly excess?: number };

/** What is enough to go on with a settlement after a crash: of credit, what can be put aside; of money, all of it. */
export type PendingFunds = { readonly id: string; readonly at: Instant; readonly manual: AppliedFunds | null };

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
  readonly settlements?: readonly AppliedFunds[];
  /** Which settlement is about to pay, or has and its events are not known to be out. One at a time. */
  readonly settling?: PendingFunds | null;
  readonly testClock: string | null;
  /** Shares its number with others, among which it has this place from 0. */
  readonly consolidation?: Consolidation & { readonly position: number };
  readonly creditNotes: readonly CreditNote[];
  /** Money that went back, with or without a credit note. */
  readonly refunds?: readonly InvoiceRefund[];
  readonly disputes?: readonly InvoiceDispute[];
  readonly refundState?: 'refunded' | 'partially-refunded';
  /** What its void gave back, once it is void. */
  readonly givenBack?: VoidReturn;
  /** Some credit note is not known to be given and out. */
  readonly notesOwed?: boolean;
  /** Closed on request, and the event of it is not known to be out. */
  readonly announcementOwed?: boolean;
  /** Counts writes; every change is a compare-and-set on it. */
  readonly revision: number;
};

/** What paid an invoice, or part of it, beside its payment: account credit, or money that somebody saw arrive. Minor units. */
export type AppliedFunds = {
  readonly id: string;
  readonly kind: 'credit' | 'manual';
  readonly amount: number;
  readonly at: Instant;
  /** How and where money came, and where its proof is; null for credit. */
  readonly receipt: Receipt | null;
};

export type Receipt = {
  readonly method: 'bank-transfer' | 'cash' | 'cheque' | 'other';
  readonly reference: string;
  /** Where the proof of it is kept, such as a document's address. */
  readonly proof: string | null;
  readonly receivedAt: Instant;
};

/** Minor units that a void gives back: as account credit, and as money. */
export type VoidReturn = { readonly credit: number; readonly refund: number };

/** Money of the invoice that a bank has taken back, or had. */
export type InvoiceDispute = {
  readonly id: string;
  /** Minor units. */
  readonly amount: number;
  readonly status: 'open' | 'lost' | 'won';
  readonly at: Instant;
  /** Of the event that said so: a later one counts, whichever comes first. */
  readonly sequence: number;
};

/** What a note gives back of one line, in minor units: `amount` is what the customer had to pay for it, and `amount = net + tax`. */
export type CreditedLine = { readonly line: number; readonly amount: number; readonly net: number; readonly tax: number };

/** A correction of a finalised invoice, which itself never changes. Kept with its invoice, so that all notes of one are counted in one write. */
export type CreditNote = {
  readonly id: string;
  /** Empty until it is numbered, which is before anybody hears of it. */
  readonly number: string;
  readonly issuedAt: Instant;
  readonly reason: string;
  readonly lines: readonly CreditedLine[];
  readonly net: number;
  readonly tax: number;
  readonly total: number;
  /** What of the total goes back to where the money came from; the rest is account credit. */
  readonly refund: number;
};
