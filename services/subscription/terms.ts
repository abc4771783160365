import type { Cadence, Terms } from '../../actors/subscription/client.ts';
import { accept, type Result, reject } from '../shared/result.ts';
import type { Plan, Price } from './store.ts';

export type Wish = {
  readonly currency: string;
  readonly country: string;
  /** Must be had, or the plan cannot be sold so. */
  readonly interval?: Cadence | undefined;
  /** Taken where the plan offers it. */
  readonly preferredInterval?: Cadence | undefined;
  readonly quantity: number;
};

/**
 * The plan at the price the customer pays: the currency must match, then the interval when one is wished (else the preferred one, else the plan's first),
 * and a price for the customer's country goes before one for all.
 */
export function termsFor(plan: Plan, { currency, country, interval, preferredInterval, quantity }: Wish): Result<Terms> {
  const inCurrency = plan.prices.filter((price) => price.currency === currency && (price.country === null || price.country === country));
  if (inCurrency.length === 0) return reject('price-missing', `${plan.id} has no price in ${currency} for ${country}.`, '/currency');
  const preferred = inCurrency.find((price) => sameCadence(price.interval, preferredInterval)) ?? inCurrency[0];
  const wished = interval ?? preferred?.interval;
  const fitting = inCurrency.filter((price) => sameCadence(price.interval, wished));
  const price: Price | undefined = fitting.find((candidate) => candidate.country === country) ?? fitting[0];
  if (!price) return reject('price-missing', `${plan.id} has no price in ${currency} for this interval.`, '/interval');
  if (quantity < plan.minQuantity || quantity > plan.maxQuantity)
    return reject('quantity-out-of-range', `${plan.id} is sold ${plan.minQuantity} to ${plan.maxQuantity} at a time.`, '/quantity');
  return accept({
    plan: {
      planId: plan.id,
      version: plan.version,
      name: plan.name,
      price: { amount: price.amount, currency },
      tiers: [],
      phases: [],
      commitment: null,
      interval: price.interval,
      taxBehaviour: plan.taxBehaviour,
      minQuantity: plan.minQuantity,
      maxQuantity: plan.maxQuantity,
      entitlements: plan.entitlements,
    },
    quantity,
    addOns: [],
  });
}

const sameCadence = (left: Cadence, right: Cadence | undefined): boolean => left.unit === right?.unit && left.count === right.count;
