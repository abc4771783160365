import { collectionOf } from '../shared/mongo.ts';
import type { Instant } from '../shared/time.ts';
import type { Store } from './store.ts';

const wakesShown = 20;

/**
 * For operators: the number of subscriptions, how many are overdue to wake, and the next wakes.
 * Counts read the read model.
 */
export async function subscriptionReport({ subscriptions }: Store, now: Instant): Promise<Readonly<Record<string, unknown>>> {
  const onSystemTime = { testClock: null, nextWakeAt: { $ne: null } };
  const [total, overdue, next] = await Promise.all([
    subscriptions.countDocuments({}),
    subscriptions.countDocuments({ ...onSystemTime, waiting: false, nextWakeAt: { $ne: null, $lt: now } }),
    collectionOf(subscriptions).find(onSystemTime).sort({ nextWakeAt: 1 }).limit(wakesShown).toArray(),
  ]);
  return { subscriptions: total, overdue, nextWakes: next.map(({ _id, status, nextWake }) => ({ id: _id, status, ...nextWake })) };
}
