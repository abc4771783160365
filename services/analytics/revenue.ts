import type { InvoiceResource } from '../shared/contracts/invoice-resource.ts';
import type { Instant } from '../shared/time.ts';

/**
 * One paid invoice or one deduction. Amounts are in minor units of `currency`, day and month in
 * UTC. A fact is written once and never changed.
 */
export type RevenueFact = {
  /** The id of the invoice or of the deduction. */
  readonly _id: string;
  /** 1 for an invoice, 0 for a deduction. */
  readonly invoices: number;
  readonly paidAt: Instant;
  readonly day: string;
  readonly month: string;
  readonly currency: string;
  readonly total: number;
  /** Negative if the invoice grants more credit than it charges. */
  readonly tax: number;
  /** Account credit that the invoice granted; its total is then 0. */
  readonly creditGranted: number;
  /** The part of the total that account credit paid. */
  readonly creditApplied: number;
  /** The total of a credit note, including tax. */
  readonly credited: number;
  readonly creditedTax: number;
  /** The amount refunded to a payment method. */
  readonly refunded: number;
  /** The disputed amount; negative for a dispute that was won. */
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

/** The aggregation that sums the facts of a group. */
export const sumOfAmounts = Object.fromEntries(amounts.map((amount) => [amount, { $sum: `$${amount}` }]));

/**
 * A row of the report: net revenue after credit notes, and money collected after refunds and
 * disputes.
 */
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
 * The fact of an invoice that was paid, by money or by credit, or that granted credit. Plan and
 * country are those of the time of payment. Undefined for an invoice without any amount.
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
