import type { InvoiceResource } from '../shared/events.ts';
import type { Instant } from '../shared/time.ts';

/** One paid invoice: amounts in minor units of `currency`, day and month in UTC. Written once, never changed. */
export type RevenueFact = {
  /** The invoice's id. */
  readonly _id: string;
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
  readonly customerId: string;
  readonly subscriptionId: string;
  readonly country: string;
  readonly plan: string;
  readonly testClock: string | null;
};

type PaidInvoice = InvoiceResource & { readonly creditGranted?: number };

/**
 * The fact behind an invoice that is paid, by money or by credit, or that gives credit back. Its plan is the one its subscription was on then, its country the
 * customer's then. Nothing for an invoice over nothing.
 */
export function revenueFactOf(invoice: PaidInvoice, paidAt: Instant, plan: string, country: string): RevenueFact | undefined {
  const { creditGranted = 0 } = invoice;
  if (invoice.status !== 'paid' || (invoice.total === 0 && creditGranted === 0)) return undefined;
  return {
    _id: invoice.id,
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

export const revenueColumns = (groupBy: Grouping): readonly string[] => [
  groupBy,
  'currency',
  'invoices',
  'net',
  'tax',
  'total',
  'creditGranted',
  'creditApplied',
  'collected',
];
