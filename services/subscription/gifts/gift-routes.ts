import { z } from 'zod';
import { subscriptionSchema } from '../../shared/contracts/subscription-resource.ts';
import { identity } from '../../shared/fields.ts';
import { giftCodeHash } from '../../shared/gift-code.ts';
import { listQuery, pageSchema, splitListQuery } from '../../shared/list.ts';
import { isProblem, notFound, type Problem, problem } from '../../shared/problem.ts';
import { created, ok, type Route, type RouteRequest, type RouteResponse, refused, route } from '../../shared/route.ts';
import type { Platform } from '../../shared/service.ts';
import { subscriptionBody } from '../bodies.ts';
import { customerNotFound, customerOf } from '../customers.ts';
import type { Start } from '../start.ts';
import { startProblems } from '../subscription-routes.ts';
import type { TimeOf } from '../test-clocks/time.ts';
import { giftBody, giftDays, giftSchema, giftWithCodeSchema, redeemable } from './gift.ts';
import type { GiftPurchases } from './gift-purchases.ts';
import { type GiftStore, giftResource } from './gift-store.ts';

type Parts = {
  readonly platform: Platform;
  readonly gifts: GiftStore;
  readonly purchases: GiftPurchases;
  readonly start: Start;
  readonly timeOf: TimeOf;
};

const redeemBody = z
  .strictObject({
    code: z
      .string()
      .min(1)
      .max(100)
      .meta({ examples: ['7KQM-XT4D-09VA-CH3R'] }),
    customerId: identity('cus').meta({ description: 'The customer who receives the gift' }),
  })
  .meta({ id: 'RedeemGift' });

const purchaseProblems = [
  ...(['already-exists', 'customer-not-found', 'plan-not-found', 'plan-archived', 'is-an-add-on'] as const),
  ...(['not-an-add-on', 'add-on-not-found', 'price-missing', 'quantity-out-of-range'] as const),
] as const;

/** Gifts: bought by one customer and redeemed by another by code, for a fixed time. */
export const giftRoutes = (parts: Parts): readonly Route[] => [
  route({
    method: 'post',
    path: '/v1/gifts',
    scope: 'gifts:write',
    operationId: 'createGift',
    summary: 'Buy a gift',
    description:
      'Buys a subscription of a fixed time for another person, with a single invoice to the customer who pays. ' +
      'The code is in this response only and is stored as a hash. A repeat with the same id or Idempotency-Key and the same content buys ' +
      'nothing twice and replaces the code, until the gift is redeemed.',
    body: giftBody,
    responses: { 201: giftWithCodeSchema },
    problems: purchaseProblems,
    secretAnswer: true,
    handle: async (request) => {
      const gift = await parts.purchases.buy(request);
      return isProblem(gift) ? gift : created(gift);
    },
  }),
  route({
    method: 'get',
    path: '/v1/gifts',
    scope: 'gifts:read',
    operationId: 'listGifts',
    summary: 'List gifts',
    description: 'Lists gifts without their codes, newest first, by the customer who pays.',
    query: listQuery({ customerId: identity('cus').optional() }),
    responses: { 200: pageSchema(giftSchema) },
    handle: async ({ query }) => {
      const { page, filters } = splitListQuery(query);
      const { data, nextCursor } = await parts.gifts.list(filters, page);
      return ok({ data: data.map(giftResource), nextCursor });
    },
  }),
  route({
    method: 'get',
    path: '/v1/gifts/:id',
    scope: 'gifts:read',
    operationId: 'retrieveGift',
    summary: 'Retrieve a gift',
    description: 'Returns a gift without its code.',
    responses: { 200: giftSchema },
    problems: ['gift-not-found'],
    handle: async ({ params: { id = '' } }) => {
      const gift = await parts.gifts.find(id);
      return gift ? ok(giftResource(gift)) : notFound('gift', id);
    },
  }),
  route({
    method: 'post',
    path: '/v1/gifts/:id/cancel',
    scope: 'gifts:write',
    operationId: 'cancelGift',
    summary: 'Cancel a gift',
    description:
      'Cancels a gift that has not been redeemed, so that its code cannot be redeemed any more. ' +
      'Money that was paid is returned separately, by a credit note for its invoice. A repeat changes nothing.',
    responses: { 200: giftSchema },
    problems: ['gift-not-found', 'gift-redeemed'],
    handle: async ({ params: { id = '' } }) => {
      await parts.gifts.cancel(id);
      const gift = await parts.gifts.find(id);
      if (gift?.redeemedBy) return problem(409, 'gift-redeemed', `Gift ${id} has been redeemed and cannot be cancelled.`);
      return gift ? ok(giftResource(gift)) : notFound('gift', id);
    },
  }),
  route({
    method: 'post',
    path: '/v1/gifts/redeem',
    scope: 'subscriptions:write',
    operationId: 'redeemGift',
    summary: 'Redeem a gift',
    description:
      'Starts the subscription of a gift for the customer who has its code. It lasts for the time that was bought, and continues at the list ' +
      'price only if the customer has added a payment method by then. Case, hyphens and spaces in the code do not matter. ' +
      'A repeat by the same customer returns the same subscription.',
    body: redeemBody,
    responses: { 201: subscriptionSchema },
    problems: [...startProblems, 'gift-not-found', 'gift-redeemed', 'gift-cancelled', 'gift-not-paid'],
    handle: (request) => redeemGift(parts, request),
  }),
];

/**
 * Claims the gift for the customer in one write, so that one of two racing customers has it, and
 * starts its subscription under a derived id. A repeat starts the same subscription.
 */
async function redeemGift(
  { platform, gifts, start, timeOf }: Parts,
  request: RouteRequest<z.infer<typeof redeemBody>, undefined>,
): Promise<RouteResponse | Problem> {
  const { code, customerId } = request.body;
  const known = await customerOf(platform, customerId);
  if (!known) return customerNotFound(customerId);
  const found = redeemable(await gifts.findByCode(giftCodeHash(code)), customerId);
  if (!found.ok) return refused(found.rejection);
  const { id } = found.value;
  await gifts.redeem(id, customerId, `sub_${id}`);
  const gift = redeemable(await gifts.find(id), customerId);
  if (!gift.ok) return refused(gift.rejection);
  const { planId, quantity, addOns, interval } = gift.value;
  const trialDays = giftDays(gift.value, await timeOf(known.customer.testClock), known.customer.timezone);
  const body = subscriptionBody.parse({ id: `sub_${id}`, customerId, planId, quantity, addOns, interval, trialDays });
  return start({ ...request, body, query: undefined, idempotencyKey: `gift:${id}` }, { isGift: true });
}
