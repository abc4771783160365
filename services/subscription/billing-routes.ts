import { z } from 'zod';
import type { CommandResult, SubscriptionClient } from '../../actors/subscription/client.ts';
import { anchorSchema, chargeBody, requestedChangeSchema } from '../../actors/subscription/command-schemas.ts';
import { keyedId } from '../shared/new-id.ts';
import { notFound, type Problem } from '../shared/problem.ts';
import { type Route, type RouteResponse, refused, route } from '../shared/route.ts';
import type { Platform } from '../shared/service.ts';
import { changedTerms, termsQuestionOf } from './change.ts';
import { customerOf } from './customers.ts';
import type { Store } from './store.ts';

type AnswerOf = (answer: CommandResult) => Promise<RouteResponse | Problem>;

/** When and for what a subscription is billed beside its plan: its day, one-off charges, and a new beginning. */
export const billingRoutes = (platform: Platform, store: Store, client: SubscriptionClient, answerOf: AnswerOf): readonly Route[] => [
  route({
    method: 'post',
    path: '/v1/subscriptions/:id/anchor',
    scope: 'subscriptions:write',
    summary: 'Move the day of billing from the next period on, with a stub up to it',
    body: anchorSchema,
    handle: async ({ params: { id = '' }, body, idempotencyKey }) =>
      answerOf(await client.command(id, 'changeAnchor', body, { idempotencyKey })),
  }),
  route({
    method: 'post',
    path: '/v1/subscriptions/:id/charges',
    scope: 'subscriptions:write',
    summary: 'Charge once for something, on the next invoice or now',
    body: chargeBody,
    handle: async ({ params: { id = '' }, body, idempotencyKey }) =>
      answerOf(await client.command(id, 'charge', { ...body, chargeId: keyedId('evt', idempotencyKey) }, { idempotencyKey })),
  }),
  route({
    method: 'post',
    path: '/v1/subscriptions/:id/change/withdraw',
    scope: 'subscriptions:write',
    summary: 'Withdraw a scheduled change',
    body: z.strictObject({}).optional(),
    handle: async ({ params: { id = '' }, idempotencyKey }) => answerOf(await client.command(id, 'withdrawChange', {}, { idempotencyKey })),
  }),
  route({
    method: 'post',
    path: '/v1/subscriptions/:id/reactivate',
    scope: 'subscriptions:write',
    summary: 'Start an ended subscription anew, on the terms it had or on others',
    body: requestedChangeSchema.optional(),
    handle: async ({ params: { id = '' }, body: wish = {}, idempotencyKey }) => {
      const subscription = await client.get(id);
      if (!subscription) return notFound('subscription', id);
      const isSame = Object.values(wish).every((value) => value === undefined);
      const terms = isSame ? undefined : await changedTerms(platform, store.plans, termsQuestionOf(subscription, wish));
      if (terms !== undefined && !terms.ok) return refused(terms.rejection);
      const known = await customerOf(platform, subscription.customerId);
      const body = { terms: terms?.value ?? null, hasPaymentMethod: (known?.paymentMethods.length ?? 0) > 0 };
      return answerOf(await client.command(id, 'reactivate', body, { idempotencyKey }));
    },
  }),
];
