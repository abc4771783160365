import test from 'ava';
import fc from 'fast-check';
import { DateTime } from 'luxon';
import { anchorFrom, anchorOn, periodAround } from '../../../actors/subscription/rules/billing-period.ts';
import type { BillingInterval } from '../../../actors/subscription/rules/subscription.ts';
import { type Instant, instantOfMillis, millisOf } from '../../../services/shared/time.ts';
import { lawRuns } from '../../support/law-runs.ts';
import { cadenceArbitrary, instantArbitrary, zoneArbitrary } from '../../support/random-terms.ts';

const anchorArbitrary = (zone: string, cadence: BillingInterval) =>
  fc.oneof(
    instantArbitrary('1975-01-01', '2030-01-01').map((from) => ({ anchor: anchorFrom(from, zone), from })),
    fc
      .record({
        from: instantArbitrary('1975-01-01', '2030-01-01'),
        day: fc.integer({ min: 1, max: 31 }),
        month: fc.option(fc.integer({ min: 1, max: 12 })),
      })
      .map(({ from, day, month }) => ({ anchor: anchorOn(day, month, cadence, zone, from), from })),
  );

const gridArbitrary = fc
  .record({ zone: zoneArbitrary, cadence: cadenceArbitrary })
  .chain(({ zone, cadence }) => anchorArbitrary(zone, cadence).map((grid) => ({ ...grid, zone, cadence })));

const fiftyYears = 50 * 366 * 86_400_000;

test('law: periods cover fifty years without gap or overlap, for any anchor, time zone and interval', (t) => {
  fc.assert(
    fc.property(gridArbitrary, ({ anchor, from, zone, cadence }) => {
      const until = instantOfMillis(millisOf(from) + fiftyYears);
      let period = periodAround(anchor, cadence, zone, from);
      if (period.start > from || period.end <= from) throw new Error(`${from} is not in ${JSON.stringify(period)}`);
      while (period.end < until) {
        const next = periodAround(anchor, cadence, zone, period.end);
        if (next.start !== period.end || next.end <= next.start) throw new Error(`${JSON.stringify(next)} after ${JSON.stringify(period)}`);
        period = next;
      }
    }),
    { numRuns: lawRuns(60) },
  );
  t.pass();
});

test('law: every instant of a period finds the same period', (t) => {
  fc.assert(
    fc.property(
      gridArbitrary,
      instantArbitrary('1970-02-01', '2080-01-01'),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (grid, at, part) => {
        const { anchor, cadence, zone } = grid;
        const period = periodAround(anchor, cadence, zone, at);
        const inside = millisOf(period.start) + Math.floor((millisOf(period.end) - millisOf(period.start)) * part);
        const again = periodAround(anchor, cadence, zone, instantOfMillis(inside));
        if (again.start !== period.start || again.end !== period.end)
          throw new Error(`${JSON.stringify(again)} is not ${JSON.stringify(period)}`);
      },
    ),
    { numRuns: lawRuns(1_000) },
  );
  t.pass();
});

test('law: boundaries are the dates that calendar arithmetic from the anchor gives', (t) => {
  fc.assert(
    fc.property(gridArbitrary, fc.integer({ min: 0, max: 200 }), ({ anchor, cadence, zone }, n) => {
      const { year, month, day, timeOfDayMillis } = anchor;
      const first = DateTime.utc(year, month);
      const isClamped = cadence.unit === 'month' || cadence.unit === 'year';
      const stepped = isClamped ? first.plus({ [cadence.unit]: n * cadence.count }) : first;
      const wishedDay = stepped.set({ day: Math.min(day, stepped.daysInMonth) });
      const date = isClamped ? wishedDay : wishedDay.plus({ [cadence.unit]: n * cadence.count });
      const noon = DateTime.fromObject({ year: date.year, month: date.month, day: date.day, hour: 23, minute: 59 }, { zone });
      const { start } = periodAround(anchor, cadence, zone, noon.toUTC().toISO() as Instant);
      const shown = DateTime.fromISO(start, { zone });
      const reading = date.plus({ milliseconds: timeOfDayMillis });
      const isMoved = shown.toFormat('yyyy-MM-dd HH:mm') !== reading.toFormat('yyyy-MM-dd HH:mm');
      if (
        isMoved &&
        DateTime.fromObject(reading.toObject(), { zone }).toFormat('yyyy-MM-dd HH:mm') === reading.toFormat('yyyy-MM-dd HH:mm')
      ) {
        throw new Error(`boundary ${n} is ${shown.toISO()}, not ${reading.toISO()} local`);
      }
    }),
    { numRuns: lawRuns(1_000) },
  );
  t.pass();
});
