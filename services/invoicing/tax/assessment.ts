import { portion, sumOf } from '../../shared/money.ts';
import type { TaxReason } from './reasons.ts';
import type { TaxBehaviour, TaxCategoryCode, TaxedLine, TaxResult } from './tax-calculator.ts';

/** A tax that applies: its rate as an exact decimal. */
export type AppliedTax = { readonly name: string; readonly jurisdiction: string; readonly rate: string };

/**
 * The taxation of lines of one kind. `taxes` has at least one entry, with rate `0` where none is
 * charged.
 */
export type Treatment = {
  readonly category: TaxCategoryCode;
  readonly reason: TaxReason | null;
  readonly taxes: readonly AppliedTax[];
  /** The rate applies to the price with tax (Brazil's ISS) and not to the net amount. */
  readonly withinPrice: boolean;
};

const decimalsOf = (rate: string): number => rate.split('.')[1]?.length ?? 0;

/**
 * Rates over one power of ten, so that all arithmetic is in integers: `['0.05', '0.09975']` becomes
 * `[5000, 9975]` over 100000.
 */
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
 * `numerator / denominator` of the sum, rounded once half away from zero, with shares that sum to
 * it: each line receives its exact share truncated towards zero, then the missing units go one by
 * one to the largest remainders, ties by line order. Valid for lines of mixed signs; the shares of
 * negated lines are the negated shares.
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

/** The denominator with which each numerator gives its tax from the amounts of the lines. */
function denominatorOf(one: number, sum: number, behaviour: TaxBehaviour, withinPrice: boolean): number {
  if (withinPrice) return behaviour === 'inclusive' ? one : one - sum;
  return behaviour === 'inclusive' ? one + sum : one;
}

/**
 * Taxes lines with one treatment (docs/billing-rules.md, Discounts, credit, tax; EN 16931
 * BR-CO-17): each tax on the sum of the amounts, rounded once. Inclusive amounts contain the tax:
 * `rate / (1 + all rates)` of them.
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
  const reasonFields = { reason: reason?.code ?? null, note: reason?.note ?? null };
  const totals = taxes.map((tax, index) => ({ category, ...tax, taxable, tax: spreads[index]?.total ?? 0, ...reasonFields }));
  return { lines, totals };
}
