import type { InvoiceLineResource } from '../shared/contracts/invoice-resource.ts';
import type { Money } from '../shared/money.ts';
import type { Instant, Period } from '../shared/time.ts';

/**
 * The facts behind a line: `base * numerator / denominator`, rounded half away from zero, is its
 * amount.
 */
export type Explanation = {
  readonly rule: string;
  readonly unit: 'day' | 'second';
  readonly numerator: number;
  readonly denominator: number;
  readonly base: number;
};

/**
 * The discount of one coupon in minor units; `shares` are its parts of the lines, in their order.
 */
export type Discount = {
  readonly couponId: string;
  readonly name: string;
  readonly percent: number | null;
  readonly base: number;
  readonly amount: number;
  readonly shares: readonly number[];
};

/** One line as the subscription requests it: amounts in minor units, credits negative. */
export type RequestedLine = {
  readonly kind: Exclude<InvoiceLineResource['kind'], 'discount'>;
  /** The plan or add-on that the line charges; null for one-off charges. */
  readonly planId: string | null;
  readonly planVersion: number | null;
  /** The plan's name by language. */
  readonly name: Readonly<Record<string, string>>;
  readonly quantity: number;
  readonly amount: number;
  /** Its share of the discounts, never negative. */
  readonly discount: number;
  readonly period: Period;
  readonly explanation: Explanation;
};

/** The content of an invoice without tax, account credit and number. */
export type InvoiceRequest = {
  readonly invoiceId: string;
  readonly cause: string;
  readonly currency: string;
  readonly taxBehaviour: 'inclusive' | 'exclusive';
  readonly period: Period;
  readonly lines: readonly RequestedLine[];
  readonly discounts: readonly Discount[];
};

/** The fields of a subscription's event that decide when it bills. */
export type Billing = {
  readonly status?: string;
  readonly nextBillingAt?: Instant | null;
  readonly currentPeriod?: Period | null;
  readonly price?: Pick<Money, 'currency'>;
};

/**
 * The part of a subscription's event that invoicing reads; `previous` has the changed fields as
 * they were before.
 */
export type SubscriptionEventData = {
  readonly subscription: { readonly id: string; readonly customerId: string } & Billing;
  readonly previous?: Billing;
  readonly invoice?: InvoiceRequest | null;
  /** Credit lines that are refunded to the payment method. */
  readonly refunds?: readonly (RequestedLine & { readonly creditedInvoiceId: string | null })[];
  readonly closes?: readonly { readonly invoiceId: string; readonly as: 'void' | 'uncollectible' }[];
};
