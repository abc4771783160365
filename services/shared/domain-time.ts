import type { Platform } from './service.ts';
import type { Instant } from './time.ts';

/** The domain time of a customer on this test clock, or system time without one. */
export async function nowOn({ invoke, now }: Platform, testClock: string | null): Promise<Instant> {
  if (testClock === null) return now();
  const clock = (await invoke('subscription', 'get', `test-clocks/${testClock}`)) as { now: Instant } | undefined;
  return clock?.now ?? now();
}
