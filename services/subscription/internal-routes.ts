import type { SubscriptionClient } from '../../actors/subscription/client.ts';
import { isId } from '../shared/ids.ts';
import { notFound, problem } from '../shared/problem.ts';
import { ok, type Route, refused, route } from '../shared/route.ts';
import type { Platform } from '../shared/service.ts';
import { renewalsQuestion, termsQuestion } from './bodies.ts';
import { changedTerms, type TermsQuestion } from './change.ts';
import { type PathsQuestion, pathsOf, pathsQuestion } from './dunning-paths.ts';
import type { Gifts } from './gifts/gifts.ts';
import { nextBillingOf, nextBillingQuestion } from './next-billing.ts';
import { type RenewalsQuestion, renewalsOn } from './renewals.ts';
import type { Store } from './store.ts';

/** What other services ask of subscriptions, through Dapr. */
export const internalRoutes = (platform: Platform, store: Store, client: SubscriptionClient, gifts: Gifts): readonly Route[] => [
  route<TermsQuestion>({
    method: 'post',
    path: '/terms',
    scope: 'public',
    summary: 'The terms of a subscription after a wished change, or why it cannot be had; never asks the actor, whose turn waits',
    body: termsQuestion,
    handle: async ({ body }) => ok(await changedTerms(platform, store.plans, body)),
  }),
  route<RenewalsQuestion>({
    method: 'post',
    path: '/renewals',
    scope: 'public',
    summary: 'Which subscriptions of a customer renew on a day, done or to come',
    body: renewalsQuestion,
    handle: async ({ body }) => ok({ renewals: await renewalsOn(store, body) }),
  }),
  route<PathsQuestion>({
    method: 'post',
    path: '/dunning-paths',
    scope: 'public',
    summary: 'When retry policies would try, suspend and give up what could not be collected',
    body: pathsQuestion,
    handle: async ({ body }) => ok({ paths: pathsOf(body) }),
  }),
  route<{ customerIds: string[] }>({
    method: 'post',
    path: '/next-billing',
    scope: 'public',
    summary: 'When customers are billed next',
    body: nextBillingQuestion,
    handle: async ({ body: { customerIds } }) => ok({ nextBilling: await nextBillingOf(store, customerIds) }),
  }),
  route({
    method: 'get',
    path: '/test-clocks/:id',
    scope: 'public',
    summary: 'The time of a test clock',
    handle: async ({ params: { id = '' } }) => {
      const answer = await client.getClock(id);
      return answer.ok ? ok(answer.testClock) : notFound('test-clock', id);
    },
  }),
  route({
    method: 'post',
    path: '/subscriptions/:id/retry-payment',
    scope: 'public',
    summary: 'Try the failed payment of a subscription, or of a gift, again at once',
    handle: async ({ params: { id = '' } }) => {
      if (isId('gift', id)) {
        const gift = await gifts.retry(id);
        return gift ? ok(gift) : problem(409, 'nothing-to-retry', 'No payment of this gift has failed.');
      }
      const answer = await client.command(id, 'retryPayment', {});
      return answer.ok ? ok(answer.subscription) : refused(answer.rejection);
    },
  }),
];
