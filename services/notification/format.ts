import { LRUCache } from 'lru-cache';
import { exponentOf, type Money } from '../shared/money.ts';
import type { Instant } from '../shared/time.ts';

type Formatters = { readonly money: (money: Money) => string; readonly day: (at: Instant) => string };

/** Making an Intl formatter costs far more than using it. */
const formatters = new LRUCache<string, Intl.NumberFormat | Intl.DateTimeFormat>({ max: 500 });

/** Money and days as people of a locale and time zone write them. */
export const formattersFor = (locale: string, timezone: string): Formatters => ({
  money: ({ amount, currency }) =>
    kept(`${locale} ${currency}`, () => new Intl.NumberFormat(locale, { style: 'currency', currency })).format(
      decimalOf(amount, exponentOf(currency)),
    ),
  day: (at) =>
    kept(`${locale} ${timezone}`, () => new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeZone: timezone })).format(new Date(at)),
});

function kept<Formatter extends Intl.NumberFormat | Intl.DateTimeFormat>(key: string, make: () => Formatter): Formatter {
  const known = formatters.get(key) as Formatter | undefined;
  if (known) return known;
  const formatter = make();
  formatters.set(key, formatter);
  return formatter;
}

/** Minor units as a decimal text, which Intl formats without passing through a float. */
function decimalOf(amount: number, exponent: number): Intl.StringNumericLiteral {
  const digits = String(Math.abs(amount)).padStart(exponent + 1, '0');
  const whole = digits.slice(0, digits.length - exponent);
  return `${amount < 0 ? '-' : ''}${whole}.${digits.slice(digits.length - exponent)}0` as Intl.StringNumericLiteral;
}
