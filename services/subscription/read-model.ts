import type { SubscriptionResource } from '../../actors/subscription/client.ts';
import type { MarqueeEvent } from '../shared/events.ts';
import { upsertAll } from '../shared/mongo.ts';
import type { Store } from './store.ts';

type SubscriptionFact = { readonly subscription: SubscriptionResource; readonly previous: Readonly<Record<string, unknown>> };

/** Fields that decide what a customer may watch, or for how long. */
const accessFields = ['status', 'planId', 'planVersion', 'quantity', 'currentPeriod', 'cancelAt', 'entitlements'];

/**
 * Keeps the documents in step with the actors: of each subscription the highest sequence wins, so repeats and reordering change
 * nothing, and a delivery of many events is two writes.
 */
export async function recordInReadModel(
  { subscriptions, access }: Store,
  events: readonly MarqueeEvent<SubscriptionFact>[],
): Promise<void> {
  const latest = new Map<string, MarqueeEvent<SubscriptionFact>>();
  for (const event of events) if (event.sequence > (latest.get(event.subject)?.sequence ?? 0)) latest.set(event.subject, event);
  const facts = [...latest.values()];
  const touching = new Set(events.filter(touchesAccess).map((event) => event.subject));
  await Promise.all([
    upsertAll(subscriptions, facts.map(subscriptionUpsert)),
    upsertAll(access, facts.filter((event) => touching.has(event.subject)).map(accessUpsert)),
  ]);
}

const touchesAccess = ({ data: { previous }, sequence }: MarqueeEvent<SubscriptionFact>): boolean =>
  sequence === 1 || accessFields.some((field) => field in previous);

function subscriptionUpsert({ subject, sequence, data }: MarqueeEvent<SubscriptionFact>) {
  const { id: _, ...resource } = data.subscription;
  const { nextWake, createdAt } = resource;
  const fields = { ...resource, nextWakeAt: nextWake?.at ?? null, waiting: nextWake?.reason === 'payment-pending', createdAt, sequence };
  return { filter: { _id: subject, sequence: { $lt: sequence } }, update: { $set: fields } };
}

function accessUpsert({ subject, sequence, customerId, data: { subscription } }: MarqueeEvent<SubscriptionFact>) {
  const { status, planId, entitlements, currentPeriod, cancelAt, trialEnd } = subscription;
  const until = cancelAt ?? (status === 'trialing' ? trialEnd : (currentPeriod?.end ?? null));
  const path = `subscriptions.${subject}`;
  return {
    filter: { _id: customerId, [`${path}.sequence`]: { $not: { $gte: sequence } } },
    update: { $set: { [path]: { sequence, status, planId, until, entitlements } } },
  };
}
