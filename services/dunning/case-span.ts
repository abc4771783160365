import { z } from 'zod';
import { nowOn } from '../shared/domain-time.ts';
import { isId } from '../shared/ids.ts';
import type { Platform } from '../shared/service.ts';
import { type Instant, instantOf, plusMillis } from '../shared/time.ts';

const spanMillis = 90 * 24 * 3_600_000;

const instant = z.string().transform((text, check): Instant => {
  const read = instantOf(text);
  if (read !== undefined) return read;
  check.addIssue({ code: 'custom', message: 'an instant in ISO 8601 with its offset, for example 2026-01-31T10:00:00Z' });
  return z.NEVER;
});

/** Which cases, by when they began: the last 90 days unless said. Those on a test clock are looked at by themselves. */
export const spanFields = {
  from: instant.optional(),
  to: instant.optional(),
  testClock: z
    .string()
    .refine((text) => isId('tc', text), 'the id of a test clock')
    .optional(),
};

export type AskedSpan = { readonly from?: Instant | undefined; readonly to?: Instant | undefined; readonly testClock?: string | undefined };
export type CaseSpan = { readonly from: Instant; readonly to: Instant; readonly testClock: string | null };

export async function spanOf(platform: Platform, { from, to, testClock }: AskedSpan): Promise<CaseSpan> {
  const clock = testClock ?? null;
  const end = to ?? (await nowOn(platform, clock));
  return { from: from ?? plusMillis(end, -spanMillis), to: end, testClock: clock };
}
