import type { z } from 'zod';
import type { SubscriptionResource, Terms } from '../../actors/subscription/client.ts';
import { accept, type Result, reject } from '../shared/result.ts';
import type { Platform } from '../shared/service.ts';
import type { termsQuery } from './bodies.ts';
import type { Plan } from './catalogue/plan.ts';
import type { PlanStore } from './catalogue/plan-store.ts';
import { customerOf } from './customers.ts';
import { type PriceRequest, termsFor } from './terms.ts';

export type TermsQuery = z.infer<typeof termsQuery>;
export type RequestedChange = TermsQuery['wish'];

/** The fields of a subscription that price a change of it. */
export const termsQueryOf = (
  { customerId, planId, planVersion, price, interval, quantity, addOns }: SubscriptionResource,
  requested: RequestedChange,
): TermsQuery => ({
  ...{ customerId, planId, planVersion, currency: price.currency, interval, quantity, addOns: [...addOns] },
  wish: requested,
});

/**
 * The terms after a change, from any process, through Dapr. Throws when the subscription service is
 * unavailable.
 */
export const requestTerms = async (
  { invoke }: Platform,
  subscription: SubscriptionResource,
  requested: RequestedChange,
): Promise<Result<Terms>> => (await invoke('subscription', 'post', 'terms', termsQueryOf(subscription, requested))) as Result<Terms>;

/**
 * The terms of a subscription after the requested change. A field that is absent stays, at the
 * version that was bought. A plan that is named or added comes at its current version, unless the
 * request names another one. Archived plans and add-ons stay, but cannot be added.
 */
export async function changedTerms(platform: Platform, plans: PlanStore, current: TermsQuery): Promise<Result<Terms>> {
  const { wish: requested, currency } = current;
  const namesPlan = requested.planId !== undefined || requested.planVersion !== undefined;
  const plan = await plans.at(requested.planId ?? current.planId, namesPlan ? requested.planVersion : current.planVersion);
  if (!plan.ok) return plan;
  if (plan.value.archivedAt !== null && plan.value.id !== current.planId) return archived(plan.value.id, '/planId');
  const addOns = await addOnsOf(plans, requested.addOns ?? current.addOns, current.addOns);
  if (!addOns.ok) return addOns;
  return termsFor(plan.value, {
    currency,
    country: (await customerOf(platform, current.customerId))?.customer.country ?? '',
    interval: requested.interval,
    preferredInterval: current.interval,
    quantity: requested.quantity ?? current.quantity,
    addOns: addOns.value,
  });
}

type RequestedAddOns = readonly { readonly planId: string; readonly quantity: number }[];

/** The plans of the requested add-ons. Those the subscription has already keep their version. */
export async function addOnsOf(
  plans: PlanStore,
  requested: RequestedAddOns,
  existing: TermsQuery['addOns'] = [],
): Promise<Result<NonNullable<PriceRequest['addOns']>>> {
  const found: { plan: Plan; quantity: number }[] = [];
  for (const [index, { planId, quantity }] of requested.entries()) {
    const kept = existing.find((addOn) => addOn.planId === planId);
    const plan = await plans.at(planId, kept?.planVersion);
    const pointer = `/addOns/${index}/planId`;
    if (!plan.ok) return reject('add-on-not-found', `There is no add-on with the id ${planId}.`, pointer);
    if (plan.value.archivedAt !== null && kept === undefined) return archived(planId, pointer);
    found.push({ plan: plan.value, quantity });
  }
  return accept(found);
}

export const archived = (planId: string, pointer: string) =>
  reject('plan-archived', `Plan ${planId} is archived and is not sold any more.`, pointer);
