import { listQuery } from '../../shared/list.ts';
import { notFound, problem } from '../../shared/problem.ts';
import { created, ok, type Route, refused, route } from '../../shared/route.ts';
import type { Platform } from '../../shared/service.ts';
import type { CouponStore } from './coupon-store.ts';
import { promotionCodeBody } from './promotion-code.ts';
import type { PromotionCodeStore } from './promotion-code-store.ts';

const couponNotFound = (id: string) =>
  problem(422, 'coupon-not-found', `There is no coupon ${id}.`, [
    { pointer: '/couponId', code: 'coupon-not-found', message: 'Name one that exists.' },
  ]);

/** Promotion codes: words that customers type to have a coupon. */
export const promotionCodeRoutes = (codes: PromotionCodeStore, coupons: CouponStore, { now }: Platform): readonly Route[] => [
  route({
    method: 'post',
    path: '/v1/promotion-codes',
    scope: 'plans:write',
    summary: 'Make a code that stands for a coupon',
    body: promotionCodeBody,
    handle: async ({ body }) => {
      if ((await coupons.find(body.couponId)) === undefined) return couponNotFound(body.couponId);
      const { code: id, ...rest } = body;
      const made = await codes.create({ id, ...rest, archivedAt: null, createdAt: now() }, body);
      if (!made.ok) return refused(made.rejection);
      return (made.value.isNew ? created : ok)(await codes.shown(id));
    },
  }),
  route({
    method: 'get',
    path: '/v1/promotion-codes',
    scope: 'plans:read',
    summary: 'Promotion codes, newest first',
    query: listQuery(),
    handle: async ({ query }) => ok(await codes.list(query)),
  }),
  route({
    method: 'get',
    path: '/v1/promotion-codes/:code',
    scope: 'plans:read',
    summary: 'One promotion code, with how often it was used',
    handle: async ({ params: { code = '' } }) => {
      const found = await codes.shown(code.toUpperCase());
      return found ? ok(found) : notFound('promotion-code', code);
    },
  }),
  route({
    method: 'post',
    path: '/v1/promotion-codes/:code/archive',
    scope: 'plans:write',
    summary: 'Take a code from nobody new; who has used it keeps its coupon',
    handle: async ({ params: { code = '' } }) => {
      await codes.archive(code.toUpperCase(), now());
      const found = await codes.shown(code.toUpperCase());
      return found ? ok(found) : notFound('promotion-code', code);
    },
  }),
];
