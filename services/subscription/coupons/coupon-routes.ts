import { listQuery, pageSchema } from '../../shared/list.ts';
import { newId } from '../../shared/new-id.ts';
import { notFound } from '../../shared/problem.ts';
import { created, ok, type Route, refused, route } from '../../shared/route.ts';
import type { Platform } from '../../shared/service.ts';
import { type Coupon, countedCouponSchema, couponBody, couponSchema } from './coupon.ts';
import type { CouponStore } from './coupon-store.ts';

/** Coupons: discounts, their limits, and their archive. */
export const couponRoutes = (coupons: CouponStore, { now }: Platform): readonly Route[] => [
  route({
    method: 'post',
    path: '/v1/coupons',
    scope: 'plans:write',
    operationId: 'createCoupon',
    summary: 'Create a coupon',
    description:
      'Creates a discount of a percentage, or of an amount in minor units for each currency, for one invoice, several, or all. ' +
      'A repeat with the same id and content responds 200 with the existing coupon; other content under the same id is refused.',
    body: couponBody,
    responses: { 200: couponSchema, 201: couponSchema },
    problems: ['already-exists'],
    handle: async ({ body }) => {
      const id = body.id ?? newId('cpn');
      const coupon: Coupon = { ...body, id, name: body.name ?? id, archivedAt: null, createdAt: now() };
      const outcome = await coupons.create(coupon, { ...body, id });
      if (!outcome.ok) return refused(outcome.rejection);
      return (outcome.value.isNew ? created : ok)(outcome.value.coupon);
    },
  }),
  route({
    method: 'get',
    path: '/v1/coupons',
    scope: 'plans:read',
    operationId: 'listCoupons',
    summary: 'List coupons',
    description: 'Lists coupons with how often each was redeemed, newest first. Archived ones are included.',
    query: listQuery(),
    responses: { 200: pageSchema(countedCouponSchema) },
    handle: async ({ query }) => ok(await coupons.list(query)),
  }),
  route({
    method: 'get',
    path: '/v1/coupons/:id',
    scope: 'plans:read',
    operationId: 'retrieveCoupon',
    summary: 'Retrieve a coupon',
    description: 'Returns a coupon with how often it was redeemed.',
    responses: { 200: countedCouponSchema },
    problems: ['coupon-not-found'],
    handle: async ({ params: { id = '' } }) => {
      const coupon = await coupons.findCounted(id);
      return coupon ? ok(coupon) : notFound('coupon', id);
    },
  }),
  route({
    method: 'post',
    path: '/v1/coupons/:id/archive',
    scope: 'plans:write',
    operationId: 'archiveCoupon',
    summary: 'Archive a coupon',
    description: 'Stops the redemption of a coupon. Subscriptions that have redeemed it keep it. A repeat renews archivedAt.',
    responses: { 200: couponSchema },
    problems: ['coupon-not-found'],
    handle: async ({ params: { id = '' } }) => {
      const coupon = await coupons.archive(id, now());
      return coupon ? ok(coupon) : notFound('coupon', id);
    },
  }),
];
