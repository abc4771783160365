import { z } from 'zod';
import { nowOn } from '../../shared/domain-time.ts';
import { giftCodeHash, newGiftCode } from '../../shared/gift-code.ts';
import { hashOf } from '../../shared/idempotency.ts';
import { isId } from '../../shared/ids.ts';
import { listQuery } from '../../shared/list.ts';
import { keyedId } from '../../shared/new-id.ts';
import { notFound, problem } from '../../shared/problem.ts';
import { created, ok, type Route, refused, route } from '../../shared/route.ts';
import type { InvoicingParts } from '../routes.ts';
import { currency, instant } from '../schemas.ts';
import { balanceAt } from './account-credit.ts';
import { creditOf, type GiftCard, giftCardResource, redeemable } from './gift-card.ts';
import type { GiftCardStore } from './gift-card-store.ts';

const cardBody = z.strictObject({
  id: z
    .string()
    .refine((id) => isId('gc', id), 'Give an id such as gc_1.')
    .optional(),
  amount: z.number().int().min(1).max(1_000_000_000_000),
  currency,
  expiresAt: instant.nullable().default(null),
  note: z.string().max(500).nullable().default(null),
});

/** Gift cards: issued with a code that is shown once, and redeemed by code as account credit. */
export const giftCardRoutes = ({ platform, invoices, granter }: InvoicingParts, cards: GiftCardStore): readonly Route[] => [
  route({
    method: 'post',
    path: '/v1/gift-cards',
    scope: 'gift-cards:write',
    summary: 'Issue a gift card; its code is in this answer and nowhere else, and asking again replaces it',
    body: cardBody,
    secretAnswer: true,
    handle: async ({ body: { id: asked, ...card }, idempotencyKey }) => {
      const [id, code, bodyHash] = [asked ?? keyedId('gc', idempotencyKey), newGiftCode(), hashOf(card)];
      const untouched = { cancelledAt: null, redeemedBy: null, redeemedAt: null };
      const stored = await cards.issue({
        _id: id,
        ...card,
        ...untouched,
        codeHash: giftCodeHash(code),
        createdAt: platform.now(),
        bodyHash,
      });
      if (stored.bodyHash !== bodyHash) return problem(409, 'already-exists', `${id} is another gift card.`);
      return created({ ...giftCardResource(stored), ...(stored.codeHash === giftCodeHash(code) && { code }) });
    },
  }),
  route({
    method: 'get',
    path: '/v1/gift-cards',
    scope: 'gift-cards:read',
    summary: 'Gift cards, the latest first',
    query: listQuery(),
    handle: async ({ query }) => {
      const { data, nextCursor } = await cards.list(query);
      return ok({ data: data.map((card) => giftCardResource(card as GiftCard)), nextCursor });
    },
  }),
  route({
    method: 'get',
    path: '/v1/gift-cards/:id',
    scope: 'gift-cards:read',
    summary: 'One gift card',
    handle: async ({ params: { id = '' } }) => shownOr404(id, await cards.find(id)),
  }),
  route({
    method: 'post',
    path: '/v1/gift-cards/:id/cancel',
    scope: 'gift-cards:write',
    summary: 'Cancel a gift card that nobody has redeemed',
    handle: async ({ params: { id = '' } }) => {
      await cards.cancel(id, platform.now());
      const card = await cards.find(id);
      if (card?.redeemedBy) return problem(409, 'gift-card-redeemed', 'A gift card that was redeemed cannot be cancelled.');
      return shownOr404(id, card);
    },
  }),
  route({
    method: 'post',
    path: '/v1/customers/:id/gift-cards',
    scope: 'credits:write',
    summary: 'Redeem a gift card by its code: its money becomes account credit',
    body: z.strictObject({ code: z.string().min(1).max(100) }),
    handle: async ({ params: { id = '' }, body: { code } }) => {
      const customer = (await invoices.customers([id])).get(id);
      if (!customer) return notFound('customer', id);
      const now = await nowOn(platform, customer.testClock);
      const found = redeemable(await cards.byCode(giftCodeHash(code)), id, now);
      if (!found.ok) return refused(found.rejection);
      await cards.redeem(found.value._id, id, now);
      const card = redeemable(await cards.find(found.value._id), id, now);
      if (!card.ok) return refused(card.rejection);
      const account = await granter.grant(customer, card.value.currency, creditOf(card.value), now);
      const balance = { amount: balanceAt(account, now), currency: card.value.currency };
      return created({ customerId: id, giftCard: giftCardResource(card.value), balance });
    },
  }),
];

const shownOr404 = (id: string, card: GiftCard | undefined) => (card ? ok(giftCardResource(card)) : notFound('gift-card', id));
