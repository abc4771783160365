import type { MarqueeEvent } from '../shared/events.ts';
import { upsertAll } from '../shared/mongo.ts';
import type { Store, SubscriptionDocument } from './store.ts';

type SubscriptionEvent = MarqueeEvent<'subscription.*'>;

/** Fields that determine the access of a customer, or its end. */
const accessFields = ['status', 'planId', 'planVersion', 'quantity', 'currentPeriod', 'cancelAt', 'entitlements'];

/**
 * Updates the read model from published events. For each subscription the highest sequence wins, so
 * repeats and reordering change nothing. A delivery of many events is two writes.
 */
export async function recordInReadModel({ subscriptions, access }: Store, events: readonly SubscriptionEvent[]): Promise<void> {
  const latest = new Map<string, SubscriptionEvent>();
  for (const event of events) if (event.sequence > (latest.get(event.subject)?.sequence ?? 0)) latest.set(event.subject, event);
  const newest = [...latest.values()];
  const renewals = new Map(events.flatMap((event) => renewedBy(event) ?? []));
  const touching = new Set(events.filter(touchesAccess).map((event) => event.subject));
  await Promise.all([
    upsertAll(
      subscriptions,
      newest.map((event) => subscriptionUpsert(event, renewals.get(event.subject))),
    ),
    upsertAll(access, newest.filter((event) => touching.has(event.subject)).map(accessUpsert)),
  ]);
}

const touchesAccess = ({ data: { previous }, sequence }: SubscriptionEvent): boolean =>
  sequence === 1 || accessFields.some((field) => field in previous);

function renewedBy(event: SubscriptionEvent) {
  if (event.type !== 'subscription.renewal-due') return undefined;
  const { invoiceId, currency, taxBehaviour, period } = event.data.invoice;
  return [[event.subject, { invoiceId, currency, taxBehaviour, start: period.start }]] as const;
}

function subscriptionUpsert({ type, subject, sequence, data }: SubscriptionEvent, renewal: SubscriptionDocument['renewal'] | undefined) {
  const { id: _, ...resource } = data.subscription;
  const { nextWake, createdAt } = resource;
  const waiting = nextWake?.reason === 'payment-pending';
  const swept = { quarantined: type === 'subscription.quarantined', sweeps: 0, sweepAgainAt: null };
  const fields = { ...resource, nextWakeAt: nextWake?.at ?? null, waiting, createdAt, sequence, ...swept, ...(renewal && { renewal }) };
  return { filter: { _id: subject, sequence: { $lt: sequence } }, update: { $set: fields } };
}

function accessUpsert({ subject, sequence, customerId, data: { subscription } }: SubscriptionEvent) {
  const { status, planId, entitlements, currentPeriod, cancelAt, trialEnd } = subscription;
  const until = cancelAt ?? (status === 'trialing' ? trialEnd : (currentPeriod?.end ?? null));
  const path = `subscriptions.${subject}`;
  return {
    filter: { _id: customerId, [`${path}.sequence`]: { $not: { $gte: sequence } } },
    update: { $set: { [path]: { sequence, status, planId, until, entitlements } } },
  };
}
