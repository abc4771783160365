import type { Period } from '../../../services/shared/time.ts';

/**
 * The calculation of a line; the numbers multiply to its amount before rounding half away from
 * zero.
 */
export type Explanation = {
  readonly rule: 'full-period' | 'partial-period' | 'unused-time' | 'blocked-time' | 'whole-period-returned' | 'one-off' | 'early-exit';
  readonly unit: 'day' | 'second';
  readonly numerator: number;
  readonly denominator: number;
  /**
   * Minor units for the whole of the denominator: price times quantity, or the amount really
   * charged.
   */
  readonly base: number;
};

export type InvoiceLine = {
  readonly kind: 'recurring' | 'add-on' | 'one-off' | 'credit';
  /** Null for a one-off charge, which belongs to no plan. */
  readonly planId: string | null;
  readonly planVersion: number | null;
  readonly name: Readonly<Record<string, string>>;
  readonly quantity: number;
  /** Minor units of the request's currency; credits are negative. */
  readonly amount: number;
  /**
   * Its share of the invoice's discounts, minor units, never negative: the amount really charged is
   * `amount - discount`.
   */
  readonly discount: number;
  readonly period: Period;
  readonly explanation: Explanation;
  /** For a credit: the invoice on which the returned time was charged. */
  readonly creditedInvoiceId: string | null;
};

/**
 * The discount of one coupon. `base` is the amount that it applied to; `shares` are its parts of
 * the lines, in their order.
 */
export type Discount = {
  readonly couponId: string;
  readonly name: string;
  readonly percent: number | null;
  readonly base: number;
  readonly amount: number;
  readonly shares: readonly number[];
};

export type InvoiceCause = 'first' | 'renewal' | 'change' | 'cancellation' | 'pause' | 'resume' | 'recovery' | 'one-off';

/**
 * The request to invoicing to finalise an invoice: everything but tax, account credit and the
 * number.
 */
export type InvoiceRequest = {
  readonly invoiceId: string;
  readonly cause: InvoiceCause;
  readonly currency: string;
  readonly taxBehaviour: 'inclusive' | 'exclusive';
  readonly period: Period;
  readonly lines: readonly InvoiceLine[];
  readonly discounts: readonly Discount[];
  /** The pending charges among its lines. */
  readonly chargeIds: readonly string[];
};
