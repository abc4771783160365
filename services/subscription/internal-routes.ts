import type { SubscriptionClient } from '../../actors/subscription/client.ts';
import { isId } from '../shared/ids.ts';
import { notFound, problem } from '../shared/problem.ts';
import { ok, type Route, refused, route } from '../shared/route.ts';
import type { Platform } from '../shared/service.ts';
import { renewalsQuery, termsQuery } from './bodies.ts';
import { changedTerms, type TermsQuery } from './change.ts';
import { type DunningPathsQuery, dunningPathsOf, dunningPathsQuery } from './dunning-paths.ts';
import type { GiftPurchases } from './gifts/gift-purchases.ts';
import { nextBillingOf, nextBillingQuery } from './next-billing.ts';
import { type RenewalsQuery, renewalsOn } from './renewals.ts';
import type { Store } from './store.ts';

/** Queries and commands of other services, through Dapr. */
export const internalRoutes = (platform: Platform, store: Store, client: SubscriptionClient, gifts: GiftPurchases): readonly Route[] => [
  route<TermsQuery>({
    method: 'post',
    path: '/terms',
    scope: 'public',
    summary: 'Price a change of a subscription',
    description: 'The terms after a requested change, or the rejection. The actor is never called, because its turn is waiting.',
    body: termsQuery,
    handle: async ({ body }) => ok(await changedTerms(platform, store.plans, body)),
  }),
  route<RenewalsQuery>({
    method: 'post',
    path: '/renewals',
    scope: 'public',
    summary: 'List the renewals of a customer on a day',
    description: 'Subscriptions of a customer that renew on a local calendar day, done or to come.',
    body: renewalsQuery,
    handle: async ({ body }) => ok({ renewals: await renewalsOn(store, body) }),
  }),
  route<DunningPathsQuery>({
    method: 'post',
    path: '/dunning-paths',
    scope: 'public',
    summary: 'Compute dunning paths',
    description: 'When each retry policy would try again, suspend and give up, for debts that could not be collected.',
    body: dunningPathsQuery,
    handle: async ({ body }) => ok({ paths: dunningPathsOf(body) }),
  }),
  route<{ customerIds: string[] }>({
    method: 'post',
    path: '/next-billing',
    scope: 'public',
    summary: 'Retrieve the next billing of customers',
    description: 'The next billing instant of each customer; customers who will not be billed are left out.',
    body: nextBillingQuery,
    handle: async ({ body: { customerIds } }) => ok({ nextBilling: await nextBillingOf(store, customerIds) }),
  }),
  route({
    method: 'get',
    path: '/test-clocks/:id',
    scope: 'public',
    summary: 'Retrieve a test clock',
    description: 'The time of a test clock.',
    handle: async ({ params: { id = '' } }) => {
      const result = await client.getClock(id);
      return result.ok ? ok(result.testClock) : notFound('test-clock', id);
    },
  }),
  route({
    method: 'post',
    path: '/subscriptions/:id/retry-payment',
    scope: 'public',
    summary: 'Retry a failed payment',
    description: 'Retries the failed payment of a subscription, or of a gift, immediately.',
    handle: async ({ params: { id = '' } }) => {
      if (isId('gift', id)) {
        const gift = await gifts.retry(id);
        return gift ? ok(gift) : problem(409, 'nothing-to-retry', `Gift ${id} has no failed payment to retry.`);
      }
      const result = await client.command(id, 'retryPayment', {});
      return result.ok ? ok(result.subscription) : refused(result.rejection);
    },
  }),
];
