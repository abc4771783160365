import { localDay } from '../shared/local-time.ts';
import type { Store, SubscriptionDocument } from './store.ts';

/** Which renewals: those that bill on a day of the calendar of a zone, in a currency. */
export type RenewalsQuestion = {
  readonly customerId: string;
  readonly day: string;
  readonly timezone: string;
  readonly currency: string;
  readonly taxBehaviour: string;
};

/** One subscription that renews on the day; `invoiceId` where it has asked for the invoice already. */
export type Renewal = { readonly subscriptionId: string; readonly invoiceId: string | null };

/**
 * The renewals of a customer on one day, done or to come, as the read model knows them. One whose payment is open renews later, if at all, and
 * is not among them. A renewal that was done stays in the answer, so that two that happen at once find each other in any order.
 */
export async function renewalsOn({ access, subscriptions }: Store, question: RenewalsQuestion): Promise<readonly Renewal[]> {
  const known = await access.findById(question.customerId).lean();
  const ids = Object.keys(known?.subscriptions ?? {});
  const rows = await subscriptions.find({ _id: { $in: ids } }).lean<SubscriptionDocument[]>();
  return rows.flatMap((row) => renewalOf(row, question) ?? []);
}

export function renewalOf(
  { _id, renewal, status, nextBillingAt, price }: Pick<SubscriptionDocument, '_id' | 'renewal' | 'status' | 'nextBillingAt' | 'price'>,
  { day, timezone, currency, taxBehaviour }: RenewalsQuestion,
): Renewal | undefined {
  const isThen = (at: string) => localDay(at, timezone) === day;
  if (renewal?.currency === currency && renewal.taxBehaviour === taxBehaviour && isThen(renewal.start))
    return { subscriptionId: _id, invoiceId: renewal.invoiceId };
  const isDue = status === 'active' && nextBillingAt !== null && price.currency === currency && isThen(nextBillingAt);
  return isDue ? { subscriptionId: _id, invoiceId: null } : undefined;
}
