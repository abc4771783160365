import type { InvoiceResource } from '../shared/contracts/invoice-resource.ts';
import type { MarqueeEvent } from '../shared/events.ts';
import { isId } from '../shared/ids.ts';
import { type Reaction, reaction } from '../shared/reaction.ts';
import { revenueFactOf } from './revenue.ts';
import { type DeductionFact, deductionFactOf, deductionTypes, repaymentFactsOf } from './revenue-deductions.ts';
import type { AnalyticsStore, Attribution } from './store.ts';

export const analyticsReactions = (store: AnalyticsStore): readonly Reaction[] => [
  reaction(['customer.created', 'customer.updated'], (events) =>
    store.rememberCustomers(events.map(({ subject, sequence, data }) => ({ id: subject, sequence, country: data.country }))),
  ),
  reaction(['subscription.created', 'subscription.changed'], (events) =>
    store.rememberSubscriptions(events.map(({ subject, sequence, data }) => ({ id: subject, sequence, plan: data.subscription.planId }))),
  ),
  reaction(['invoice.finalised', 'invoice.paid'], (events) => recordRevenue(store, events)),
  reaction(deductionTypes, (events) =>
    recordDeductions(
      store,
      events.map(deductionFactOf).filter((fact) => fact !== undefined),
    ),
  ),
];

/** The plan of a gift comes from its invoice, because a gift has no subscription at first. */
const planOfGift = ({ subscriptionId, lines }: InvoiceResource): string | undefined =>
  isId('gift', subscriptionId) ? (lines[0]?.planId ?? undefined) : undefined;

/**
 * Counts each paid invoice once, regardless of which event arrives first and how often. Throws
 * while the customer or subscription is unknown, so that the event is delivered again.
 */
async function recordRevenue(store: AnalyticsStore, events: readonly MarqueeEvent<'invoice.*'>[]): Promise<void> {
  const paid = events.filter(({ data }) => data.status === 'paid');
  if (paid.length === 0) return;
  const attributionOf = await currentAttributions(
    store,
    paid.map(({ data }) => data),
  );
  const facts = paid.map(({ data, time }) => {
    const { country, plan } = attributionOf(data, planOfGift(data));
    return revenueFactOf(data, time, plan, country);
  });
  await store.record(facts.filter((fact) => fact !== undefined));
  await recordDeductions(store, paid.flatMap(repaymentFactsOf));
}

/**
 * Counts each deduction once, with the country and plan of its invoice. If the invoice was never
 * counted, the current country and plan apply.
 */
async function recordDeductions(store: AnalyticsStore, facts: readonly DeductionFact[]): Promise<void> {
  if (facts.length === 0) return;
  const [counted, attributionOf] = await Promise.all([
    store.attributionsOf(facts.map(({ invoiceId }) => invoiceId)),
    currentAttributions(store, facts),
  ]);
  await store.record(facts.map(({ invoiceId, ...fact }) => ({ ...fact, ...(counted.get(invoiceId) ?? attributionOf(fact)) })));
}

type Billed = { readonly customerId: string; readonly subscriptionId: string };

/** The current country and plan. Throws while the customer or subscription is unknown. */
async function currentAttributions(store: AnalyticsStore, billed: readonly Billed[]) {
  const [countries, plans] = await Promise.all([
    store.countries(billed.map(({ customerId }) => customerId)),
    store.plans(billed.map(({ subscriptionId }) => subscriptionId)),
  ]);
  return ({ customerId, subscriptionId }: Billed, otherwise?: string): Attribution => {
    const country = countries.get(customerId);
    const plan = plans.get(subscriptionId) ?? otherwise;
    if (country === undefined) throw new Error(`analytics: customer ${customerId} is not known yet`);
    if (plan === undefined) throw new Error(`analytics: subscription ${subscriptionId} is not known yet`);
    return { country, plan };
  };
}
