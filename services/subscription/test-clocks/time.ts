import type { SubscriptionClient } from '../../../actors/subscription/client.ts';
import type { Platform } from '../../shared/service.ts';
import type { Instant } from '../../shared/time.ts';

/** The domain time of a customer: that of their test clock, or system time for null. */
export type TimeOf = (clockId: string | null) => Promise<Instant>;

export const timeSource =
  ({ now }: Pick<Platform, 'now'>, client: Pick<SubscriptionClient, 'getClock'>): TimeOf =>
  async (clockId) => {
    const result = clockId === null ? undefined : await client.getClock(clockId);
    return result?.ok ? result.testClock.now : now();
  };
