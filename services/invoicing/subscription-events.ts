import type { InvoiceLineResource } from '../shared/events.ts';
import type { Period } from '../shared/time.ts';

/** Why a line costs what it costs; the numbers multiply to its amount before rounding half away from zero. */
export type Explanation = {
  readonly rule: string;
  readonly unit: 'day' | 'second';
  readonly numerator: number;
  readonly denominator: number;
  readonly base: number;
};

/** One line as the subscription asks for it: amounts in minor units, credits and discounts negative. */
export type RequestedLine = {
  readonly kind: InvoiceLineResource['kind'];
  readonly planId: string;
  readonly planVersion: number;
  /** The plan's name by language. */
  readonly name: Readonly<Record<string, string>>;
  readonly quantity: number;
  readonly amount: number;
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
};

/** What invoicing reads of a subscription's event. */
export type SubscriptionHappened = {
  readonly subscription: { readonly id: string; readonly customerId: string };
  readonly invoice?: InvoiceRequest | null;
  readonly closes?: readonly { readonly invoiceId: string; readonly as: 'void' | 'uncollectible' }[];
};
