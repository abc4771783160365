import type { z } from 'zod';
import type { SubscriptionResource, Terms } from '../../actors/subscription/client.ts';
import { accept, type Result, reject } from '../shared/result.ts';
import type { Platform } from '../shared/service.ts';
import type { termsQuestion } from './bodies.ts';
import type { Plan } from './catalogue/plan.ts';
import type { PlanStore } from './catalogue/plan-store.ts';
import { customerOf } from './customers.ts';
import { termsFor, type Wish } from './terms.ts';

export type TermsQuestion = z.infer<typeof termsQuestion>;

/** What the catalogue has to know of a subscription to price a change of it. */
export const termsQuestionOf = (
  { customerId, planId, planVersion, price, interval, quantity, addOns }: SubscriptionResource,
  wish: TermsQuestion['wish'],
): TermsQuestion => ({ customerId, planId, planVersion, currency: price.currency, interval, quantity, addOns: [...addOns], wish });

/** The same question from wherever the actors are hosted, through Dapr. Throws when the catalogue is away. */
export const askForTerms = async (
  { invoke }: Platform,
  subscription: SubscriptionResource,
  wish: TermsQuestion['wish'],
): Promise<Result<Terms>> => (await invoke('subscription', 'post', 'terms', termsQuestionOf(subscription, wish))) as Result<Terms>;

/**
 * What a subscription would be after the wished change. What is not named stays, at the version that was bought; a plan that is named, or is
 * taken anew, comes at its current version unless another one is named. Archived plans are kept, and not taken.
 */
export async function changedTerms(platform: Platform, plans: PlanStore, current: TermsQuestion): Promise<Result<Terms>> {
  const { wish, currency } = current;
  const isAnother = wish.planId !== undefined || wish.planVersion !== undefined;
  const plan = await plans.at(wish.planId ?? current.planId, isAnother ? wish.planVersion : current.planVersion);
  if (!plan.ok) return plan;
  if (plan.value.archivedAt !== null && plan.value.id !== current.planId) return archived(plan.value.id, '/planId');
  const addOns = await addOnsOf(plans, wish.addOns ?? current.addOns, current.addOns);
  if (!addOns.ok) return addOns;
  return termsFor(plan.value, {
    currency,
    country: (await customerOf(platform, current.customerId))?.customer.country ?? '',
    interval: wish.interval,
    preferredInterval: current.interval,
    quantity: wish.quantity ?? current.quantity,
    addOns: addOns.value,
  });
}

type Wished = readonly { readonly planId: string; readonly quantity: number }[];

/** Add-ons by name: those that are there already keep their version. */
export async function addOnsOf(
  plans: PlanStore,
  wished: Wished,
  there: TermsQuestion['addOns'] = [],
): Promise<Result<NonNullable<Wish['addOns']>>> {
  const found: { plan: Plan; quantity: number }[] = [];
  for (const [index, { planId, quantity }] of wished.entries()) {
    const kept = there.find((addOn) => addOn.planId === planId);
    const plan = await plans.at(planId, kept?.planVersion);
    const pointer = `/addOns/${index}/planId`;
    if (!plan.ok) return reject('add-on-not-found', `There is no add-on ${planId}.`, pointer);
    if (plan.value.archivedAt !== null && kept === undefined) return archived(planId, pointer);
    found.push({ plan: plan.value, quantity });
  }
  return accept(found);
}

export const archived = (planId: string, pointer: string) => reject('plan-archived', `${planId} is not sold any more.`, pointer);
