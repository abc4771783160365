import { setTimeout as pause } from 'node:timers/promises';
import type { z } from 'zod';
import type { SubscriptionClient, SubscriptionResource, Terms } from '../../actors/subscription/client.ts';
import { keyedId } from '../shared/new-id.ts';
import { isProblem, type Problem, problem } from '../shared/problem.ts';
import { createRisk } from '../shared/risk.ts';
import { created, type RouteRequest, type RouteResponse, refused } from '../shared/route.ts';
import type { Platform } from '../shared/service.ts';
import type { subscriptionBody } from './bodies.ts';
import { millisToWaitForClock } from './command-response.ts';
import { type CouponReference, hasHadOtherSubscription, redeemCoupons } from './coupons/redeem-coupons.ts';
import { customerNotFound, customerOf, policySource } from './customers.ts';
import { purchaseTerms } from './purchase.ts';
import { debtorOf, startPolicy } from './start-policy.ts';
import { trialsWith } from './start-trial.ts';
import type { Store } from './store.ts';

type Body = z.infer<typeof subscriptionBody>;
type StartRequest = RouteRequest<Body, undefined>;

/** Releases something that a start has claimed. */
type UndoStep = () => Promise<void>;

export type Start = (request: StartRequest, options?: { readonly isGift?: boolean }) => Promise<RouteResponse | Problem>;

const millisToWaitForPayment = 4_000;

/**
 * Starts a subscription in three steps: looks up what the actor cannot know (customer, price,
 * policy, time), claims the trial and the coupons, and lets the actor decide. When a step is
 * refused, the claims are released, the last one first. A crash leaves them claimed for the same
 * id, so that a repeat with the same key continues with them.
 */
export function createStart(platform: Platform, store: Store, client: SubscriptionClient): Start {
  const policyNow = policySource(platform);
  const trialFor = trialsWith(store, createRisk(platform));

  /** Reads only. */
  const lookUp = async (body: Body) => {
    const known = await customerOf(platform, body.customerId);
    if (!known) return customerNotFound(body.customerId);
    const { customer } = known;
    const purchase = await purchaseTerms(body, customer, store);
    if (!purchase.ok) return refused(purchase.rejection);
    const { terms } = purchase.value;
    const { currency } = terms.plan.price;
    const downgradeTerms = (planId: string) => purchaseTerms({ planId, currency, quantity: 1, addOns: [] }, customer, store);
    const policy = await startPolicy(await policyNow(debtorOf(terms, customer)), body.policy, downgradeTerms);
    if (!policy.ok) return refused(policy.rejection);
    const clock = customer.testClock === null ? null : await readyClock(client, customer.testClock);
    if (isProblem(clock)) return clock;
    return { ...known, ...purchase.value, currency, policy: policy.value, clock, timezone: body.timezone ?? customer.timezone };
  };

  const begin = async ({ body, idempotencyKey }: StartRequest, isGift: boolean, undo: UndoStep[]): Promise<RouteResponse | Problem> => {
    const found = await lookUp(body);
    if (isProblem(found)) return found;
    const { customer, paymentMethods, plan, terms, currency, timezone, clock } = found;
    const id = body.id ?? keyedId('sub', idempotencyKey);
    const { trialDays, sourceAddress } = body;
    const trial = await trialFor({ customer, paymentMethods, id, plan, trialDays, isGift, sourceAddress });
    if (isProblem(trial)) return trial;
    undo.push(trial.release);
    const redemption = await redeemCoupons(store, couponReferencesIn(body), id, {
      ...{ currency, timezone, planIds: planIdsOf(terms), now: clock?.now ?? platform.now() },
      ...{ customerId: customer.id, hasHadSubscription: hasHadOtherSubscription(store, customer.id, id) },
    });
    if (!redemption.ok) return refused(redemption.rejection);
    undo.push(redemption.value.release);
    const result = await client.start(
      id,
      {
        ...{ customerId: customer.id, terms, timezone, startAt: body.startAt ?? null, anchor: body.anchor ?? null },
        ...{ endsAt: body.endsAt ?? null, coupons: redemption.value.applied, trialDays: trial.days },
        ...{ prorationUnit: body.prorationUnit, policy: found.policy, hasPaymentMethod: paymentMethods.length > 0, clock },
      },
      { idempotencyKey },
    );
    if (!result.ok) return refused(result.rejection);
    if (clock) await platform.settlement.settled(result.events, millisToWaitForClock);
    return created(await afterFirstPayment(client, result.subscription));
  };

  return async (request, { isGift = false } = {}) => {
    const undo: UndoStep[] = [];
    const response = await begin(request, isGift, undo);
    if (isProblem(response)) for (const step of undo.reverse()) await step();
    return response;
  };
}

const couponReferencesIn = ({ coupons, promotionCodes }: Body): readonly CouponReference[] => [
  ...coupons.map((couponId, index) => ({ couponId, pointer: `/coupons/${index}` })),
  ...promotionCodes.map((code, index) => ({ code, pointer: `/promotionCodes/${index}` })),
];

const planIdsOf = ({ plan, addOns }: Terms): string[] => [plan.planId, ...addOns.map((addOn) => addOn.plan.planId)];

async function readyClock(client: SubscriptionClient, id: string): Promise<{ id: string; now: string } | Problem> {
  const result = await client.getClock(id);
  if (!result.ok) return refused(result.rejection);
  if (result.testClock.status === 'advancing')
    return problem(409, 'clock-advancing', `Test clock ${id} is advancing. Wait until it is ready.`);
  return { id, now: result.testClock.now };
}

/** The subscription once its first payment has an outcome, or as it is after a few seconds. */
async function afterFirstPayment(client: SubscriptionClient, started: SubscriptionResource): Promise<SubscriptionResource> {
  let subscription = started;
  const deadline = performance.now() + millisToWaitForPayment;
  const isWaiting = () => subscription.status === 'incomplete' && subscription.dunning === null && performance.now() < deadline;
  for (let millis = 30; isWaiting(); millis = Math.min(millis * 1.5, 300)) {
    await pause(millis);
    subscription = (await client.get(started.id)) ?? subscription;
  }
  return subscription;
}
