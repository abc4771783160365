import { DateTime, IANAZone, Settings } from 'luxon';

Settings.throwOnInvalid = true;

declare module 'luxon' {
  interface TSSettings {
    throwOnInvalid: true;
  }
}

/** A UTC instant, always `YYYY-MM-DDTHH:mm:ss.sssZ`, so that instants compare as text. */
export type Instant = string;

/** Half-open: `start` belongs to it, `end` does not. */
export type Period = { readonly start: Instant; readonly end: Instant };

/**
 * The instant of an ISO 8601 text with an offset, or undefined where it is none (impossible date,
 * no offset, outside the years 1970 to 9999).
 */
export function instantOf(text: string): Instant | undefined {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/i.test(text)) return undefined;
  try {
    const instant = DateTime.fromISO(text, { zone: 'utc' }).toJSDate().toISOString();
    return instant.length === 24 && instant >= '1970' ? instant : undefined;
  } catch {
    return undefined;
  }
}

export const instantOfMillis = (millis: number): Instant => new Date(millis).toISOString();

export const millisOf = (instant: Instant): number => Date.parse(instant);

export const plusMillis = (instant: Instant, millis: number): Instant => instantOfMillis(millisOf(instant) + millis);

export const earliest = (...instants: readonly (Instant | null | undefined)[]): Instant | undefined =>
  instants.reduce<Instant | undefined>((first, next) => (next != null && (first === undefined || next < first) ? next : first), undefined);

export const later = (left: Instant, right: Instant): Instant => (left > right ? left : right);

/**
 * The usual names of zones: to look one up is a thousand times faster than to have Intl check it.
 */
const usualTimeZones: ReadonlySet<string> = new Set(['UTC', ...Intl.supportedValuesOf('timeZone')]);

/**
 * True for an IANA zone name. Offsets such as `+02:00` are not zones, because they have no daylight
 * saving.
 */
export const isTimeZone = (name: string): boolean => usualTimeZones.has(name) || (/^[A-Za-z]/.test(name) && IANAZone.isValidZone(name));
