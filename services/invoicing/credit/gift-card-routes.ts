import { z } from 'zod';
import { nowOn } from '../../shared/domain-time.ts';
import { amount, currency, identity, instant, money } from '../../shared/fields.ts';
import { giftCodeHash, newGiftCode } from '../../shared/gift-code.ts';
import { hashOf } from '../../shared/idempotency.ts';
import { listQuery, pageSchema } from '../../shared/list.ts';
import { keyedId } from '../../shared/new-id.ts';
import { notFound, problem } from '../../shared/problem.ts';
import { created, ok, type Route, refused, route } from '../../shared/route.ts';
import { type InvoicingParts, largestAmount } from '../routes.ts';
import { balanceAt } from './account-credit.ts';
import { creditOf, type GiftCard, giftCardResource, giftCardSchema, redeemable } from './gift-card.ts';
import type { GiftCardStore } from './gift-card-store.ts';

const cardBody = z
  .strictObject({
    id: identity('gc').optional(),
    amount: amount.max(largestAmount),
    currency,
    expiresAt: instant.nullable().default(null).meta({ description: 'When the card and its unused credit expire; null for never' }),
    note: z.string().max(500).nullable().default(null),
  })
  .meta({ id: 'IssueGiftCard' });

const issuedCardSchema = giftCardSchema
  .extend({ code: z.string().optional().meta({ description: 'The code to redeem the card; only in this response' }) })
  .meta({ id: 'IssuedGiftCard' });

const redeemedCardSchema = z
  .object({ customerId: z.string(), giftCard: giftCardSchema, balance: money })
  .meta({ id: 'RedeemedGiftCard', description: 'The card and the account credit of the customer in its currency' });

/**
 * Gift cards: issued with a code that is shown once, and redeemed by that code as account credit.
 */
export const giftCardRoutes = (parts: InvoicingParts, cards: GiftCardStore): readonly Route[] => [
  issueRoute(parts, cards),
  ...readRoutes(cards),
  cancelRoute(parts, cards),
  redeemRoute(parts, cards),
];

const issueRoute = ({ platform }: InvoicingParts, cards: GiftCardStore): Route =>
  route({
    method: 'post',
    path: '/v1/gift-cards',
    scope: 'gift-cards:write',
    operationId: 'issueGiftCard',
    summary: 'Issue a gift card',
    description:
      'Issues a gift card over an amount in minor units. Its code is in this response only. A repeat with the same id or Idempotency-Key returns the same card with a new code that replaces the first one, while the card is neither redeemed nor cancelled.',
    body: cardBody,
    responses: { 201: issuedCardSchema },
    problems: ['already-exists'],
    secretAnswer: true,
    handle: async ({ body: { id: requestedId, ...card }, idempotencyKey }) => {
      const [id, code, bodyHash] = [requestedId ?? keyedId('gc', idempotencyKey), newGiftCode(), hashOf(card)];
      const codeHash = giftCodeHash(code);
      const unused = { cancelledAt: null, redeemedBy: null, redeemedAt: null };
      const stored = await cards.issue({ _id: id, ...card, ...unused, codeHash, createdAt: platform.now(), bodyHash });
      if (stored.bodyHash !== bodyHash)
        return problem(409, 'already-exists', `A gift card with the id ${id} already exists with different data.`);
      return created({ ...giftCardResource(stored), ...(stored.codeHash === codeHash && { code }) });
    },
  });

const readRoutes = (cards: GiftCardStore): readonly Route[] => [
  route({
    method: 'get',
    path: '/v1/gift-cards',
    scope: 'gift-cards:read',
    operationId: 'listGiftCards',
    summary: 'List gift cards',
    description: 'Lists gift cards without their codes, newest first.',
    query: listQuery(),
    responses: { 200: pageSchema(giftCardSchema) },
    handle: async ({ query }) => {
      const { data, nextCursor } = await cards.list(query);
      return ok({ data: data.map(giftCardResource), nextCursor });
    },
  }),
  route({
    method: 'get',
    path: '/v1/gift-cards/:id',
    scope: 'gift-cards:read',
    operationId: 'retrieveGiftCard',
    summary: 'Retrieve a gift card',
    description: 'Returns a gift card without its code.',
    responses: { 200: giftCardSchema },
    problems: ['gift-card-not-found'],
    handle: async ({ params: { id = '' } }) => respondWith(id, await cards.find(id)),
  }),
];

const cancelRoute = ({ platform }: InvoicingParts, cards: GiftCardStore): Route =>
  route({
    method: 'post',
    path: '/v1/gift-cards/:id/cancel',
    scope: 'gift-cards:write',
    operationId: 'cancelGiftCard',
    summary: 'Cancel a gift card',
    description: 'Cancels a gift card that no customer has redeemed. A repeat returns the cancelled card unchanged.',
    responses: { 200: giftCardSchema },
    problems: ['gift-card-not-found', 'gift-card-redeemed'],
    handle: async ({ params: { id = '' } }) => {
      await cards.cancel(id, platform.now());
      const card = await cards.find(id);
      if (card?.redeemedBy) return problem(409, 'gift-card-redeemed', 'A gift card that has been redeemed cannot be cancelled.');
      return respondWith(id, card);
    },
  });

const redeemRoute = ({ platform, invoices, granter }: InvoicingParts, cards: GiftCardStore): Route =>
  route({
    method: 'post',
    path: '/v1/customers/:id/gift-cards',
    scope: 'credits:write',
    operationId: 'redeemGiftCard',
    summary: 'Redeem a gift card',
    description:
      'Redeems a gift card by its code. Its amount becomes account credit of the customer, which pays open invoices first. A repeat by the same customer grants nothing more.',
    body: z.strictObject({ code: z.string().min(1).max(100) }).meta({ id: 'RedeemGiftCard' }),
    responses: { 201: redeemedCardSchema },
    problems: ['customer-not-found', 'gift-card-not-found', 'gift-card-redeemed', 'gift-card-cancelled', 'gift-card-expired'],
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
  });

const respondWith = (id: string, card: GiftCard | undefined) => (card ? ok(giftCardResource(card)) : notFound('gift-card', id));
