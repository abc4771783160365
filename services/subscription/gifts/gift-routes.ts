import { z } from 'zod';
import { identity } from '../../../actors/subscription/terms-schemas.ts';
import { giftCodeHash } from '../../shared/gift-code.ts';
import { listQuery, splitListQuery } from '../../shared/list.ts';
import { isProblem, notFound, problem } from '../../shared/problem.ts';
import { created, ok, type Route, refused, route } from '../../shared/route.ts';
import type { Platform } from '../../shared/service.ts';
import { subscriptionBody } from '../bodies.ts';
import { customerOf } from '../customers.ts';
import { customerNotFound, type Start } from '../start.ts';
import type { TimeOf } from '../test-clocks/time.ts';
import { daysGiven, giftBody, redeemable } from './gift.ts';
import { type GiftStore, giftResource } from './gift-store.ts';
import type { Gifts } from './gifts.ts';

type Parts = {
  readonly platform: Platform;
  readonly gifts: GiftStore;
  readonly buying: Gifts;
  readonly start: Start;
  readonly timeOf: TimeOf;
};

const redeemBody = z.strictObject({ code: z.string().min(1).max(100), customerId: identity('cus') });

/** Gifts: bought by one customer, redeemed by code by another, for a fixed time. */
export const giftRoutes = ({ platform, gifts, buying, start, timeOf }: Parts): readonly Route[] => [
  route({
    method: 'post',
    path: '/v1/gifts',
    scope: 'gifts:write',
    summary: 'Buy a subscription for somebody; its code is in this answer and nowhere else, and asking again replaces it',
    body: giftBody,
    secretAnswer: true,
    handle: async (asked) => {
      const gift = await buying.buy(asked);
      return isProblem(gift) ? gift : created(gift);
    },
  }),
  route({
    method: 'get',
    path: '/v1/gifts',
    scope: 'gifts:read',
    summary: 'Gifts, the latest first',
    query: listQuery({ customerId: z.string().optional() }),
    handle: async ({ query }) => {
      const { page, filters } = splitListQuery(query);
      const { data, nextCursor } = await gifts.list(filters, page);
      return ok({ data: data.map(giftResource), nextCursor });
    },
  }),
  route({
    method: 'get',
    path: '/v1/gifts/:id',
    scope: 'gifts:read',
    summary: 'One gift',
    handle: async ({ params: { id = '' } }) => {
      const gift = await gifts.find(id);
      return gift ? ok(giftResource(gift)) : notFound('gift', id);
    },
  }),
  route({
    method: 'post',
    path: '/v1/gifts/:id/cancel',
    scope: 'gifts:write',
    summary: 'Cancel a gift that nobody has redeemed; what was paid is given back by a credit note',
    handle: async ({ params: { id = '' } }) => {
      await gifts.cancelled(id);
      const gift = await gifts.find(id);
      if (gift?.redeemedBy) return problem(409, 'gift-redeemed', 'A gift that was redeemed cannot be cancelled.');
      return gift ? ok(giftResource(gift)) : notFound('gift', id);
    },
  }),
  route({
    method: 'post',
    path: '/v1/gifts/redeem',
    scope: 'subscriptions:write',
    summary: 'Start a gift by its code; at its end it goes on only where a payment method was added',
    body: redeemBody,
    handle: async (asked) => {
      const { code, customerId } = asked.body;
      const known = await customerOf(platform, customerId);
      if (!known) return customerNotFound(customerId);
      const found = redeemable(await gifts.byCode(giftCodeHash(code)), customerId);
      if (!found.ok) return refused(found.rejection);
      await gifts.redeem(found.value.id, customerId, `sub_${found.value.id}`);
      const gift = redeemable(await gifts.find(found.value.id), customerId);
      if (!gift.ok) return refused(gift.rejection);
      const { planId, quantity, addOns, interval } = gift.value;
      const days = daysGiven(gift.value, await timeOf(known.customer.testClock), known.customer.timezone);
      const body = subscriptionBody.parse({ id: `sub_${gift.value.id}`, customerId, planId, quantity, addOns, interval, trialDays: days });
      return start({ ...asked, body, query: undefined, idempotencyKey: `gift:${gift.value.id}` }, { isGift: true });
    },
  }),
];
