import { type Instant, millisOf, plusMillis } from '../shared/time.ts';

export type Grouping = 'day' | 'month';

const millisPerDay = 86_400_000;

/** The UTC day or month of an instant: `2026-01-31` or `2026-01`. */
export const bucketOf = (at: Instant, groupBy: Grouping): string => at.slice(0, groupBy === 'day' ? 10 : 7);

/** Every bucket that `[from, to)` touches, in order. */
export function bucketsOf(from: Instant, to: Instant, groupBy: Grouping): readonly string[] {
  const buckets: string[] = [];
  for (let at = from; at < to; at = next(at, groupBy)) buckets.push(bucketOf(at, groupBy));
  return buckets;
}

/** The first instant of the bucket after the one of `at`. */
function next(at: Instant, groupBy: Grouping): Instant {
  if (groupBy === 'day') return plusMillis(`${at.slice(0, 10)}T00:00:00.000Z`, millisPerDay);
  const [year = 0, month = 0] = at.slice(0, 7).split('-').map(Number);
  return new Date(Date.UTC(year, month)).toISOString();
}

/** The greatest number of buckets that a range can have. */
export const bucketCount = (from: Instant, to: Instant, groupBy: Grouping): number =>
  Math.ceil((millisOf(to) - millisOf(from)) / millisPerDay / (groupBy === 'day' ? 1 : 28)) + 1;
