import type { Logger } from 'pino';
import type { SubscriptionClient } from '../../actors/subscription/client.ts';
import { type Instant, plusMillis } from '../shared/time.ts';
import type { Store } from './store.ts';

const atOnce = 200;

export type Sweeper = { readonly start: () => void; readonly sweep: () => Promise<number>; readonly stop: () => void };

/**
 * Wakes subscriptions whose wake time passed minutes ago without anything happening: a scheduler that lost its data loses nothing.
 * A wake is only a hint, so sweeping twice, or beside a reminder, changes nothing. Test clocks are walked, not swept.
 */
export function createSweeper(
  { subscriptions }: Store,
  client: SubscriptionClient,
  now: () => Instant,
  log: Logger,
  { overdueMillis, everyMillis }: { readonly overdueMillis: number; readonly everyMillis: number },
): Sweeper {
  let timer: NodeJS.Timeout | undefined;
  let sweeping = false;

  const sweep = async (): Promise<number> => {
    const overdue = await subscriptions
      .find({ nextWakeAt: { $ne: null, $lt: plusMillis(now(), -overdueMillis) }, waiting: false, testClock: null })
      .sort({ nextWakeAt: 1 })
      .limit(atOnce)
      .select({ _id: 1 })
      .lean();
    const woken = await Promise.allSettled(overdue.map(({ _id }) => client.command(_id, 'wake', {})));
    const failed = woken.filter(({ status }) => status === 'rejected').length;
    if (overdue.length > 0) log.warn({ overdue: overdue.length, failed }, 'woke subscriptions whose reminder did not come');
    return overdue.length - failed;
  };

  const round = (): void => {
    sweep()
      .catch((error: Error) => log.warn({ reason: error.message }, 'a sweep failed'))
      .finally(() => {
        if (sweeping) timer = setTimeout(round, everyMillis);
      });
  };

  return {
    start: () => {
      sweeping = true;
      round();
    },
    sweep,
    stop: () => {
      sweeping = false;
      clearTimeout(timer);
    },
  };
}
