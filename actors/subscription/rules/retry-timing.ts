import { dayMillis, localMillisOf, millisOfLocal, plusLocalDays } from '../../../services/shared/local-time.ts';
import { type Instant, instantOfMillis, millisOf } from '../../../services/shared/time.ts';
import type { RetryPolicy } from './subscription-parts.ts';

const minuteMillis = 60_000;

/** A retry waits for a payday that is at most so many local days ahead. */
const daysToPayday = 3;

/**
 * The payday that comes at most three local days after the instant, at the same time of day, or
 * else the instant itself; -1 is the last day of a month.
 */
export function ontoPayday(instant: Instant, paydays: readonly number[], zone: string): Instant {
  const days = Array.from({ length: daysToPayday + 1 }, (_, ahead) => plusLocalDays(instant, ahead, zone));
  return days.find((day) => isPayday(day, paydays, zone)) ?? instant;
}

/** A payday beyond the end of the month is its last day. */
function isPayday(instant: Instant, paydays: readonly number[], zone: string): boolean {
  const local = new Date(localMillisOf(millisOf(instant), zone));
  const lastDay = new Date(Date.UTC(local.getUTCFullYear(), local.getUTCMonth() + 1, 0)).getUTCDate();
  return paydays.some((day) => (day === -1 ? lastDay : Math.min(day, lastDay)) === local.getUTCDate());
}

/**
 * The first instant from this one on whose local time of day lies in the window `[from, to)`: later
 * the same day, or when the window of the next day opens. If daylight saving time skips its
 * opening, the window opens with the hour that follows.
 */
export function intoWindow(instant: Instant, { from, to }: NonNullable<RetryPolicy['timeOfDay']>, zone: string): Instant {
  const local = localMillisOf(millisOf(instant), zone);
  const midnight = Math.floor(local / dayMillis) * dayMillis;
  const timeOfDay = local - midnight;
  if (timeOfDay >= millisOfDay(from) && timeOfDay < millisOfDay(to)) return instant;
  const day = timeOfDay < millisOfDay(from) ? midnight : midnight + dayMillis;
  return instantOfMillis(millisOfLocal(day + millisOfDay(from), zone));
}

/** Milliseconds since midnight of a time `HH:MM`. */
function millisOfDay(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return (hours * 60 + minutes) * minuteMillis;
}
