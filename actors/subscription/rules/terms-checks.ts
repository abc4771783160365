import { isCountable } from '../../../services/shared/money.ts';
import type { Rejection } from '../../../services/shared/result.ts';
import { itemsOf } from './pricing.ts';
import type { Item, Terms } from './terms.ts';

export const hasSameInterval = ({ plan: { interval: one } }: Item, { plan: { interval: other } }: Item): boolean =>
  one.unit === other.unit && one.count === other.count;

/** Whether a period is billed when it has ended. */
export const isInArrears = ({ terms }: { readonly terms: Item }): boolean => terms.plan.billing === 'arrears';

/** The reason why these terms cannot be bought together at these quantities, or undefined. */
export function termsRejection(terms: Terms): Rejection | undefined {
  const plan = quantityRejection(terms, '/quantity');
  if (plan !== undefined) return plan;
  for (const [index, addOn] of terms.addOns.entries()) {
    const rejection = quantityRejection(addOn, `/addOns/${index}/quantity`) ?? addOnRejection(terms, addOn, index);
    if (rejection !== undefined) return rejection;
  }
  return amountRejection(terms);
}

/**
 * No period may cost more than can be counted to the minor unit. The first item that leads beyond
 * that is to blame.
 */
function amountRejection(terms: Terms): Rejection | undefined {
  const items = itemsOf(terms).map(largestPart);
  const length = items.findIndex((_, index) => !isCountable(items.slice(0, index + 1)));
  if (length === -1) return undefined;
  return {
    code: 'quantity-out-of-range',
    message: 'At this quantity a period costs more than can be billed. Choose a smaller quantity.',
    pointer: length === 0 ? '/quantity' : `/addOns/${length - 1}/quantity`,
  };
}

/** The most that a unit may ever cost, in minor units, and the number of units. */
const largestPart = ({ plan: { price, tiers, phases }, quantity }: Item) => ({
  amount: Math.max(price.amount, ...[...tiers, ...phases].map(({ amount }) => amount)),
  times: quantity,
});

function quantityRejection({ plan, quantity }: Item, pointer: string): Rejection | undefined {
  if (quantity >= plan.minQuantity && quantity <= plan.maxQuantity) return undefined;
  return {
    code: 'quantity-out-of-range',
    message: `The quantity of ${plan.planId} must be between ${plan.minQuantity} and ${plan.maxQuantity}.`,
    pointer,
  };
}

/**
 * The reason why an add-on does not fit the plan: one invoice bills both, so they must agree on
 * everything that an invoice has once.
 */
function addOnRejection(terms: Terms, addOn: Item, index: number): Rejection | undefined {
  const { plan } = addOn;
  const earlier = [terms, ...terms.addOns.slice(0, index)];
  const pointer = `/addOns/${index}/planId`;
  if (earlier.some((item) => item.plan.planId === plan.planId))
    return { code: 'add-on-repeated', message: `The plan ${plan.planId} is listed twice. List it once, with its quantity.`, pointer };
  if (plan.price.currency !== terms.plan.price.currency)
    return { code: 'currency-mismatch', message: `The add-on ${plan.planId} is not priced in ${terms.plan.price.currency}.`, pointer };
  if (!hasSameInterval(terms, addOn))
    return { code: 'interval-mismatch', message: `The add-on ${plan.planId} must be billed at the same interval as the plan.`, pointer };
  if (plan.taxBehaviour !== terms.plan.taxBehaviour)
    return {
      code: 'tax-behaviour-mismatch',
      message: `The price of the add-on ${plan.planId} must be ${terms.plan.taxBehaviour} of tax, like the price of the plan.`,
      pointer,
    };
  if (plan.billing !== terms.plan.billing)
    return {
      code: 'billing-mode-mismatch',
      message: `The add-on ${plan.planId} must be billed in ${terms.plan.billing}, like the plan.`,
      pointer,
    };
  return undefined;
}
