import { portion, sumOf } from '../../shared/money.ts';
import type { TaxReason } from './reasons.ts';
import type { TaxBehaviour, TaxCategoryCode, TaxedLine, TaxResult } from './tax-calculator.ts';

/** A tax that applies: its rate as an exact decimal. */
export type AppliedTax = { readonly name: string; readonly jurisdiction: string; readonly rate: string };

/** How lines of one kind are taxed. `taxes` has at least one; a rate of `0` where nothing is charged. */
export type Treatment = {
  readonly category: TaxCategoryCode;
  readonly reason: TaxReason | null;
  readonly taxes: readonly AppliedTax[];
  /** The law takes the rate of the price with tax in it (Brazil's ISS), not of the net. */
  readonly withinPrice: boolean;
};

const decimalsOf = (rate: string): number => rate.split('.')[1]?.length ?? 0;

/** Rates over one power of ten, so that what follows is arithmetic in integers: `['0.05', '0.09975']` is `[5000, 9975]` over 100000. */
function scaled(rates: readonly string[]): { readonly numerators: readonly number[]; readonly one: number } {
  const decimals = Math.max(...rates.map(decimalsOf));
  return { numerators: rates.map((rate) => Number(rate.replace('.', '') + '0'.repeat(decimals - decimalsOf(rate)))), one: 10 ** decimals };
}

/** The exact sum of decimal rates, without zeros at its end. */
export function sumOfRates(rates: readonly string[]): string {
  const { numerators, one } = scaled(rates);
  const digits = String(sumOf(numerators)).padStart(String(one).length, '0');
  const decimals = String(one).length - 1;
  const text = `${digits.slice(0, digits.length - decimals)}.${digits.slice(digits.length - decimals)}`;
  return text.replace(/\.?0*$/, '');
}

/**
 * `numerator / denominator` of the sum, rounded once half away from zero, and spread so that the shares sum to it: each line gets its exact
 * share cut towards zero, then what is missing goes a unit at a time to the largest remainders, ties by line order. Holds for lines of mixed
 * signs, and the shares of the negated lines are the negated shares.
 */
function spread(amounts: readonly number[], numerator: number, denominator: number): { total: number; shares: readonly number[] } {
  const total = portion(sumOf(amounts), numerator, denominator) + 0;
  const exact = amounts.map((amount) => BigInt(amount) * BigInt(numerator));
  const shares = exact.map((share) => Number(share / BigInt(denominator)));
  const missing = total - sumOf(shares);
  const unit = Math.sign(missing);
  const byRemainder = exact
    .map((share, index) => ({ index, remainder: (share % BigInt(denominator)) * BigInt(unit) }))
    .sort((left, right) => Number(right.remainder - left.remainder));
  for (const { index } of byRemainder.slice(0, Math.abs(missing))) shares[index] = (shares[index] ?? 0) + unit;
  return { total, shares };
}

/** What the numerators are taken over, so that a tax is its numerator's part of the amounts as they stand on the lines. */
function denominatorOf(one: number, sum: number, behaviour: TaxBehaviour, withinPrice: boolean): number {
  if (withinPrice) return behaviour === 'inclusive' ? one : one - sum;
  return behaviour === 'inclusive' ? one + sum : one;
}

/**
 * Taxes lines that are treated alike (billing-rules.md, Discounts, credit, tax; EN 16931 BR-CO-17): each tax per rate on the sum of the
 * amounts, rounded once. Inclusive amounts contain the tax: `rate / (1 + all rates)` of them.
 */
export function assess(amounts: readonly number[], treatment: Treatment, behaviour: TaxBehaviour): TaxResult {
  const { category, reason, taxes, withinPrice } = treatment;
  const rates = taxes.map(({ rate }) => rate);
  const { numerators, one } = scaled(rates);
  const denominator = denominatorOf(one, sumOf(numerators), behaviour, withinPrice);
  const spreads = numerators.map((numerator) => spread(amounts, numerator, denominator));
  const rate = sumOfRates(rates);
  const lines = amounts.map((amount, index): TaxedLine => {
    const tax = sumOf(spreads.map(({ shares }) => shares[index] ?? 0));
    return { rate, category, net: behaviour === 'inclusive' ? amount - tax : amount, tax };
  });
  const taxable = sumOf(lines.map(({ net }) => net));
  const why = { reason: reason?.code ?? null, note: reason?.note ?? null };
  const totals = taxes.map((tax, index) => ({ category, ...tax, taxable, tax: spreads[index]?.total ?? 0, ...why }));
  return { lines, totals };
}
