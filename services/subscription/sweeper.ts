import type { Logger } from 'pino';
import type { SubscriptionClient } from '../../actors/subscription/client.ts';
import { collectionOf } from '../shared/mongo.ts';
import { type Instant, plusMillis } from '../shared/time.ts';
import type { Store } from './store.ts';

const batchSize = 200;

export type Sweeper = { readonly start: () => void; readonly sweep: () => Promise<number>; readonly stop: () => void };

/**
 * Wakes subscriptions whose wake time passed minutes ago, so that a scheduler that lost its data
 * loses no renewal. A wake is only a hint: a second sweep, or a reminder that comes as well,
 * changes nothing. Subscriptions on test clocks are advanced by their clock and not swept.
 */
export function createSweeper(
  { subscriptions }: Store,
  client: SubscriptionClient,
  now: () => Instant,
  log: Logger,
  { overdueMillis, everyMillis }: { readonly overdueMillis: number; readonly everyMillis: number },
): Sweeper {
  let timer: NodeJS.Timeout | undefined;
  let isRunning = false;

  const sweep = async (): Promise<number> => {
    const overdue = await collectionOf(subscriptions)
      .find({ nextWakeAt: { $ne: null, $lt: plusMillis(now(), -overdueMillis) }, waiting: false, testClock: null })
      .sort({ nextWakeAt: 1 })
      .limit(batchSize)
      .project<{ _id: string }>({ _id: 1 })
      .toArray();
    const woken = await Promise.allSettled(overdue.map(({ _id }) => client.command(_id, 'wake', {})));
    const failed = woken.filter(({ status }) => status === 'rejected').length;
    if (overdue.length > 0) log.warn({ overdue: overdue.length, failed }, 'subscription sweep woke overdue subscriptions');
    return overdue.length - failed;
  };

  const round = (): void => {
    sweep()
      .catch((err: unknown) => log.warn({ err }, 'subscription sweep failed'))
      .finally(() => {
        if (isRunning) timer = setTimeout(round, everyMillis);
      });
  };

  return {
    start: () => {
      isRunning = true;
      round();
    },
    sweep,
    stop: () => {
      isRunning = false;
      clearTimeout(timer);
    },
  };
}
