import { z } from 'zod';
import type { CommandBody, CommandName, CommandResult, SubscriptionClient } from '../../actors/subscription/client.ts';
import { changeBody } from '../../actors/subscription/command-schemas.ts';
import { listQuery, splitListQuery } from '../shared/list.ts';
import { pageOf } from '../shared/mongo.ts';
import { notFound, type Problem } from '../shared/problem.ts';
import { ok, type Route, type RouteResponse, refused, route } from '../shared/route.ts';
import type { Platform } from '../shared/service.ts';
import { billingRoutes } from './billing-routes.ts';
import { cancelBody, nothingBody, pauseBody, resumeBody, subscriptionBody } from './bodies.ts';
import { changedTerms, termsQuestionOf } from './change.ts';
import { appliedCouponRoutes } from './coupons/coupon-routes.ts';
import { asOfQuery, foresightRoutes } from './forecast-routes.ts';
import type { Start } from './start.ts';
import { type Store, subscriptionOf } from './store.ts';

const millisToWaitForClock = 15_000;

/** Subscriptions over HTTP: each command goes to the actor, which decides. */
export function subscriptionRoutes(platform: Platform, store: Store, client: SubscriptionClient, start: Start): readonly Route[] {
  /** On a test clock the answer waits until everything that the command causes has happened. */
  const answerOf = async (answer: CommandResult): Promise<RouteResponse | Problem> => {
    if (!answer.ok) return refused(answer.rejection);
    if (answer.subscription.testClock === null) return ok(answer.subscription);
    await platform.settlement.settled(answer.events, millisToWaitForClock);
    return ok((await client.get(answer.subscription.id)) ?? answer.subscription);
  };
  const command = <Name extends CommandName>(verb: string, name: Name, summary: string, body: z.ZodType<CommandBody<Name>>): Route =>
    route<CommandBody<Name>>({
      method: 'post',
      path: `/v1/subscriptions/:id/${verb}`,
      scope: 'subscriptions:write',
      summary,
      body,
      handle: async ({ params: { id = '' }, body: asked, idempotencyKey }) =>
        answerOf(await client.command(id, name, asked, { idempotencyKey })),
    });

  return [
    route({
      method: 'post',
      path: '/v1/subscriptions',
      scope: 'subscriptions:write',
      summary: 'Start a subscription; waits a few seconds for the first payment',
      body: subscriptionBody,
      handle: (asked) => start(asked),
    }),
    route({
      method: 'get',
      path: '/v1/subscriptions',
      scope: 'subscriptions:read',
      summary: 'List subscriptions, newest first',
      query: listQuery({ customerId: z.string().optional(), status: z.string().optional(), planId: z.string().optional() }),
      handle: async ({ query }) => {
        const { page: paging, filters } = splitListQuery(query);
        const page = await pageOf(store.subscriptions as never, filters, paging);
        return ok({ data: page.data.map((row) => subscriptionOf(row as never)), nextCursor: page.nextCursor });
      },
    }),
    route({
      method: 'get',
      path: '/v1/subscriptions/:id',
      scope: 'subscriptions:read',
      summary: 'One subscription, as its actor knows it now, or as it was at an instant',
      query: asOfQuery,
      handle: async ({ params: { id = '' }, query: { asOf } }) => {
        if (asOf !== undefined) {
          const answer = await client.query(id, 'asOf', { at: asOf });
          return answer.ok ? ok(answer.subscription) : refused(answer.rejection);
        }
        const subscription = await client.get(id);
        return subscription ? ok(subscription) : notFound('subscription', id);
      },
    }),
    route({
      method: 'get',
      path: '/v1/subscriptions/:id/events',
      scope: 'subscriptions:read',
      summary: 'The subscription’s own history, in sequence',
      query: z.strictObject({
        limit: z.coerce.number().int().min(1).max(200).default(200),
        cursor: z.coerce.number().int().min(0).default(0),
      }),
      handle: async ({ params: { id = '' }, query: { limit, cursor } }) => {
        const answer = await client.history(id, cursor, limit);
        if (!answer.ok) return refused(answer.rejection);
        const { events, last } = answer;
        const end = events.at(-1)?.sequence ?? cursor;
        return ok({ data: events, nextCursor: end < last ? String(end) : null });
      },
    }),
    route({
      method: 'post',
      path: '/v1/subscriptions/:id/change',
      scope: 'subscriptions:write',
      summary: 'Change plan, interval, quantity or add-ons, now, at period end or at an instant',
      body: changeBody,
      handle: async ({ params: { id = '' }, body, idempotencyKey }) => {
        const subscription = await client.get(id);
        if (!subscription) return notFound('subscription', id);
        const { planId, planVersion, interval, quantity, addOns, ...how } = body;
        const wish = { planId, planVersion, interval, quantity, addOns };
        const terms = await changedTerms(platform, store.plans, termsQuestionOf(subscription, wish));
        if (!terms.ok) return refused(terms.rejection);
        return answerOf(await client.command(id, 'change', { terms: terms.value, ...how }, { idempotencyKey }));
      },
    }),
    ...foresightRoutes(platform, client),
    ...billingRoutes(platform, store, client, answerOf),
    ...appliedCouponRoutes(store, client, platform, answerOf),
    command('cancel', 'cancel', 'Cancel at period end, now, or at an instant', cancelBody),
    command('uncancel', 'uncancel', 'Withdraw a scheduled cancellation', nothingBody),
    command('pause', 'pause', 'Pause at period end or now', pauseBody),
    command('resume', 'resume', 'Resume a paused subscription', resumeBody),
    command('retry-payment', 'retryPayment', 'Try the failed payment again at once', nothingBody),
  ];
}
