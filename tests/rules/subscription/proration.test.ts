import test from 'ava';
import fc from 'fast-check';
import { anchorOn } from '../../../actors/subscription/rules/billing-period.ts';
import { creditLine, lengthOf, type Measure, recurringLine } from '../../../actors/subscription/rules/proration.ts';
import type { ChargedItem } from '../../../actors/subscription/rules/subscription.ts';
import { portion } from '../../../services/shared/money.ts';
import { millisOf } from '../../../services/shared/time.ts';
import { instantArbitrary, zoneArbitrary } from '../../support/random-terms.ts';
import { basic, monthly, terms, utc } from '../../support/subscription-life.ts';

const days: Measure = { timezone: 'Europe/Berlin', prorationUnit: 'day' };
const seconds: Measure = { timezone: 'Europe/Berlin', prorationUnit: 'second' };
const length = (start: string, end: string, measure: Measure) => lengthOf(millisOf(utc(start)), millisOf(utc(end)), measure);

test('a day of 23 hours is one day, and so is a day of 25', (t) => {
  t.is(length('2026-03-28 23:00', '2026-03-29 22:00', days), 1);
  t.is(length('2026-10-24 22:00', '2026-10-25 23:00', days), 1);
  t.is(length('2026-03-28 23:00', '2026-03-29 22:00', seconds), 23 * 3600);
  t.is(length('2026-10-24 22:00', '2026-10-25 23:00', seconds), 25 * 3600);
});

test('the day of a change belongs to the new terms, whatever the time of day', (t) => {
  t.is(length('2026-03-01 12:00', '2026-03-31 22:00', days), 31);
  t.is(length('2026-03-01 22:59', '2026-03-31 22:00', days), 31);
  t.is(length('2026-03-01 23:00', '2026-03-31 22:00', days), 30);
});

test('the day that Samoa skipped counts as a day of the calendar', (t) => {
  t.is(length('2011-12-29 10:00', '2011-12-31 10:00', { timezone: 'Pacific/Apia', prorationUnit: 'day' }), 3);
});

test('law: the lengths of adjacent parts add up, in days and in seconds', (t) => {
  fc.assert(
    fc.property(
      zoneArbitrary,
      fc.constantFrom<'day' | 'second'>('day', 'second'),
      fc.array(instantArbitrary('2000-01-01', '2040-01-01'), { minLength: 3, maxLength: 6 }),
      (timezone, prorationUnit, instants) => {
        const sorted = instants.map(millisOf).sort((one, other) => one - other);
        const parts = sorted.slice(1).map((end, index) => lengthOf(sorted[index] ?? end, end, { timezone, prorationUnit }));
        const whole = lengthOf(sorted[0] ?? 0, sorted.at(-1) ?? 0, { timezone, prorationUnit });
        return parts.reduce((sum, part) => sum + part, 0) === whole && parts.every((part) => part >= 0);
      },
    ),
  );
  t.pass();
});

const firstOfMonth = anchorOn(1, null, monthly, 'UTC', utc('2026-03-01'));
const inUtc: Measure = { timezone: 'UTC', prorationUnit: 'day' };

test('half a cent is rounded away from zero, on charges and on credits', (t) => {
  t.is(portion(5, 1, 2), 3);
  t.is(portion(-5, 1, 2), -3);
  t.is(portion(9_007_199_254_740_991, 1, 3), 3_002_399_751_580_330);
});

test('a charge from the boundary is the whole price', (t) => {
  const line = recurringLine({ ...basic, quantity: 3 }, firstOfMonth, utc('2026-03-01'), inUtc);
  t.deepEqual([line.amount, line.explanation.rule], [9300, 'full-period']);
});

test('a charge from within the period is the remaining share of the full period', (t) => {
  const line = recurringLine(basic, firstOfMonth, utc('2026-03-17 18:00'), inUtc);
  t.deepEqual(line.explanation, { rule: 'partial-period', unit: 'day', numerator: 15, denominator: 31, base: 3100 });
  t.is(line.amount, 1500);
});

const item: ChargedItem = {
  kind: 'recurring',
  terms: basic,
  invoiceId: 'inv_sub_1_1',
  period: { start: utc('2026-03-01'), end: utc('2026-04-01') },
  amount: 2480,
  credited: 0,
};

test('a credit is a share of the amount that was really charged, and not of the price', (t) => {
  t.is(creditLine(item, 'unused-time', inUtc, utc('2026-03-17'))?.amount, -1200);
});

test('a credit never exceeds the rest of the charge', (t) => {
  t.is(creditLine({ ...item, credited: 2000 }, 'unused-time', inUtc, utc('2026-03-17'))?.amount, -480);
  t.is(creditLine({ ...item, credited: 2480 }, 'unused-time', inUtc, utc('2026-03-17')), undefined);
});

test('time outside the charge is not credited', (t) => {
  t.is(creditLine(item, 'unused-time', inUtc, utc('2026-04-01')), undefined);
  t.is(creditLine(item, 'blocked-time', inUtc, utc('2026-02-01'), utc('2026-05-01'))?.amount, -2480);
});

test('a credit names the invoice that charged the time', (t) => {
  t.is(creditLine(item, 'unused-time', inUtc, utc('2026-03-17'))?.creditedInvoiceId, 'inv_sub_1_1');
});

test('a charge and a credit from the same instant cancel each other', (t) => {
  fc.assert(
    fc.property(
      instantArbitrary('2020-01-01', '2030-01-01'),
      zoneArbitrary,
      fc.constantFrom<'day' | 'second'>('day', 'second'),
      fc.integer({ min: 1, max: 10_000_000 }),
      (at, timezone, prorationUnit, amount) => {
        const measure = { timezone, prorationUnit };
        const bought = terms('plan_any', amount);
        const line = recurringLine(bought, anchorOn(31, null, monthly, timezone, at), at, measure);
        const charged = {
          kind: 'recurring' as const,
          terms: bought,
          invoiceId: 'inv_1',
          period: line.period,
          amount: line.amount,
          credited: 0,
        };
        const back = creditLine(charged, 'unused-time', measure, at);
        return line.amount + (back?.amount ?? 0) === 0;
      },
    ),
  );
  t.pass();
});
