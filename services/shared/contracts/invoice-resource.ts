import type { Instant, Period } from '../time.ts';

export type InvoiceStatus = 'draft' | 'open' | 'paid' | 'void' | 'uncollectible' | 'refunded' | 'partially-refunded';

export type InvoiceLineResource = {
  readonly kind: 'recurring' | 'credit' | 'discount' | 'one-off' | 'add-on';
  readonly description: string;
  readonly amount: number;
  /** Its share of the invoice's discounts, never negative. */
  readonly discount: number;
  readonly quantity: number;
  readonly period: Period | null;
  /** A decimal such as `0.19`, and the EN 16931 category (UNCL5305). */
  readonly taxRate: string;
  readonly taxCategory: string;
  readonly tax: number;
};

/** The tax of one rate over the invoice. */
export type InvoiceTaxResource = {
  readonly category: string;
  readonly rate: string;
  readonly taxable: number;
  readonly tax: number;
  readonly reason: string | null;
  readonly note: string | null;
  /** As the law of the place calls it: `USt.`, `VAT`, `GST`, `Sales tax`. */
  readonly name: string;
  readonly jurisdiction: string;
};

/** `data` of `invoice.finalised`, `invoice.paid`, `invoice.voided`, `invoice.marked-uncollectible`: api.md, Invoices. Amounts in minor units of `currency`. */
export type InvoiceResource = {
  readonly id: string;
  readonly number: string;
  readonly status: InvoiceStatus;
  readonly customerId: string;
  readonly subscriptionId: string;
  readonly issuedAt: Instant;
  readonly dueAt: Instant;
  readonly period: Period;
  readonly lines: readonly InvoiceLineResource[];
  readonly subtotal: number;
  readonly discount: number;
  readonly tax: number;
  readonly taxes: readonly InvoiceTaxResource[];
  readonly total: number;
  readonly creditApplied: number;
  readonly amountDue: number;
  readonly amountPaid: number;
  readonly currency: string;
  readonly attempts: readonly PaymentAttempt[];
  /** What paid it beside its payment: account credit, or money that came by hand. */
  readonly settlements?: readonly SettlementResource[];
  /** Refunds that left so much due again. */
  readonly reopened?: readonly { readonly refundId: string; readonly amount: number }[];
  /** What its void gave back, as account credit and as money; null while it is not void. */
  readonly givenBack?: { readonly credit: number; readonly refund: number } | null;
  readonly testClock: string | null;
  /** In `invoice.finalised` of one that shares its number and its charge with others. */
  readonly consolidation?: Consolidation;
};
export type SettlementResource = {
  readonly id: string;
  readonly kind: 'credit' | 'manual';
  readonly amount: number;
  readonly at: Instant;
  readonly receipt: {
    readonly method: string;
    readonly reference: string;
    readonly proof: string | null;
    readonly receivedAt: Instant;
  } | null;
};
/** Invoices of one customer and day that are one document: one number, one charge. `amountDue` is each one's as it was finalised. */
export type Consolidation = { readonly id: string; readonly number: string; readonly members: readonly ConsolidatedInvoice[] };
export type ConsolidatedInvoice = { readonly invoiceId: string; readonly subscriptionId: string; readonly amountDue: number };
export type PaymentAttempt = {
  readonly at: Instant;
  readonly outcome: 'succeeded' | 'declined' | 'action-required';
  readonly declineCode: string | null;
};
