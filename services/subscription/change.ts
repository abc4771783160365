import type { z } from 'zod';
import type { SubscriptionResource, Terms } from '../../actors/subscription/client.ts';
import { type Result, reject } from '../shared/result.ts';
import type { Platform } from '../shared/service.ts';
import type { termsQuestion } from './bodies.ts';
import { customerOf } from './customers.ts';
import { planOf, type Store } from './store.ts';
import { termsFor } from './terms.ts';

export type TermsQuestion = z.infer<typeof termsQuestion>;

/** What the catalogue has to know of a subscription to price a change of it. */
export const termsQuestionOf = (
  { customerId, planId, price, interval, quantity }: SubscriptionResource,
  wish: TermsQuestion['wish'],
): TermsQuestion => ({ customerId, planId, currency: price.currency, interval, quantity, wish });

/** The same question from wherever the actors are hosted, through Dapr. Throws when the catalogue is away. */
export const askForTerms = async (
  { invoke }: Platform,
  subscription: SubscriptionResource,
  wish: TermsQuestion['wish'],
): Promise<Result<Terms>> => (await invoke('subscription', 'post', 'terms', termsQuestionOf(subscription, wish))) as Result<Terms>;

/** What a subscription would be after the wished change: what is not named stays, at the plan's own current version. */
export async function changedTerms(platform: Platform, store: Store, current: TermsQuestion): Promise<Result<Terms>> {
  const { wish, currency } = current;
  const planId = wish.planId ?? current.planId;
  const row = await store.plans.findById(planId).lean();
  if (!row) return reject('plan-not-found', `There is no plan ${planId}.`, '/planId');
  return termsFor(planOf(row as never), {
    currency,
    country: (await customerOf(platform, current.customerId))?.customer.country ?? '',
    interval: wish.interval,
    preferredInterval: current.interval,
    quantity: wish.quantity ?? current.quantity,
  });
}
