import type { SubscriptionClient } from '../../../actors/subscription/client.ts';
import type { Platform } from '../../shared/service.ts';
import type { Instant } from '../../shared/time.ts';

export type TimeOf = (clockId: string | null) => Promise<Instant>;

/** The time of whatever lives on this test clock, or the system's where it lives on none. */
export const timeSource =
  ({ now }: Pick<Platform, 'now'>, client: Pick<SubscriptionClient, 'getClock'>): TimeOf =>
  async (clockId) => {
    const answer = clockId === null ? undefined : await client.getClock(clockId);
    return answer?.ok ? answer.testClock.now : now();
  };
