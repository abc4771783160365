import { z } from 'zod';
import type { AppliedCoupon, SubscriptionClient } from '../../../actors/subscription/client.ts';
import { subscriptionSchema } from '../../shared/contracts/subscription-resource.ts';
import { identity } from '../../shared/fields.ts';
import { notFound } from '../../shared/problem.ts';
import { ok, type Route, refused, route } from '../../shared/route.ts';
import type { Platform } from '../../shared/service.ts';
import type { CommandResponse } from '../command-response.ts';
import type { Store } from '../store.ts';
import { timeSource } from '../test-clocks/time.ts';
import { promotionCode } from './promotion-code.ts';
import { hasHadOtherSubscription, redeemCoupons } from './redeem-coupons.ts';

const applyBody = z
  .union([z.strictObject({ couponId: z.string().max(120) }), z.strictObject({ promotionCode })])
  .meta({ id: 'ApplyCoupon' });

/** Coupons of a subscription. A refused application releases its redemption slot. */
export const appliedCouponRoutes = (
  store: Pick<Store, 'coupons' | 'promotionCodes' | 'subscriptions'>,
  client: SubscriptionClient,
  platform: Platform,
  respond: CommandResponse,
): readonly Route[] => [
  route({
    method: 'post',
    path: '/v1/subscriptions/:id/coupons',
    scope: 'subscriptions:write',
    operationId: 'applyCoupon',
    summary: 'Apply a coupon to a subscription',
    description:
      'Redeems a coupon, directly or by a promotion code, and applies it from the next invoice. ' +
      'A coupon that is already applied changes nothing. A coupon that was used up or removed here cannot be applied again.',
    body: applyBody,
    responses: { 200: subscriptionSchema },
    problems: [
      ...(['subscription-not-found', 'subscription-ended', 'coupon-not-found', 'coupon-archived', 'coupon-expired'] as const),
      ...(['coupon-exhausted', 'coupon-plan-mismatch', 'coupon-currency-mismatch', 'coupon-used', 'promotion-code-not-found'] as const),
      ...(['promotion-code-archived', 'promotion-code-expired', 'promotion-code-exhausted', 'promotion-code-of-another'] as const),
      'promotion-code-first-time-only',
    ],
    handle: async ({ params: { id = '' }, body, idempotencyKey }) => {
      const subscription = await client.get(id);
      if (!subscription) return notFound('subscription', id);
      if ('couponId' in body && subscription.coupons.includes(body.couponId)) return ok(subscription);
      const reference = 'couponId' in body ? { ...body, pointer: '/couponId' } : { code: body.promotionCode, pointer: '/promotionCode' };
      const { customerId, timezone, price, testClock } = subscription;
      const redemption = await redeemCoupons(store, [reference], id, {
        currency: price.currency,
        planIds: [subscription.planId, ...subscription.addOns.map(({ planId }) => planId)],
        timezone,
        now: await timeSource(platform, client)(testClock),
        customerId,
        hasHadSubscription: hasHadOtherSubscription(store, customerId, id),
      });
      if (!redemption.ok) return refused(redemption.rejection);
      const outcome = await client.command(id, 'applyCoupon', { coupon: redemption.value.applied[0] as AppliedCoupon }, { idempotencyKey });
      if (!outcome.ok) await redemption.value.release();
      return respond(outcome);
    },
  }),
  route({
    method: 'delete',
    path: '/v1/subscriptions/:id/coupons/:couponId',
    params: { couponId: identity('cpn') },
    scope: 'subscriptions:write',
    operationId: 'removeCoupon',
    summary: 'Remove a coupon from a subscription',
    description:
      'Stops the discount from the next invoice on; invoices that exist keep it. The redemption stays counted. ' +
      'A repeat, or a coupon that is not applied, changes nothing.',
    responses: { 200: subscriptionSchema },
    problems: ['subscription-not-found', 'subscription-ended'],
    handle: async ({ params: { id = '', couponId = '' } }) => respond(await client.command(id, 'removeCoupon', { couponId })),
  }),
];
