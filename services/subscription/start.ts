import { setTimeout as pause } from 'node:timers/promises';
import type { z } from 'zod';
import type { SubscriptionClient, SubscriptionResource, Terms } from '../../actors/subscription/client.ts';
import type { CustomerResource } from '../shared/contracts/customer-resource.ts';
import { keyedId } from '../shared/new-id.ts';
import { isProblem, type Problem, problem } from '../shared/problem.ts';
import { accept, type Result } from '../shared/result.ts';
import { createRisk } from '../shared/risk.ts';
import { created, type RouteRequest, type RouteResponse, refused } from '../shared/route.ts';
import type { Platform } from '../shared/service.ts';
import type { subscriptionBody } from './bodies.ts';
import type { Plan } from './catalogue/plan.ts';
import { addOnsOf, archived } from './change.ts';
import { hasHadOther, type Named, redeemAll } from './coupons/coupons.ts';
import { customerOf, policySource } from './customers.ts';
import { debtorOf, startPolicy } from './start-policy.ts';
import { trialsWith } from './start-trial.ts';
import type { Store } from './store.ts';
import { termsFor } from './terms.ts';

type Body = z.infer<typeof subscriptionBody>;

const millisToWaitForPayment = 4_000;
const millisToWaitForClock = 15_000;

/** Starts a subscription: looks up what the actor cannot know (customer, plan, price, policy, trial taken or not), then lets the actor decide. */
export type Start = ReturnType<typeof createStart>;

export function createStart(platform: Platform, store: Store, client: SubscriptionClient) {
  const policyNow = policySource(platform);
  const trialFor = trialsWith(store, createRisk(platform));

  return async ({ body, idempotencyKey }: RouteRequest<Body, undefined>, { isGift = false } = {}): Promise<RouteResponse | Problem> => {
    const known = await customerOf(platform, body.customerId);
    if (!known) return customerNotFound(body.customerId);
    const { customer, paymentMethods } = known;
    const bought = await boughtBy(body, customer, store);
    if (!bought.ok) return refused(bought.rejection);
    const { plan, terms } = bought.value;
    const resolve = (planId: string) => boughtBy({ planId, currency: terms.plan.price.currency, quantity: 1, addOns: [] }, customer, store);
    const policy = await startPolicy(await policyNow(debtorOf(terms, customer)), body.policy, resolve);
    if (!policy.ok) return refused(policy.rejection);
    const clock = customer.testClock === null ? null : await clockFor(client, customer.testClock);
    if (clock && 'problem' in clock) return clock;

    const id = body.id ?? keyedId('sub', idempotencyKey);
    const { trialDays, sourceAddress } = body;
    const trial = await trialFor({ customer, paymentMethods, id, plan, trialDays, isGift, sourceAddress });
    if (isProblem(trial)) return trial;
    const redeemer = { currency: terms.plan.price.currency, planIds: itemIds(terms), timezone: body.timezone ?? customer.timezone };
    const at = clock?.now ?? platform.now();
    const who = { ...redeemer, now: at, customerId: customer.id, hasHadSubscription: hasHadOther(store, customer.id, id) };
    const redeemed = await redeemAll(store, namedIn(body), id, who);
    if (!redeemed.ok) {
      await trial.giveBack();
      return refused(redeemed.rejection);
    }
    const answer = await client.start(
      id,
      {
        customerId: customer.id,
        terms,
        timezone: body.timezone ?? customer.timezone,
        startAt: body.startAt ?? null,
        anchor: body.anchor ?? null,
        endsAt: body.endsAt ?? null,
        coupons: redeemed.value.applied,
        trialDays: trial.days,
        prorationUnit: body.prorationUnit,
        policy: policy.value,
        hasPaymentMethod: paymentMethods.length > 0,
        clock,
      },
      { idempotencyKey },
    );
    if (!answer.ok) {
      await redeemed.value.giveBack();
      await trial.giveBack();
      return refused(answer.rejection);
    }
    if (clock) await platform.settlement.settled(answer.events, millisToWaitForClock);
    return created(await firstPaymentOf(client, answer.subscription));
  };
}

type Bought = Pick<Body, 'planId' | 'currency' | 'interval' | 'quantity' | 'addOns'>;

/** The plan as it is sold now, and what it comes to with its add-ons for this customer. */
export async function boughtBy(
  body: Bought,
  customer: CustomerResource,
  { plans }: Pick<Store, 'plans'>,
): Promise<Result<{ plan: Plan; terms: Terms }>> {
  const plan = await plans.at(body.planId);
  if (!plan.ok) return plan;
  if (plan.value.archivedAt !== null) return archived(body.planId, '/planId');
  const addOns = await addOnsOf(plans, body.addOns);
  if (!addOns.ok) return addOns;
  const currency = body.currency ?? customer.currency;
  const terms = termsFor(plan.value, { ...body, currency, country: customer.country, addOns: addOns.value });
  return terms.ok ? accept({ plan: plan.value, terms: terms.value }) : terms;
}

const namedIn = ({ coupons, promotionCodes }: Body): readonly Named[] => [
  ...coupons.map((couponId, index) => ({ couponId, pointer: `/coupons/${index}` })),
  ...promotionCodes.map((code, index) => ({ code, pointer: `/promotionCodes/${index}` })),
];

const itemIds = ({ plan, addOns }: Terms): string[] => [plan.planId, ...addOns.map((addOn) => addOn.plan.planId)];

export const customerNotFound = (id: string): Problem =>
  problem(422, 'customer-not-found', `There is no customer ${id}.`, [field('/customerId', 'customer-not-found')]);

const field = (pointer: string, code: string) => ({ pointer, code, message: 'Name one that exists and fits.' });

async function clockFor(client: SubscriptionClient, id: string): Promise<{ id: string; now: string } | Problem> {
  const answer = await client.getClock(id);
  if (!answer.ok) return refused(answer.rejection);
  if (answer.testClock.status === 'advancing') return problem(409, 'clock-advancing', 'Wait until the test clock is ready.');
  return { id, now: answer.testClock.now };
}

/** The subscription once its first payment has an outcome, or as it is after a few seconds. */
async function firstPaymentOf(client: SubscriptionClient, started: SubscriptionResource): Promise<SubscriptionResource> {
  let subscription = started;
  const deadline = performance.now() + millisToWaitForPayment;
  for (
    let wait = 30;
    subscription.status === 'incomplete' && subscription.dunning === null && performance.now() < deadline;
    wait = Math.min(wait * 1.5, 300)
  ) {
    await pause(wait);
    subscription = (await client.get(started.id)) ?? subscription;
  }
  return subscription;
}
