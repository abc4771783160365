import { IANAZone } from 'luxon';
import { type Instant, instantOfMillis, millisOf } from './time.ts';

export const dayMillis = 86_400_000;

const rememberedZones = 1_000;
const rememberedDays = 20_000;

/**
 * An IANA zone that remembers its offset at each UTC midnight it was used for, since a call of Intl
 * costs more than a whole decision. Between two midnights with the same offset the offset is
 * constant, for no zone changes twice in a day; on the day of a change Intl is called.
 */
class RememberingZone extends IANAZone {
  readonly #midnights = new Map<number, number>();

  override offset(millis: number): number {
    const day = Math.floor(millis / dayMillis);
    const offset = this.#atMidnight(day);
    return offset === this.#atMidnight(day + 1) ? offset : super.offset(millis);
  }

  #atMidnight(day: number): number {
    const known = this.#midnights.get(day);
    if (known !== undefined) return known;
    if (this.#midnights.size >= rememberedDays) this.#midnights.clear();
    const offset = super.offset(day * dayMillis);
    this.#midnights.set(day, offset);
    return offset;
  }
}

const zones = new Map<string, RememberingZone>();

/**
 * Milliseconds by which the zone's clocks are ahead of UTC at that instant. Throws a RangeError for
 * a name that is no IANA zone.
 */
function offsetMillis(zone: string, millis: number): number {
  let known = zones.get(zone);
  if (known === undefined) {
    known = new RememberingZone(zone);
    if (!known.isValid) throw new RangeError(`${zone} is not an IANA time zone`);
    if (zones.size >= rememberedZones) zones.clear();
    zones.set(zone, known);
  }
  return known.offset(millis) * 60_000;
}

/** The reading of a local clock at an instant, in milliseconds as if that reading were UTC. */
export const localMillisOf = (millis: number, zone: string): number => millis + offsetMillis(zone, millis);

/**
 * The instant at which the clock on the wall shows `local`. A reading that comes twice means its
 * first time; one that daylight saving (or Samoa's missing day) skips moves forward by what was
 * skipped. Luxon would choose between the two by the season of the present day, which a decision
 * that is repeated later must not do.
 */
export function millisOfLocal(local: number, zone: string): number {
  const before = offsetMillis(zone, local - dayMillis);
  const first = local - before;
  if (offsetMillis(zone, first) === before) return first;
  const after = offsetMillis(zone, local + dayMillis);
  const second = local - after;
  return offsetMillis(zone, second) === after ? second : first;
}

/** The day on the calendar there: `2026-02-28`. */
export const localDay = (instant: Instant, zone: string): string =>
  new Date(localMillisOf(millisOf(instant), zone)).toISOString().slice(0, 10);

/** The instant a number of local calendar days later, at the same time of day. */
export const plusLocalDays = (instant: Instant, days: number, zone: string): Instant =>
  instantOfMillis(millisOfLocal(localMillisOf(millisOf(instant), zone) + days * dayMillis, zone));

/** The first midnight after an instant on the clock there. */
export function nextLocalMidnight(instant: Instant, zone: string): Instant {
  const days = Math.floor(localMillisOf(millisOf(instant), zone) / dayMillis);
  return instantOfMillis(millisOfLocal((days + 1) * dayMillis, zone));
}

/** Local midnights between two instants in milliseconds: a day of 23 or 25 hours is one day. */
export const localDaysBetween = (start: number, end: number, zone: string): number =>
  Math.floor(localMillisOf(end, zone) / dayMillis) - Math.floor(localMillisOf(start, zone) / dayMillis);

/**
 * The instant a number of local calendar months later, at the same time of day; a day that the
 * month lacks becomes its last day.
 */
export function plusLocalMonths(instant: Instant, months: number, zone: string): Instant {
  const local = new Date(localMillisOf(millisOf(instant), zone));
  const month = Date.UTC(local.getUTCFullYear(), local.getUTCMonth() + months);
  const days = (Date.UTC(local.getUTCFullYear(), local.getUTCMonth() + months + 1) - month) / dayMillis;
  const timeOfDay = local.getTime() - Math.floor(local.getTime() / dayMillis) * dayMillis;
  return instantOfMillis(millisOfLocal(month + (Math.min(local.getUTCDate(), days) - 1) * dayMillis + timeOfDay, zone));
}
