import type { InvoiceResource } from '../shared/contracts/invoice-resource.ts';
import type { Instant } from '../shared/time.ts';

/**
 * One paid invoice, or something that went back of one: amounts in minor units of `currency`, day and month in UTC. Written once, never
 * changed.
 */
export type RevenueFact = {
  /** The id of the invoice, or of what went back. */
  readonly _id: string;
  /** 1 for an invoice, 0 for what went back of one. */
  readonly invoices: number;
  readonly paidAt: Instant;
  readonly day: string;
  readonly month: string;
  readonly currency: string;
  readonly total: number;
  /** Negative where the invoice gives back more than it charges. */
  readonly tax: number;
  /** What the invoice gave to account credit; its total is then 0. */
  readonly creditGranted: number;
  /** What account credit paid of the total. */
  readonly creditApplied: number;
  /** What a credit note took off, with its tax. */
  readonly credited: number;
  readonly creditedTax: number;
  /** Money that went back to a payment method. */
  readonly refunded: number;
  /** Money that a bank took back; negative where it brought it again. */
  readonly disputed: number;
  readonly customerId: string;
  readonly subscriptionId: string;
  readonly country: string;
  readonly plan: string;
  readonly testClock: string | null;
};

const amounts = ['invoices', 'total', 'tax', 'creditGranted', 'creditApplied', 'credited', 'creditedTax', 'refunded', 'disputed'] as const;
export type Amounts = Pick<RevenueFact, (typeof amounts)[number]>;

export const noRevenue = Object.fromEntries(amounts.map((amount) => [amount, 0])) as Amounts;

/** How the database sums the facts of a group. */
export const sumOfAmounts = Object.fromEntries(amounts.map((amount) => [amount, { $sum: `$${amount}` }]));

/** A row of the report: what was earned after credit notes, and what money came in and stayed. */
export const revenueRow = ({ creditedTax, ...sums }: Amounts) => ({
  invoices: sums.invoices,
  net: sums.total - sums.creditGranted - sums.tax - (sums.credited - creditedTax),
  tax: sums.tax - creditedTax,
  total: sums.total,
  creditGranted: sums.creditGranted,
  creditApplied: sums.creditApplied,
  credited: sums.credited,
  refunded: sums.refunded,
  disputed: sums.disputed,
  collected: sums.total - sums.creditApplied - sums.refunded - sums.disputed,
});

type PaidInvoice = InvoiceResource & { readonly creditGranted?: number };

/**
 * The fact behind an invoice that is paid, by money or by credit, or that gives credit back. Its plan is the one its subscription was on then, its country the
 * customer's then. Nothing for an invoice over nothing.
 */
export function revenueFactOf(invoice: PaidInvoice, paidAt: Instant, plan: string, country: string): RevenueFact | undefined {
  const { creditGranted = 0 } = invoice;
  if (invoice.status !== 'paid' || (invoice.total === 0 && creditGranted === 0)) return undefined;
  return {
    ...noRevenue,
    _id: invoice.id,
    invoices: 1,
    paidAt,
    day: paidAt.slice(0, 10),
    month: paidAt.slice(0, 7),
    currency: invoice.currency,
    total: invoice.total,
    tax: invoice.tax,
    creditGranted,
    creditApplied: invoice.creditApplied,
    customerId: invoice.customerId,
    subscriptionId: invoice.subscriptionId,
    country,
    plan,
    testClock: invoice.testClock,
  };
}

export type Grouping = 'day' | 'month' | 'plan' | 'country';

export const revenueColumns = (groupBy: Grouping): readonly string[] => [groupBy, 'currency', ...Object.keys(revenueRow(noRevenue))];
