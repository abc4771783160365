import type { EventTypeOf } from '../shared/contracts/events.ts';
import type { Discount, Explanation } from '../shared/contracts/invoice-request.ts';
import type { Consolidation, InvoiceLineResource, PaymentAttempt } from '../shared/contracts/invoice-resource.ts';
import type { RefundResource } from '../shared/contracts/payment-resource.ts';
import type { Instant, Period } from '../shared/time.ts';
import type { Seller } from './legal-entity/legal-entity.ts';
import type { TaxTotal } from './tax/tax-calculator.ts';

export type InvoiceLine = InvoiceLineResource & {
  readonly kind: Exclude<InvoiceLineResource['kind'], 'discount'>;
  /** After discounts and without tax. */
  readonly net: number;
  readonly planId: string | null;
  readonly planVersion: number | null;
  readonly explanation: Explanation;
};

/**
 * One recorded change. Its event is made from it, so that the same event can be published again
 * after a crash.
 */
export type InvoiceChange = {
  readonly type: EventTypeOf<'invoice'>;
  readonly sequence: number;
  readonly at: Instant;
  readonly cause: string;
};

/** The customer as they were when the invoice was made; later changes do not affect it. */
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

/**
 * An outcome of the gateway. `excess`: minor units that were overpaid and became account credit.
 */
export type Attempt = PaymentAttempt & { readonly event: string; readonly excess?: number };

/**
 * Funds that are about to be applied, so that the application can continue after a crash: `manual`
 * is the whole offline payment, or null for account credit, whose amount is reserved in its ledger.
 * Only the holder of `token` applies them or returns them. `heldSince` (system time) shows when it
 * took them; both are absent where they have no holder, and in rows of earlier versions.
 * `isReturning`: the funds are being returned, and are not applied any more.
 */
export type PendingFunds = {
  readonly id: string;
  readonly at: Instant;
  readonly manual: AppliedFunds | null;
  readonly token?: string;
  readonly heldSince?: Instant;
  readonly isReturning?: boolean;
};

export type InvoiceRefund = {
  readonly id: string;
  readonly amount: number;
  readonly at: Instant;
  readonly to: RefundResource['to'];
  readonly creditNoteId: string | null;
  /** The refund made the invoice open again. */
  readonly reopened?: boolean;
};

/**
 * A finalised invoice. Lines, tax and number never change. Payments (`attempts`, `amountPaid`) and
 * the status do, which only moves `open -> paid | void | uncollectible`,
 * `uncollectible -> paid | void`, and `paid -> open` by a refund that requests it.
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
  /** Account credit that a negative sum granted; the total is then 0. */
  readonly creditGranted: number;
  readonly amountDue: number;
  readonly amountPaid: number;
  readonly currency: string;
  readonly attempts: readonly Attempt[];
  readonly changes: readonly InvoiceChange[];
  /** Account credit and offline payments that were applied after it was finalised. */
  readonly settlements?: readonly AppliedFunds[];
  /** Funds that are being applied, or whose events may not be published. One at a time. */
  readonly settling?: PendingFunds | null;
  readonly testClock: string | null;
  /**
   * The consolidated invoice that it is a part of; `position` counts from 0. Its members are stored
   * once, in the consolidation; invoices of earlier versions have them too.
   */
  readonly consolidation?: Omit<Consolidation, 'members'> & Partial<Pick<Consolidation, 'members'>> & { readonly position: number };
  readonly creditNotes: readonly CreditNote[];
  /** Refunds, with or without a credit note. */
  readonly refunds?: readonly InvoiceRefund[];
  readonly disputes?: readonly InvoiceDispute[];
  readonly refundState?: 'refunded' | 'partially-refunded';
  /** The amounts that its void returned; present once it is void. */
  readonly givenBack?: VoidReturn;
  /** A credit note may be unnumbered, ungranted or unpublished. */
  readonly notesOwed?: boolean;
  /**
   * Credit notes of cancellations that the invoice cannot have yet; absent where there are none.
   */
  readonly promisedNotes?: readonly PromisedNote[];
  /** Ids of promised notes for which nothing was left to credit. */
  readonly lapsedNotes?: readonly string[];
  /** The invoice was closed on request, and its event may not be published. */
  readonly announcementOwed?: boolean;
  /** Counts writes; every change is a compare-and-set on it. */
  readonly revision: number;
};

/** Account credit or an offline payment that paid an invoice or a part of it. Minor units. */
export type AppliedFunds = {
  readonly id: string;
  readonly kind: 'credit' | 'manual';
  readonly amount: number;
  readonly at: Instant;
  /** How the money of an offline payment arrived; null for credit. */
  readonly receipt: Receipt | null;
};

export type Receipt = {
  readonly method: 'bank-transfer' | 'cash' | 'cheque' | 'other';
  readonly reference: string;
  /** Address of the document that proves the receipt. */
  readonly proof: string | null;
  readonly receivedAt: Instant;
};

/** Minor units that a void returns: as account credit, and as a refund. */
export type VoidReturn = { readonly credit: number; readonly refund: number };

/** Money of the invoice that the bank has withdrawn, or had. */
export type InvoiceDispute = {
  readonly id: string;
  /** Minor units. */
  readonly amount: number;
  readonly status: 'open' | 'lost' | 'won';
  readonly at: Instant;
  /**
   * Sequence of the event with this status: the highest one counts, in whatever order events
   * arrive.
   */
  readonly sequence: number;
};

/**
 * The credited part of one line, in minor units. `amount` is in the terms of what the customer had
 * to pay, and `amount = net + tax`.
 */
export type CreditedLine = { readonly line: number; readonly amount: number; readonly net: number; readonly tax: number };

/**
 * A credit note that a cancellation has promised, before it can be issued: while the invoice is not
 * paid (any more), or while a bank holds its money. `amounts` are minor units of lines.
 */
export type PromisedNote = {
  readonly id: string;
  readonly amounts: readonly { readonly line: number; readonly amount: number }[];
  readonly at: Instant;
};

/**
 * A correction of a finalised invoice, which itself never changes. Notes are kept in their invoice,
 * so that one write counts all of them.
 */
export type CreditNote = {
  readonly id: string;
  /** Empty until the note is numbered, which is before it is published. */
  readonly number: string;
  readonly issuedAt: Instant;
  readonly reason: string;
  readonly lines: readonly CreditedLine[];
  readonly net: number;
  readonly tax: number;
  readonly total: number;
  /** Part of the total that is refunded; the rest is account credit. */
  readonly refund: number;
};
