import type { z } from 'zod';
import type { Terms } from '../../actors/subscription/client.ts';
import type { CustomerResource } from '../shared/contracts/customer-resource.ts';
import { accept, type Result } from '../shared/result.ts';
import type { subscriptionBody } from './bodies.ts';
import type { Plan } from './catalogue/plan.ts';
import { addOnsOf, archived } from './change.ts';
import type { Store } from './store.ts';
import { termsFor } from './terms.ts';

type Purchase = Pick<z.infer<typeof subscriptionBody>, 'planId' | 'currency' | 'interval' | 'quantity' | 'addOns'>;

/**
 * The plan at its current version and the terms of the purchase for this customer, in the requested
 * currency or the customer's own. Rejected where a plan or add-on does not exist, is archived, or
 * has no fitting price.
 */
export async function purchaseTerms(
  purchase: Purchase,
  customer: CustomerResource,
  { plans }: Pick<Store, 'plans'>,
): Promise<Result<{ plan: Plan; terms: Terms }>> {
  const plan = await plans.at(purchase.planId);
  if (!plan.ok) return plan;
  if (plan.value.archivedAt !== null) return archived(purchase.planId, '/planId');
  const addOns = await addOnsOf(plans, purchase.addOns);
  if (!addOns.ok) return addOns;
  const currency = purchase.currency ?? customer.currency;
  const terms = termsFor(plan.value, { ...purchase, currency, country: customer.country, addOns: addOns.value });
  return terms.ok ? accept({ plan: plan.value, terms: terms.value }) : terms;
}
