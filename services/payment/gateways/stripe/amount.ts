import { exponentOf, type Money } from '../../../shared/money.ts';

/**
 * Currencies whose amounts Stripe counts in whole units (docs.stripe.com/currencies, zero-decimal).
 * UGX and ISK are not among them: Stripe counts their hundredths although they are never paid, so
 * our whole units become multiples of 100.
 */
const wholeUnits = new Set(['BIF', 'CLP', 'DJF', 'GNF', 'JPY', 'KMF', 'KRW', 'MGA', 'PYG', 'RWF', 'VND', 'VUV', 'XAF', 'XOF', 'XPF']);
/**
 * Currencies that Stripe counts in thousandths, the last digit of which must be 0 (three-decimal).
 */
const thousandths = new Set(['BHD', 'JOD', 'KWD', 'OMR', 'TND']);

const stripeExponent = (currency: string): number => (wholeUnits.has(currency) ? 0 : thousandths.has(currency) ? 3 : 2);

/** Half away from zero, for amounts that are never negative. */
const roundedTo = (amount: number, step: number): number => Math.floor((amount + step / 2) / step) * step;

/**
 * An amount as Stripe counts it, from our minor units: rounded half up where Stripe counts coarser
 * than we do, so by at most five thousandths of a KWD. A whole charge and its whole refund are
 * rounded alike.
 */
export function stripeAmount({ amount, currency }: Money): number {
  const digits = stripeExponent(currency) - exponentOf(currency);
  const counted = digits >= 0 ? amount * 10 ** digits : roundedTo(amount, 10 ** -digits) / 10 ** -digits;
  return thousandths.has(currency) ? roundedTo(counted, 10) : counted;
}

/**
 * Our minor units of an amount as Stripe counts it. Rounding done by `stripeAmount` is not undone.
 */
export function amountOfStripe({ amount, currency }: Money): number {
  const digits = stripeExponent(currency) - exponentOf(currency);
  return digits >= 0 ? Math.round(amount / 10 ** digits) : amount * 10 ** -digits;
}

/** An amount after the rounding that Stripe does, in our minor units. */
export const asStripeCounts = (money: Money): number => amountOfStripe({ ...money, amount: stripeAmount(money) });
