import test from 'ava';
import fc from 'fast-check';
import { DateTime, IANAZone } from 'luxon';
import { localMillisOf, millisOfLocal } from '../../services/shared/local-time.ts';
import { millisOf } from '../../services/shared/time.ts';
import { lawRuns } from '../support/law-runs.ts';

const minute = 60_000;
const instants = fc.integer({ min: Date.UTC(1970, 1, 1) / minute, max: Date.UTC(2060, 0, 1) / minute }).map((at) => at * minute);
const zones = fc.constantFrom(...Intl.supportedValuesOf('timeZone'));

const reading = (text: string): number => millisOf(`${text.replace(' ', 'T')}:00.000Z`);
const utcOf = (local: string, zone: string): string => new Date(millisOfLocal(reading(local), zone)).toISOString().slice(0, 16);

test('cached offsets equal those of the zone, in every zone', (t) => {
  fc.assert(
    fc.property(zones, instants, (zone, at) => localMillisOf(at, zone) === at + IANAZone.create(zone).offset(at) * minute),
    { numRuns: lawRuns(3_000) },
  );
  t.pass();
});

test('the minutes before and after a clock change have different offsets', (t) => {
  const change = millisOf('2026-03-29T01:00:00.000Z');
  t.is(localMillisOf(change - 1, 'Europe/Berlin'), change - 1 + 60 * minute);
  t.is(localMillisOf(change, 'Europe/Berlin'), change + 120 * minute);
});

test('a local time leads back to its instant, or to the first of two', (t) => {
  fc.assert(
    fc.property(zones, instants, (zone, at) => {
      const back = millisOfLocal(localMillisOf(at, zone), zone);
      return back === at || (back < at && localMillisOf(back, zone) === localMillisOf(at, zone));
    }),
    { numRuns: lawRuns(3_000) },
  );
  t.pass();
});

test('a local time that is skipped moves forward by the length of the gap', (t) => {
  t.is(utcOf('2026-03-29 02:30', 'Europe/Berlin'), '2026-03-29T01:30');
  t.is(utcOf('2026-10-04 02:15', 'Australia/Lord_Howe'), '2026-10-03T15:45');
  t.is(utcOf('2011-12-30 10:00', 'Pacific/Apia'), '2011-12-30T20:00');
});

test('a local time that occurs twice means its first occurrence', (t) => {
  t.is(utcOf('2026-10-25 02:30', 'Europe/Berlin'), '2026-10-25T00:30');
  t.is(utcOf('2026-11-01 01:30', 'America/New_York'), '2026-11-01T05:30');
});

test('ordinary local times are converted as luxon converts them', (t) => {
  t.is(
    utcOf('2026-07-01 12:00', 'Asia/Kathmandu'),
    DateTime.fromISO('2026-07-01T12:00', { zone: 'Asia/Kathmandu' }).toUTC().toISO()?.slice(0, 16),
  );
});

test('an unknown time zone is an error', (t) => {
  t.throws(() => localMillisOf(0, 'Mars/Olympus'), { instanceOf: RangeError });
});
