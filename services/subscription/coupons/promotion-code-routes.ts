import { listQuery, pageSchema } from '../../shared/list.ts';
import { notFound, problem } from '../../shared/problem.ts';
import { created, ok, type Route, refused, route } from '../../shared/route.ts';
import type { Platform } from '../../shared/service.ts';
import type { CouponStore } from './coupon-store.ts';
import { promotionCodeBody, promotionCodeSchema } from './promotion-code.ts';
import type { PromotionCodeStore } from './promotion-code-store.ts';

const couponNotFound = (id: string) => {
  const message = `There is no coupon with the id ${id}.`;
  return problem(422, 'coupon-not-found', message, [{ pointer: '/couponId', code: 'coupon-not-found', message }]);
};

/** Promotion codes: words that customers enter to obtain a coupon. */
export const promotionCodeRoutes = (codes: PromotionCodeStore, coupons: CouponStore, { now }: Platform): readonly Route[] => [
  route({
    method: 'post',
    path: '/v1/promotion-codes',
    scope: 'plans:write',
    operationId: 'createPromotionCode',
    summary: 'Create a promotion code',
    description:
      'Creates a word that customers enter to obtain a coupon. Its limits apply in addition to those of the coupon. ' +
      'A repeat with the same content responds 200 with the existing code; other content under the same word is refused.',
    body: promotionCodeBody,
    responses: { 200: promotionCodeSchema, 201: promotionCodeSchema },
    problems: ['already-exists', 'coupon-not-found'],
    handle: async ({ body }) => {
      if ((await coupons.find(body.couponId)) === undefined) return couponNotFound(body.couponId);
      const { code: id, ...rest } = body;
      const outcome = await codes.create({ id, ...rest, archivedAt: null, createdAt: now() }, body);
      if (!outcome.ok) return refused(outcome.rejection);
      return (outcome.value.isNew ? created : ok)(await codes.findResource(id));
    },
  }),
  route({
    method: 'get',
    path: '/v1/promotion-codes',
    scope: 'plans:read',
    operationId: 'listPromotionCodes',
    summary: 'List promotion codes',
    description: 'Lists promotion codes with how often each was redeemed, newest first. Archived ones are included.',
    query: listQuery(),
    responses: { 200: pageSchema(promotionCodeSchema) },
    handle: async ({ query }) => ok(await codes.list(query)),
  }),
  route({
    method: 'get',
    path: '/v1/promotion-codes/:code',
    scope: 'plans:read',
    operationId: 'retrievePromotionCode',
    summary: 'Retrieve a promotion code',
    description: 'Returns a promotion code, in upper or lower case, with how often it was redeemed.',
    responses: { 200: promotionCodeSchema },
    problems: ['promotion-code-not-found'],
    handle: async ({ params: { code = '' } }) => {
      const found = await codes.findResource(code.toUpperCase());
      return found ? ok(found) : notFound('promotion-code', code);
    },
  }),
  route({
    method: 'post',
    path: '/v1/promotion-codes/:code/archive',
    scope: 'plans:write',
    operationId: 'archivePromotionCode',
    summary: 'Archive a promotion code',
    description: 'Stops the use of a code. Subscriptions that have used it keep their coupon. A repeat renews archivedAt.',
    responses: { 200: promotionCodeSchema },
    problems: ['promotion-code-not-found'],
    handle: async ({ params: { code = '' } }) => {
      await codes.archive(code.toUpperCase(), now());
      const found = await codes.findResource(code.toUpperCase());
      return found ? ok(found) : notFound('promotion-code', code);
    },
  }),
];
