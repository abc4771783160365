import type { BillingInterval, Item, PlanTerms, Terms, Tier } from './terms.ts';

/** All items of the terms: the plan first, then its add-ons. */
export const itemsOf = ({ plan, quantity, addOns }: Terms): readonly Item[] => [{ plan, quantity }, ...addOns];

/** Minor units of one unit in the next period: its introductory phase, else the list price. */
export function unitPriceOf({ phases, price }: PlanTerms, periodsBefore: number): number {
  let end = 0;
  for (const { periods, amount } of phases) {
    end += periods;
    if (periodsBefore < end) return amount;
  }
  return price.amount;
}

/** Minor units of a whole period for all units, before discounts and tax. */
export const priceOf = ({ plan, quantity }: Item, periodsBefore: number): number =>
  plan.tiers.length > 0 ? tieredPrice(plan.tiers, quantity) : unitPriceOf(plan, periodsBefore) * quantity;

/** Graduated: each unit has the price of its own tier. */
function tieredPrice(tiers: readonly Tier[], quantity: number): number {
  let below = 0;
  let total = 0;
  for (const { upTo, amount } of tiers) {
    const units = Math.max(0, Math.min(quantity, upTo ?? quantity) - below);
    total += units * amount;
    below += units;
  }
  return total;
}

/** Minor units of a whole period of everything, at list prices. */
export const listPriceOf = (terms: Terms): number => recurringAmountOf(terms, Number.POSITIVE_INFINITY);

/** Minor units of the whole period that follows so many billed ones. */
export const recurringAmountOf = (terms: Terms, periodsBefore: number): number =>
  itemsOf(terms).reduce((total, item) => total + priceOf(item, periodsBefore), 0);

/**
 * Mean Gregorian lengths in 1/4800 of a day: whole numbers, so that twelve months are exactly a
 * year and no float decides a comparison.
 */
const meanLength = { day: 4_800, week: 33_600, month: 146_097, year: 1_753_164 } as const;

const lengthOf = ({ unit, count }: BillingInterval): number => meanLength[unit] * count;

/**
 * Whether `next` costs less a day than `current`, at list prices: a downgrade, which by default
 * waits for the period's end.
 */
export const isCheaper = (current: Terms, next: Terms): boolean =>
  listPriceOf(next) * lengthOf(current.plan.interval) < listPriceOf(current) * lengthOf(next.plan.interval);

/** The entitlements of plan and add-ons: lists are joined, else the value of the add-on wins. */
export function entitlementsOf({ plan, addOns }: Terms): Readonly<Record<string, unknown>> {
  const granted: Record<string, unknown> = { ...plan.entitlements };
  for (const { plan: addOn } of addOns)
    for (const [name, value] of Object.entries(addOn.entitlements)) granted[name] = joined(granted[name], value);
  return granted;
}

const joined = (before: unknown, added: unknown): unknown =>
  Array.isArray(before) && Array.isArray(added) ? [...new Set([...before, ...added])] : added;
