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
  readonly tax: number;
  /** What account credit paid of the total. */
  readonly creditApplied: number;
  readonly customerId: string;
  readonly subscriptionId: string;
  readonly country: string;
  readonly plan: string;
  readonly testClock: string | null;
};

/**
 * The fact behind an invoice that is paid, by money or by credit. Its plan is the one its subscription was on then, its country the
 * customer's then. Nothing for an invoice over nothing.
 */
export function revenueFactOf(invoice: InvoiceResource, paidAt: Instant, plan: string, country: string): RevenueFact | undefined {
  if (invoice.status !== 'paid' || invoice.total === 0) return undefined;
  return {
    _id: invoice.id,
    paidAt,
    day: paidAt.slice(0, 10),
    month: paidAt.slice(0, 7),
    currency: invoice.currency,
    total: invoice.total,
    tax: invoice.tax,
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
  'creditApplied',
  'collected',
];
