import type { Rejection } from '../../../services/shared/result.ts';
import type { Item, Terms } from './terms.ts';

export const hasSameInterval = ({ plan: { interval: one } }: Item, { plan: { interval: other } }: Item): boolean =>
  one.unit === other.unit && one.count === other.count;

/** Whether a period is billed when it has ended. */
export const isInArrears = ({ terms }: { readonly terms: Item }): boolean => terms.plan.billing === 'arrears';

/** Why these terms cannot be bought together at these quantities, if so. */
export function termsRejection(terms: Terms): Rejection | undefined {
  const plan = quantityRejection(terms, '/quantity');
  if (plan !== undefined) return plan;
  for (const [index, addOn] of terms.addOns.entries()) {
    const rejection = quantityRejection(addOn, `/addOns/${index}/quantity`) ?? addOnRejection(terms, addOn, index);
    if (rejection !== undefined) return rejection;
  }
  return undefined;
}

function quantityRejection({ plan, quantity }: Item, pointer: string): Rejection | undefined {
  if (quantity >= plan.minQuantity && quantity <= plan.maxQuantity) return undefined;
  return { code: 'quantity-out-of-range', message: `The quantity must be between ${plan.minQuantity} and ${plan.maxQuantity}.`, pointer };
}

/** One invoice bills the plan and its add-ons, so they must agree on what an invoice has only one of. */
function addOnRejection(terms: Terms, addOn: Item, index: number): Rejection | undefined {
  const { plan } = addOn;
  const earlier = [terms, ...terms.addOns.slice(0, index)];
  const pointer = `/addOns/${index}/planId`;
  if (earlier.some((item) => item.plan.planId === plan.planId))
    return { code: 'add-on-repeated', message: `${plan.planId} is named twice; give it one quantity.`, pointer };
  if (plan.price.currency !== terms.plan.price.currency)
    return { code: 'currency-mismatch', message: `${plan.planId} is not priced in ${terms.plan.price.currency}.`, pointer };
  if (!hasSameInterval(terms, addOn))
    return { code: 'interval-mismatch', message: `${plan.planId} does not bill as often as the plan.`, pointer };
  if (plan.taxBehaviour !== terms.plan.taxBehaviour)
    return { code: 'tax-behaviour-mismatch', message: 'One invoice cannot hold prices with and without tax.', pointer };
  if (plan.billing !== terms.plan.billing)
    return { code: 'billing-mode-mismatch', message: `${plan.planId} is not billed in ${terms.plan.billing} as the plan is.`, pointer };
  return undefined;
}
