import type { Cadence, Item, Terms } from '../../actors/subscription/client.ts';
import { accept, type Result, reject } from '../shared/result.ts';
import type { Plan, Price } from './catalogue/plan.ts';

export type Wish = {
  readonly currency: string;
  readonly country: string;
  /** Must be had, or the plan cannot be sold so. */
  readonly interval?: Cadence | undefined;
  /** Taken where the plan offers it. */
  readonly preferredInterval?: Cadence | undefined;
  readonly quantity: number;
  readonly addOns?: readonly { readonly plan: Plan; readonly quantity: number }[] | undefined;
};

/**
 * The plan and its add-ons at the prices the customer pays: the currency must match, then the interval when one is wished (else the preferred
 * one, else the plan's first), and a price for the customer's country goes before one for all. Add-ons bill as often as the plan.
 */
export function termsFor(plan: Plan, wish: Wish): Result<Terms> {
  if (plan.addOn) return reject('is-an-add-on', `${plan.id} is an add-on, which comes with a plan.`, '/planId');
  const main = itemFor(plan, wish);
  if (!main.ok) return main;
  const addOns: Item[] = [];
  for (const [index, { plan: addOn, quantity }] of (wish.addOns ?? []).entries()) {
    const pointer = `/addOns/${index}/planId`;
    if (!addOn.addOn) return reject('not-an-add-on', `${addOn.id} is a plan of its own.`, pointer);
    const item = itemFor(addOn, { ...wish, interval: main.value.plan.interval, quantity });
    if (!item.ok)
      return reject(
        item.rejection.code,
        item.rejection.message,
        item.rejection.pointer === '/quantity' ? `/addOns/${index}/quantity` : pointer,
      );
    addOns.push(item.value);
  }
  return accept({ ...main.value, addOns });
}

/** One plan or add-on at the price that a wish comes to. */
export function itemFor(plan: Plan, { currency, country, interval, preferredInterval, quantity }: Wish): Result<Item> {
  const inCurrency = plan.prices.filter((price) => price.currency === currency && (price.country === null || price.country === country));
  if (inCurrency.length === 0) return reject('price-missing', `${plan.id} has no price in ${currency} for ${country}.`, '/currency');
  const preferred = inCurrency.find((price) => sameCadence(price.interval, preferredInterval)) ?? inCurrency[0];
  const wished = interval ?? preferred?.interval;
  const fitting = inCurrency.filter((price) => sameCadence(price.interval, wished));
  const price = fitting.find((candidate) => candidate.country === country) ?? fitting[0];
  if (!price) return reject('price-missing', `${plan.id} has no price in ${currency} for this interval.`, '/interval');
  if (quantity < plan.minQuantity || quantity > plan.maxQuantity)
    return reject('quantity-out-of-range', `${plan.id} is sold ${plan.minQuantity} to ${plan.maxQuantity} at a time.`, '/quantity');
  return accept({ plan: planTermsOf(plan, price), quantity });
}

const planTermsOf = (plan: Plan, price: Price): Item['plan'] => ({
  planId: plan.id,
  version: plan.version,
  name: plan.name,
  price: { amount: price.amount, currency: price.currency },
  tiers: price.tiers.length > 0 ? price.tiers : plan.tiers,
  phases: price.phases,
  commitment: price.commitment,
  interval: price.interval,
  taxBehaviour: plan.taxBehaviour,
  billing: plan.billing,
  minQuantity: plan.minQuantity,
  maxQuantity: plan.maxQuantity,
  entitlements: plan.entitlements,
});

export const sameCadence = (left: Cadence, right: Cadence | undefined): boolean => left.unit === right?.unit && left.count === right.count;
