import { z } from 'zod';
import type { AppliedCoupon, CommandResult, SubscriptionClient } from '../../../actors/subscription/client.ts';
import { listQuery } from '../../shared/list.ts';
import { pageOf } from '../../shared/mongo.ts';
import { newId } from '../../shared/new-id.ts';
import { notFound, type Problem } from '../../shared/problem.ts';
import { created, ok, type Route, type RouteResponse, refused, route } from '../../shared/route.ts';
import type { Platform } from '../../shared/service.ts';
import type { Store } from '../store.ts';
import { timeSource } from '../test-clocks/time.ts';
import { type Coupon, couponBody } from './coupon.ts';
import { type CouponStore, couponResource } from './coupon-store.ts';
import { hasHadOther, redeemAll } from './coupons.ts';
import { codeSchema } from './promotion-code.ts';

const applyBody = z.union([z.strictObject({ couponId: z.string().max(120) }), z.strictObject({ promotionCode: codeSchema })]);

/** Coupons: what they take off, how often they may be redeemed, and who has them. */
export const couponRoutes = (store: CouponStore, { now }: Platform): readonly Route[] => [
  route({
    method: 'post',
    path: '/v1/coupons',
    scope: 'plans:write',
    summary: 'Create a coupon',
    body: couponBody,
    handle: async ({ body }) => {
      const id = body.id ?? newId('cpn');
      const coupon: Coupon = { ...body, id, name: body.name ?? id, archivedAt: null, createdAt: now() };
      const made = await store.create(coupon, { ...body, id });
      if (!made.ok) return refused(made.rejection);
      return made.value.isNew ? created(made.value.coupon) : ok(made.value.coupon);
    },
  }),
  route({
    method: 'get',
    path: '/v1/coupons',
    scope: 'plans:read',
    summary: 'List coupons, newest first',
    query: listQuery(),
    handle: async ({ query }) => {
      const page = await pageOf(store.coupons, {}, query);
      return ok({ data: page.data.map(couponResource), nextCursor: page.nextCursor });
    },
  }),
  route({
    method: 'get',
    path: '/v1/coupons/:id',
    scope: 'plans:read',
    summary: 'One coupon',
    handle: async ({ params: { id = '' } }) => {
      const coupon = await store.coupons.findById(id).lean();
      return coupon ? ok(couponResource(coupon as never)) : notFound('coupon', id);
    },
  }),
  route({
    method: 'post',
    path: '/v1/coupons/:id/archive',
    scope: 'plans:write',
    summary: 'Give a coupon to nobody new; who has it keeps it',
    handle: async ({ params: { id = '' } }) => {
      const coupon = await store.archive(id, now());
      return coupon ? ok(coupon) : notFound('coupon', id);
    },
  }),
];

/** Coupons of a subscription: from the next invoice on. A refused application gives its redemption back. */
export const appliedCouponRoutes = (
  store: Pick<Store, 'coupons' | 'promotionCodes' | 'subscriptions'>,
  client: SubscriptionClient,
  platform: Platform,
  answerOf: (answer: CommandResult) => Promise<RouteResponse | Problem>,
): readonly Route[] => [
  route({
    method: 'post',
    path: '/v1/subscriptions/:id/coupons',
    scope: 'subscriptions:write',
    summary: 'Apply a coupon, or a promotion code, from the next invoice on',
    body: applyBody,
    handle: async ({ params: { id = '' }, body, idempotencyKey }) => {
      const subscription = await client.get(id);
      if (!subscription) return notFound('subscription', id);
      if ('couponId' in body && subscription.coupons.includes(body.couponId)) return ok(subscription);
      const named = 'couponId' in body ? { ...body, pointer: '/couponId' } : { code: body.promotionCode, pointer: '/promotionCode' };
      const at = await timeSource(platform, client)(subscription.testClock);
      const planIds = [subscription.planId, ...subscription.addOns.map(({ planId }) => planId)];
      const redeemer = { currency: subscription.price.currency, planIds, timezone: subscription.timezone, now: at };
      const { customerId } = subscription;
      const who = { ...redeemer, customerId, hasHadSubscription: hasHadOther(store, customerId, id) };
      const redeemed = await redeemAll(store, [named], id, who);
      if (!redeemed.ok) return refused(redeemed.rejection);
      const answer = await client.command(id, 'applyCoupon', { coupon: redeemed.value.applied[0] as AppliedCoupon }, { idempotencyKey });
      if (!answer.ok) await redeemed.value.giveBack();
      return answerOf(answer);
    },
  }),
  route({
    method: 'delete',
    path: '/v1/subscriptions/:id/coupons/:couponId',
    scope: 'subscriptions:write',
    summary: 'Take a coupon off; invoices that were made keep it',
    handle: async ({ params: { id = '', couponId = '' } }) => answerOf(await client.command(id, 'removeCoupon', { couponId })),
  }),
];
