import { z } from 'zod';
import type { SubscriptionClient } from '../../actors/subscription/client.ts';
import { subscriptionSchema, subscriptionStatusSchema } from '../shared/contracts/subscription-resource.ts';
import { identity, instant, utcInstant } from '../shared/fields.ts';
import { listQuery, pageSchema, pagingQuery, splitListQuery } from '../shared/list.ts';
import { pageOf } from '../shared/mongo.ts';
import { notFound } from '../shared/problem.ts';
import { ok, type Route, refused, route } from '../shared/route.ts';
import { subscriptionBody } from './bodies.ts';
import type { Start } from './start.ts';
import { type Store, subscriptionOf } from './store.ts';

const asOfQuery = z.strictObject({
  asOf: instant.optional().meta({ description: 'The subscription as it was at this instant' }),
});

const historyQuery = pagingQuery().extend({
  limit: z.coerce.number().int().min(1).max(200).default(200),
  cursor: z.coerce.number().int().min(0).default(0).meta({ description: 'nextCursor of the page before' }),
});

const historyEventSchema = z
  .looseObject({
    sequence: z.int().meta({ description: 'Number of the event in this history, from 1' }),
    type: z.string().meta({ examples: ['subscription.renewed'] }),
    at: utcInstant,
  })
  .meta({ id: 'SubscriptionHistoryEvent', description: 'An event of a subscription, with the fields of its type' });

/**
 * Codes with which the start of a subscription is refused. A risk provider may add codes of its
 * own.
 */
export const startProblems = [
  ...(['already-exists', 'customer-not-found', 'plan-not-found', 'plan-archived', 'is-an-add-on', 'not-an-add-on'] as const),
  ...(['add-on-not-found', 'add-on-repeated', 'price-missing', 'quantity-out-of-range', 'currency-mismatch'] as const),
  ...(['interval-mismatch', 'tax-behaviour-mismatch', 'billing-mode-mismatch', 'policy-invalid'] as const),
  ...(['downgrade-missing', 'ends-too-early', 'test-clock-not-found', 'clock-advancing', 'payment-method-required'] as const),
  ...(['coupon-not-found', 'coupon-archived', 'coupon-expired', 'coupon-exhausted', 'coupon-repeated'] as const),
  ...(['coupon-plan-mismatch', 'coupon-currency-mismatch', 'promotion-code-not-found', 'promotion-code-archived'] as const),
  ...(['promotion-code-expired', 'promotion-code-exhausted', 'promotion-code-of-another'] as const),
  ...(['promotion-code-first-time-only', 'country-blocked', 'country-mismatch', 'too-many-trials'] as const),
  ...(['trial-already-used', 'risk-refused'] as const),
] as const;

/** Subscriptions: their start, the read model as a list, and each one as its actor knows it. */
export const subscriptionRoutes = (store: Store, client: SubscriptionClient, start: Start): readonly Route[] => [
  route({
    method: 'post',
    path: '/v1/subscriptions',
    scope: 'subscriptions:write',
    operationId: 'createSubscription',
    summary: 'Create a subscription',
    description:
      'Starts a subscription of a customer to a plan and its add-ons, now or at an instant, with its trial and coupons. ' +
      'The response waits up to four seconds for the first payment; while it is outstanding the status is incomplete. ' +
      'A repeat with the same Idempotency-Key or id and the same content starts nothing twice. Other content under the same id is refused.',
    body: subscriptionBody,
    responses: { 201: subscriptionSchema },
    problems: startProblems,
    handle: (request) => start(request),
  }),
  route({
    method: 'get',
    path: '/v1/subscriptions',
    scope: 'subscriptions:read',
    operationId: 'listSubscriptions',
    summary: 'List subscriptions',
    description:
      'Lists subscriptions, newest first, by customer, status and plan. ' +
      'The list may lag behind a single subscription by a moment, as it is made from published events.',
    query: listQuery({
      customerId: identity('cus').optional(),
      status: subscriptionStatusSchema.optional(),
      planId: identity('plan').optional(),
    }),
    responses: { 200: pageSchema(subscriptionSchema) },
    handle: async ({ query }) => {
      const { page, filters } = splitListQuery(query);
      const { data, nextCursor } = await pageOf(store.subscriptions, filters, page);
      return ok({ data: data.map(subscriptionOf), nextCursor });
    },
  }),
  route({
    method: 'get',
    path: '/v1/subscriptions/:id',
    scope: 'subscriptions:read',
    operationId: 'retrieveSubscription',
    summary: 'Retrieve a subscription',
    description: 'Returns a subscription as its actor knows it now, or with asOf as it was at an instant.',
    query: asOfQuery,
    responses: { 200: subscriptionSchema },
    problems: ['subscription-not-found'],
    handle: async ({ params: { id = '' }, query: { asOf } }) => {
      if (asOf !== undefined) {
        const past = await client.query(id, 'asOf', { at: asOf });
        return past.ok ? ok(past.subscription) : refused(past.rejection);
      }
      const subscription = await client.get(id);
      return subscription ? ok(subscription) : notFound('subscription', id);
    },
  }),
  route({
    method: 'get',
    path: '/v1/subscriptions/:id/events',
    scope: 'subscriptions:read',
    operationId: 'listSubscriptionEvents',
    summary: 'List the events of a subscription',
    description:
      'Lists the history of a subscription in sequence, the oldest first. Events never change and are never deleted. ' +
      'The fields of an event depend on its type; amounts are in minor units.',
    query: historyQuery,
    responses: { 200: pageSchema(historyEventSchema) },
    problems: ['subscription-not-found'],
    handle: async ({ params: { id = '' }, query: { limit, cursor } }) => {
      const history = await client.history(id, cursor, limit);
      if (!history.ok) return refused(history.rejection);
      const { events, last } = history;
      const end = events.at(-1)?.sequence ?? cursor;
      return ok({ data: events, nextCursor: end < last ? String(end) : null });
    },
  }),
];
