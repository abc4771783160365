import type { InvoiceLineResource } from '../shared/contracts/invoice-resource.ts';
import type { Money } from '../shared/money.ts';
import type { Instant, Period } from '../shared/time.ts';

/** Why a line costs what it costs; the numbers multiply to its amount before rounding half away from zero. */
export type Explanation = {
  readonly rule: string;
  readonly unit: 'day' | 'second';
  readonly numerator: number;
  readonly denominator: number;
  readonly base: number;
};

/** What one coupon takes off; `shares` are its parts of the lines, in their order. */
export type Discount = {
  readonly couponId: string;
  readonly name: string;
  readonly percent: number | null;
  readonly base: number;
  readonly amount: number;
  readonly shares: readonly number[];
};

/** One line as the subscription asks for it: amounts in minor units, credits negative. */
export type RequestedLine = {
  readonly kind: Exclude<InvoiceLineResource['kind'], 'discount'>;
  /** Null for what no plan charges. */
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

/** Everything about an invoice but tax, account credit and the number. */
export type InvoiceRequest = {
  readonly invoiceId: string;
  readonly cause: string;
  readonly currency: string;
  readonly taxBehaviour: 'inclusive' | 'exclusive';
  readonly period: Period;
  readonly lines: readonly RequestedLine[];
  readonly discounts: readonly Discount[];
};

/** When it bills, as far as its event tells. */
export type Billing = {
  readonly status?: string;
  readonly nextBillingAt?: Instant | null;
  readonly currentPeriod?: Period | null;
  readonly price?: Pick<Money, 'currency'>;
};

/** What invoicing reads of a subscription's event; `previous` is what the fields that changed were before. */
export type SubscriptionEventData = {
  readonly subscription: { readonly id: string; readonly customerId: string } & Billing;
  readonly previous?: Billing;
  readonly invoice?: InvoiceRequest | null;
  /** Credit lines that go back to where the money came from. */
  readonly refunds?: readonly (RequestedLine & { readonly creditedInvoiceId: string | null })[];
  readonly closes?: readonly { readonly invoiceId: string; readonly as: 'void' | 'uncollectible' }[];
};
