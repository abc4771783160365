import type { BillingInterval, Item, Terms } from '../../actors/subscription/client.ts';
import { accept, type Rejection, type Result, reject } from '../shared/result.ts';
import type { Plan, Price } from './catalogue/plan.ts';

/** The currency, country, interval and quantity for which a plan is to be priced. */
export type PriceRequest = {
  readonly currency: string;
  readonly country: string;
  /** Required: the plan is rejected where it has no price at this interval. */
  readonly interval?: BillingInterval | undefined;
  /** Chosen where the plan has a price at this interval. */
  readonly preferredInterval?: BillingInterval | undefined;
  readonly quantity: number;
  readonly addOns?: readonly { readonly plan: Plan; readonly quantity: number }[] | undefined;
};

/**
 * The plan and its add-ons at the prices the customer pays. The currency must match; then the
 * requested interval counts, else the preferred one, else that of the first price. A price for the
 * country of the customer precedes a price for all. Add-ons bill at the interval of the plan.
 */
export function termsFor(plan: Plan, request: PriceRequest): Result<Terms> {
  if (plan.addOn) return reject('is-an-add-on', `${plan.id} is an add-on, which is sold only together with a plan.`, '/planId');
  const main = itemFor(plan, request);
  if (!main.ok) return main;
  const addOns: Item[] = [];
  for (const [index, { plan: addOn, quantity }] of (request.addOns ?? []).entries()) {
    if (!addOn.addOn) return reject('not-an-add-on', `${addOn.id} is a plan and cannot be sold as an add-on.`, `/addOns/${index}/planId`);
    const item = itemFor(addOn, { ...request, interval: main.value.plan.interval, quantity });
    if (!item.ok) return { ok: false, rejection: ofAddOn(item.rejection, index) };
    addOns.push(item.value);
  }
  return accept({ ...main.value, addOns });
}

const ofAddOn = ({ code, message, pointer }: Rejection, index: number): Rejection => ({
  code,
  message,
  pointer: `/addOns/${index}/${pointer === '/quantity' ? 'quantity' : 'planId'}`,
});

/** A single plan or add-on at the requested price. */
export function itemFor(plan: Plan, { currency, country, interval, preferredInterval, quantity }: PriceRequest): Result<Item> {
  const { id, minQuantity, maxQuantity } = plan;
  const inCurrency = plan.prices.filter((price) => price.currency === currency && (price.country === null || price.country === country));
  if (inCurrency.length === 0)
    return reject('price-missing', `Plan ${id} has no price in ${currency} for customers in ${country}.`, '/currency');
  const preferred = inCurrency.find((price) => sameCadence(price.interval, preferredInterval)) ?? inCurrency[0];
  const wanted = interval ?? preferred?.interval;
  const fitting = inCurrency.filter((price) => sameCadence(price.interval, wanted));
  const price = fitting.find((candidate) => candidate.country === country) ?? fitting[0];
  if (!price) return reject('price-missing', `Plan ${id} has no price in ${currency} at this interval.`, '/interval');
  if (quantity < minQuantity || quantity > maxQuantity)
    return reject('quantity-out-of-range', `The quantity of plan ${id} must be between ${minQuantity} and ${maxQuantity}.`, '/quantity');
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

export const sameCadence = (left: BillingInterval, right: BillingInterval | undefined): boolean =>
  left.unit === right?.unit && left.count === right.count;
