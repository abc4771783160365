import { dayMillis, localMillisOf, millisOfLocal } from '../../../services/shared/local-time.ts';
import { type Instant, instantOfMillis, millisOf, type Period } from '../../../services/shared/time.ts';
import type { BillingInterval } from './subscription.ts';
import type { Anchor } from './subscription-parts.ts';

/**
 * Local midnight of the requested day in a month counted from year 0, or of the last day of a
 * shorter month.
 */
function requestedDate(months: number, day: number): number {
  const year = Math.floor(months / 12);
  const month = months - year * 12;
  const days = (Date.UTC(year, month + 1) - Date.UTC(year, month)) / dayMillis;
  return Date.UTC(year, month, Math.min(day, days));
}

const monthsOf = ({ unit, count }: BillingInterval): number => (unit === 'month' ? count : unit === 'year' ? count * 12 : 0);

const daysOf = ({ unit, count }: BillingInterval): number => (unit === 'week' ? count * 7 : count);

const firstMonth = ({ year, month }: Anchor): number => year * 12 + month - 1;

/**
 * Boundary n of the grid, counted from the anchor. A clamped boundary (28 Feb) therefore does not
 * move those after it (31 Mar).
 */
function boundary(anchor: Anchor, cadence: BillingInterval, zone: string, n: number): number {
  const months = monthsOf(cadence);
  const date =
    months > 0
      ? requestedDate(firstMonth(anchor) + n * months, anchor.day)
      : requestedDate(firstMonth(anchor), anchor.day) + n * daysOf(cadence) * dayMillis;
  return millisOfLocal(date + anchor.timeOfDayMillis, zone);
}

/**
 * The number of the boundary at or before that local reading, or one too many: only months, or
 * days, are compared.
 */
function nearestNumber(anchor: Anchor, cadence: BillingInterval, local: number): number {
  const months = monthsOf(cadence);
  if (months === 0) return Math.floor((local - requestedDate(firstMonth(anchor), anchor.day)) / (daysOf(cadence) * dayMillis));
  const date = new Date(local);
  return Math.floor((date.getUTCFullYear() * 12 + date.getUTCMonth() - firstMonth(anchor)) / months);
}

/**
 * The grid period `[b(n), b(n+1))` that contains an instant, all in milliseconds. The periods of
 * one grid cover time without gap or overlap. A day that the zone skips belongs to the period
 * before it.
 */
export function gridAround(
  anchor: Anchor,
  cadence: BillingInterval,
  zone: string,
  instant: number,
): { readonly start: number; readonly end: number } {
  let n = nearestNumber(anchor, cadence, localMillisOf(instant, zone));
  let start = boundary(anchor, cadence, zone, n);
  while (start > instant) start = boundary(anchor, cadence, zone, --n);
  return { start, end: boundary(anchor, cadence, zone, n + 1) };
}

/** The grid period that contains `at`. */
export function periodAround(anchor: Anchor, cadence: BillingInterval, zone: string, at: Instant): Period {
  const { start, end } = gridAround(anchor, cadence, zone, millisOf(at));
  return { start: instantOfMillis(start), end: instantOfMillis(end) };
}

/**
 * The end of the n-th grid period, counted from the one that contains `from`. A stub counts as one.
 */
export function periodsLater(anchor: Anchor, cadence: BillingInterval, zone: string, from: Instant, periods: number): Instant {
  let end = millisOf(from);
  for (let n = 0; n < periods; n += 1) end = gridAround(anchor, cadence, zone, end).end;
  return instantOfMillis(end);
}

/**
 * The same day and time of day on a grid through the last such day at or before `from`, so that a
 * year begins in that month.
 */
export function anchorOfMonth(kept: Anchor, zone: string, from: Instant): Anchor {
  const { start } = gridAround(kept, { unit: 'month', count: 1 }, zone, millisOf(from));
  const date = new Date(localMillisOf(start, zone));
  return { ...kept, year: date.getUTCFullYear(), month: date.getUTCMonth() + 1 };
}

/**
 * The anchor where no day was requested: billing starts at `instant`, and every boundary keeps its
 * local time of day.
 */
export function anchorFrom(instant: Instant, zone: string): Anchor {
  const local = localMillisOf(millisOf(instant), zone);
  const date = new Date(local);
  const timeOfDayMillis = local - Math.floor(local / dayMillis) * dayMillis;
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate(), timeOfDayMillis };
}

/**
 * The anchor of a requested day. Boundaries are local midnights, the first of them at or after
 * `from`; the time before it is a stub. Without a month it is the first such day of any month, for
 * every cadence. With a month the grid goes through that day of that month.
 */
export function anchorOn(day: number, month: number | null, cadence: BillingInterval, zone: string, from: Instant): Anchor {
  const instant = millisOf(from);
  const today = new Date(localMillisOf(instant, zone));
  const thisMonth = today.getUTCFullYear() * 12 + (month === null ? today.getUTCMonth() : month - 1);
  const isPast = millisOfLocal(requestedDate(thisMonth, day), zone) < instant;
  const months = isPast ? thisMonth + (month === null ? 1 : 12) : thisMonth;
  const requested = { year: Math.floor(months / 12), month: (months % 12) + 1, day, timeOfDayMillis: 0 };
  if (month === null) return requested;
  const around = periodAround(requested, cadence, zone, from);
  const first = anchorFrom(around.start === from ? around.start : around.end, zone);
  return { ...first, day: monthsOf(cadence) > 0 ? day : first.day, timeOfDayMillis: 0 };
}
