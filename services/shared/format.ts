import { LRUCache } from 'lru-cache';
import { decimalOf, type Money } from './money.ts';
import { type Instant, millisOf } from './time.ts';

const fallbackLocale = 'en';

/**
 * Making a formatter costs far more than using one, and callers name the locales, so a bounded
 * number is kept.
 */
const formatters = new LRUCache<string, Intl.NumberFormat | Intl.DateTimeFormat>({ max: 500 });

const cached = <Formatter extends Intl.NumberFormat | Intl.DateTimeFormat>(key: string, make: () => Formatter): Formatter => {
  const known = formatters.get(key) as Formatter | undefined;
  if (known) return known;
  const made = make();
  formatters.set(key, made);
  return made;
};

/**
 * The locale as Intl knows it, else its language, else English: a wrong or rare locale never stops
 * an invoice.
 */
export function usableLocale(locale: string): string {
  for (const candidate of [locale, locale.split('-')[0] ?? '', fallbackLocale]) {
    try {
      const [supported] = Intl.NumberFormat.supportedLocalesOf(candidate);
      if (supported !== undefined) return supported;
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
    }
  }
  return fallbackLocale;
}

/**
 * `1.234,50 €`: minor units as the locale writes them, exact at any size, with the decimals of the
 * currency itself.
 */
export function formatMoney(money: Money, locale: string): string {
  const usable = usableLocale(locale);
  const { currency } = money;
  const formatter = cached(`money ${usable} ${currency}`, () => new Intl.NumberFormat(usable, { style: 'currency', currency }));
  return formatter.format(decimalOf(money) as Intl.StringNumericLiteral);
}

/** `19 %` for the exact decimal `0.19`, with as many decimals as it has. */
export function formatPercent(rate: string, locale: string): string {
  const usable = usableLocale(locale);
  const formatter = cached(`percent ${usable}`, () => new Intl.NumberFormat(usable, { style: 'percent', maximumFractionDigits: 4 }));
  return formatter.format(rate as Intl.StringNumericLiteral);
}

/** A country's name in the locale's language, else its code. */
export const regionName = (country: string, locale: string): string =>
  new Intl.DisplayNames(usableLocale(locale), { type: 'region', fallback: 'code' }).of(country) ?? country;

/** Long date in the zone: `31. Januar 2026`. */
export const formatDate = (instant: Instant, timeZone: string, locale: string): string =>
  dateFormat(locale, timeZone, { dateStyle: 'long' }).format(millisOf(instant));

/**
 * Long date and time of day in the zone, with the zone's name, as an hour without its zone would
 * mislead.
 */
export const formatDateTime = (instant: Instant, timeZone: string, locale: string): string =>
  dateFormat(locale, timeZone, {
    year: 'numeric',
    month: 'long',
    day: 'numeric',
    hour: 'numeric',
    minute: '2-digit',
    timeZoneName: 'short',
  }).format(millisOf(instant));

/** `2 Wochen`. */
export function formatDuration(count: number, unit: string, locale: string): string {
  const usable = usableLocale(locale);
  return cached(`duration ${usable} ${unit}`, () => new Intl.NumberFormat(usable, { style: 'unit', unit, unitDisplay: 'long' })).format(
    count,
  );
}

/**
 * Bills count in the Gregorian calendar, whatever a country's default; a locale that names its
 * calendar (`-u-ca-`) gets it.
 */
function dateFormat(locale: string, timeZone: string, style: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const usable = usableLocale(locale);
  const calendar = new Intl.Locale(usable).calendar ?? 'gregory';
  return cached(
    `date ${usable} ${timeZone} ${Object.keys(style).length}`,
    () => new Intl.DateTimeFormat(usable, { ...style, timeZone, calendar }),
  );
}
