import { localDay } from '../shared/local-time.ts';
import { collectionOf } from '../shared/mongo.ts';
import type { Store, SubscriptionDocument } from './store.ts';

/**
 * Renewals of a customer that bill on a calendar day of a time zone, in one currency and tax
 * behaviour.
 */
export type RenewalsQuery = {
  readonly customerId: string;
  readonly day: string;
  readonly timezone: string;
  readonly currency: string;
  readonly taxBehaviour: string;
};

/**
 * A subscription that renews on the day; `invoiceId` is null until it has requested the invoice.
 */
export type Renewal = { readonly subscriptionId: string; readonly invoiceId: string | null };

/**
 * The renewals of a customer on one day, done or to come, from the read model. A subscription with
 * an open payment renews later, if at all, and is left out. A renewal that is done stays in the
 * result, so that two renewals at the same instant find each other in any order.
 */
export async function renewalsOn({ access, subscriptions }: Store, query: RenewalsQuery): Promise<readonly Renewal[]> {
  const known = await collectionOf(access).findOne({ _id: query.customerId });
  const ids = Object.keys(known?.subscriptions ?? {});
  const rows = await collectionOf(subscriptions)
    .find({ _id: { $in: ids } })
    .toArray();
  return rows.flatMap((row) => renewalOf(row, query) ?? []);
}

/** The renewal of one subscription on the day of the query, if it has one. */
export function renewalOf(
  { _id, renewal, status, nextBillingAt, price }: Pick<SubscriptionDocument, '_id' | 'renewal' | 'status' | 'nextBillingAt' | 'price'>,
  { day, timezone, currency, taxBehaviour }: RenewalsQuery,
): Renewal | undefined {
  const isOnDay = (at: string) => localDay(at, timezone) === day;
  if (renewal?.currency === currency && renewal.taxBehaviour === taxBehaviour && isOnDay(renewal.start))
    return { subscriptionId: _id, invoiceId: renewal.invoiceId };
  const isDue = status === 'active' && nextBillingAt !== null && price.currency === currency && isOnDay(nextBillingAt);
  return isDue ? { subscriptionId: _id, invoiceId: null } : undefined;
}
