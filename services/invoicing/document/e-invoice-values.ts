import { localDay } from '../../shared/local-time.ts';
import { decimalOf } from '../../shared/money.ts';
import type { Period } from '../../shared/time.ts';
import { lastDayOf } from './printed-document.ts';

/**
 * The content of an element: text, elements by name in their order, or one element several times.
 * An undefined element is left out.
 */
export type Content = string | { readonly [name: string]: Content | undefined | readonly Content[] };

export const amountIn =
  (currency: string) =>
  (amount: number): Content => ({ '@currencyID': currency, '#': decimalOf({ amount, currency }) });

/** The whole number over a power of ten that a decimal rate is: `0.0975` is 975 over 10000. */
export function fractionOf(rate: string): { readonly numerator: number; readonly one: number } {
  const [whole = '0', decimals = ''] = rate.split('.');
  return { numerator: Number(whole + decimals), one: 10 ** decimals.length };
}

/** `0.0975` as `9.75`, moved as text because a product of floats has noise. */
export function percentOf(rate: string): string {
  const [whole = '0', decimals = ''] = rate.split('.');
  const padded = decimals.padEnd(2, '0');
  const percent = `${whole}${padded.slice(0, 2)}.${padded.slice(2)}`;
  return percent.replace(/^0+(?=\d)/, '').replace(/\.?0*$/, '');
}

/**
 * BG-14 and BG-26, by days in the customer's time zone. Our periods exclude their end, those of
 * EN 16931 include it; none ends before it starts (BR-29, BR-30).
 */
export function periodOf(period: Period | null, timezone: string): Content | undefined {
  if (period === null) return undefined;
  return { 'cbc:StartDate': localDay(period.start, timezone), 'cbc:EndDate': localDay(lastDayOf(period, timezone), timezone) };
}

/** The trimmed text; undefined, so that the element is left out, where it is empty. */
export const textOf = (text: string | null | undefined): string | undefined => text?.trim() || undefined;
