import type { CustomerResource, InvoiceResource, MarqueeEvent } from '../shared/events.ts';
import { isId } from '../shared/ids.ts';
import type { Reaction } from '../shared/service.ts';
import { revenueFactOf } from './revenue.ts';
import type { AnalyticsStore } from './store.ts';

type SubscriptionData = { readonly subscription: { readonly planId: string } };

export const reactions = (store: AnalyticsStore): readonly Reaction[] => [
  {
    to: ['customer.created', 'customer.updated'],
    handle: (events: readonly MarqueeEvent<CustomerResource>[]) =>
      store.rememberCustomers(events.map(({ subject, sequence, data }) => ({ id: subject, sequence, country: data.country }))),
  },
  {
    to: ['subscription.created', 'subscription.changed'],
    handle: (events: readonly MarqueeEvent<SubscriptionData>[]) =>
      store.rememberSubscriptions(events.map(({ subject, sequence, data }) => ({ id: subject, sequence, plan: data.subscription.planId }))),
  },
  { to: ['invoice.finalised', 'invoice.paid'], handle: (events) => recordRevenue(store, events) },
];

/** A gift has no subscription before it is redeemed: its plan is that of its invoice. */
const planOfGift = ({ subscriptionId, lines }: InvoiceResource): string | undefined =>
  isId('gift', subscriptionId) ? (lines[0] as { planId?: string } | undefined)?.planId : undefined;

/**
 * Counts each paid invoice once, whichever of its events tells it first and however often. Throws while the customer or the
 * subscription is not known yet, so that the event comes again.
 */
async function recordRevenue(store: AnalyticsStore, events: readonly MarqueeEvent<InvoiceResource>[]): Promise<void> {
  const paid = events.filter(({ data }) => data.status === 'paid');
  if (paid.length === 0) return;
  const [countries, plans] = await Promise.all([
    store.countries(paid.map(({ data }) => data.customerId)),
    store.plans(paid.map(({ data }) => data.subscriptionId)),
  ]);
  const facts = paid.map(({ data, time }) => {
    const country = countries.get(data.customerId);
    const plan = plans.get(data.subscriptionId) ?? planOfGift(data);
    if (country === undefined) throw new Error(`analytics: customer ${data.customerId} is not known yet`);
    if (plan === undefined) throw new Error(`analytics: subscription ${data.subscriptionId} is not known yet`);
    return revenueFactOf(data, time, plan, country);
  });
  await store.record(facts.filter((fact) => fact !== undefined));
}
