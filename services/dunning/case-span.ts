import { nowOn } from '../shared/domain-time.ts';
import { identity, instant } from '../shared/fields.ts';
import type { Platform } from '../shared/service.ts';
import { type Instant, plusMillis } from '../shared/time.ts';

const spanMillis = 90 * 24 * 3_600_000;

/**
 * Selects cases by their opening time in `[from, to)`; the default is the last 90 days. Cases on a
 * test clock are selected only by the id of the clock.
 */
export const spanFields = {
  from: instant.optional(),
  to: instant.optional(),
  testClock: identity('tc').optional(),
};

export type SpanQuery = { readonly from?: Instant | undefined; readonly to?: Instant | undefined; readonly testClock?: string | undefined };
export type CaseSpan = { readonly from: Instant; readonly to: Instant; readonly testClock: string | null };

export async function spanOf(platform: Platform, { from, to, testClock }: SpanQuery): Promise<CaseSpan> {
  const clock = testClock ?? null;
  const end = to ?? (await nowOn(platform, clock));
  return { from: from ?? plusMillis(end, -spanMillis), to: end, testClock: clock };
}
