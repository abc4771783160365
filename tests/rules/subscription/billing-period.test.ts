import test from 'ava';
import { DateTime } from 'luxon';
import { anchorFrom, anchorOn, periodAround } from '../../../actors/subscription/rules/billing-period.ts';
import type { BillingInterval } from '../../../actors/subscription/rules/subscription.ts';
import type { Anchor } from '../../../actors/subscription/rules/subscription-parts.ts';
import { plusLocalDays } from '../../../services/shared/local-time.ts';
import type { Instant } from '../../../services/shared/time.ts';
import { monthly, utc, yearly } from '../../support/subscription-life.ts';

const local = (instant: Instant, zone: string) => DateTime.fromISO(instant, { zone }).toFormat('yyyy-MM-dd HH:mm');

/** The starts of consecutive periods, as local times. */
function boundaries(anchor: Anchor, cadence: BillingInterval, zone: string, from: Instant, count: number): string[] {
  let period = periodAround(anchor, cadence, zone, from);
  return Array.from({ length: count }, () => {
    const { start, end } = period;
    period = periodAround(anchor, cadence, zone, end);
    return local(start, zone);
  });
}

type Row = { title: string; zone?: string; start: string; cadence: BillingInterval; expected: string[] };

const anniversary = test.macro({
  exec: (t, { zone = 'UTC', start, cadence, expected }: Row) => {
    const from = utc(start);
    t.deepEqual(boundaries(anchorFrom(from, zone), cadence, zone, from, expected.length), expected);
  },
  title: (_, row: Row) => row.title,
});

test(anniversary, {
  title: 'monthly periods from 31 January end on the last day of shorter months and return to the 31st',
  start: '2023-01-31 10:00',
  cadence: monthly,
  expected: ['2023-01-31 10:00', '2023-02-28 10:00', '2023-03-31 10:00', '2023-04-30 10:00', '2023-05-31 10:00'],
});

test(anniversary, {
  title: 'in February of a leap year, a monthly period from the 31st begins on the 29th',
  start: '2024-01-31 10:00',
  cadence: monthly,
  expected: ['2024-01-31 10:00', '2024-02-29 10:00', '2024-03-31 10:00'],
});

test(anniversary, {
  title: 'yearly periods from 29 February begin on 28 February, and on 29 February in leap years',
  start: '2024-02-29 12:00',
  cadence: yearly,
  expected: ['2024-02-29 12:00', '2025-02-28 12:00', '2026-02-28 12:00', '2027-02-28 12:00', '2028-02-29 12:00'],
});

test(anniversary, {
  title: 'quarterly periods from 30 November begin on the last day of February and return to the 30th',
  start: '2023-11-30',
  cadence: { unit: 'month', count: 3 },
  expected: ['2023-11-30 00:00', '2024-02-29 00:00', '2024-05-30 00:00', '2024-08-30 00:00'],
});

test(anniversary, {
  title: 'periods of two weeks keep the weekday',
  start: '2026-06-05 08:30',
  cadence: { unit: 'week', count: 2 },
  expected: ['2026-06-05 08:30', '2026-06-19 08:30', '2026-07-03 08:30'],
});

test(anniversary, {
  title: 'daily periods in Berlin keep their local time across the end of daylight saving time',
  zone: 'Europe/Berlin',
  start: '2026-10-24 08:00',
  cadence: { unit: 'day', count: 1 },
  expected: ['2026-10-24 10:00', '2026-10-25 10:00', '2026-10-26 10:00'],
});

test(anniversary, {
  title: 'a local time that New York skips in spring moves forward by one hour, on that day only',
  zone: 'America/New_York',
  start: '2026-03-07 07:30',
  cadence: { unit: 'day', count: 1 },
  expected: ['2026-03-07 02:30', '2026-03-08 03:30', '2026-03-09 02:30'],
});

test(anniversary, {
  title: 'the day that Samoa skipped belongs to the period before it',
  zone: 'Pacific/Apia',
  start: '2011-12-28 20:00',
  cadence: { unit: 'day', count: 1 },
  expected: ['2011-12-28 10:00', '2011-12-29 10:00', '2011-12-31 10:00', '2012-01-01 10:00'],
});

test(anniversary, {
  title: 'monthly periods in Kathmandu, with an offset of 5:45 hours, keep their local time',
  zone: 'Asia/Kathmandu',
  start: '2026-01-31 18:20',
  cadence: monthly,
  expected: ['2026-02-01 00:05', '2026-03-01 00:05'],
});

test('a local time that occurs twice in autumn means its first occurrence, in every season', (t) => {
  const anchor = anchorFrom(utc('2026-09-25 00:30'), 'Europe/Berlin');
  t.is(local(utc('2026-09-25 00:30'), 'Europe/Berlin'), '2026-09-25 02:30');
  t.is(periodAround(anchor, monthly, 'Europe/Berlin', utc('2026-10-01')).end, utc('2026-10-25 00:30'));
});

type AnchorRow = {
  title: string;
  day: number;
  month?: number;
  cadence?: BillingInterval;
  zone?: string;
  from: string;
  first: string;
  next: string;
};

const requested = test.macro({
  exec: (t, { day, month, cadence = monthly, zone = 'UTC', from, first, next }: AnchorRow) => {
    const anchor = anchorOn(day, month ?? null, cadence, zone, utc(from));
    const { start, end } = periodAround(anchor, cadence, zone, utc(from));
    const boundary = start === utc(from) ? start : end;
    t.deepEqual([local(boundary, zone), local(periodAround(anchor, cadence, zone, boundary).end, zone)], [first, next]);
  },
  title: (_, row: AnchorRow) => row.title,
});

test(requested, {
  title: 'a requested billing day later in the month begins the next period in that month',
  day: 15,
  from: '2024-03-01',
  first: '2024-03-15 00:00',
  next: '2024-04-15 00:00',
});

test(requested, {
  title: 'a requested billing day that has passed begins the next period in the next month',
  day: 1,
  from: '2024-03-05',
  first: '2024-04-01 00:00',
  next: '2024-05-01 00:00',
});

test(requested, {
  title: 'a start at midnight of the requested billing day is itself a boundary',
  day: 5,
  from: '2024-03-05',
  first: '2024-03-05 00:00',
  next: '2024-04-05 00:00',
});

test(requested, {
  title: 'a start later on the requested billing day has a stub up to the next one',
  day: 5,
  from: '2024-03-05 00:01',
  first: '2024-04-05 00:00',
  next: '2024-05-05 00:00',
});

test(requested, {
  title: 'a requested 31st is the last day of a shorter month, and then the 31st',
  day: 31,
  from: '2024-02-10',
  first: '2024-02-29 00:00',
  next: '2024-03-31 00:00',
});

test(requested, {
  title: 'boundaries on a requested billing day are local midnights',
  day: 1,
  zone: 'America/New_York',
  from: '2024-03-05',
  first: '2024-04-01 00:00',
  next: '2024-05-01 00:00',
});

test(requested, {
  title: 'a yearly plan without a requested month begins its year at the next billing day',
  day: 17,
  cadence: yearly,
  from: '2011-01-10',
  first: '2011-01-17 00:00',
  next: '2012-01-17 00:00',
});

test(requested, {
  title: 'a yearly plan with a requested month begins its year in that month',
  day: 1,
  month: 7,
  cadence: yearly,
  from: '2026-09-10',
  first: '2027-07-01 00:00',
  next: '2028-07-01 00:00',
});

test(requested, {
  title: 'a quarterly plan with a requested month begins a quarter up to three months before it',
  day: 1,
  month: 1,
  cadence: { unit: 'month', count: 3 },
  from: '2026-05-10',
  first: '2026-07-01 00:00',
  next: '2026-10-01 00:00',
});

test(requested, {
  title: 'a yearly plan with the requested day 29 February begins on 28 February until a leap year',
  day: 29,
  month: 2,
  cadence: yearly,
  from: '2026-03-01',
  first: '2027-02-28 00:00',
  next: '2028-02-29 00:00',
});

test(requested, {
  title: 'a weekly plan counts its weeks so that the requested billing day begins a week',
  day: 10,
  cadence: { unit: 'week', count: 1 },
  from: '2026-06-01',
  first: '2026-06-03 00:00',
  next: '2026-06-10 00:00',
});

test('days of a trial are local calendar days and keep the time of day', (t) => {
  t.is(plusLocalDays(utc('2026-03-20 09:00'), 14, 'Europe/Berlin'), utc('2026-04-03 08:00'));
  t.is(plusLocalDays(utc('2026-10-20 08:00'), 7, 'Europe/Berlin'), utc('2026-10-27 09:00'));
});
