import { z } from 'zod';
import { newEvent } from '../shared/events.ts';
import { listQuery } from '../shared/list.ts';
import { ok, type Route, route } from '../shared/route.ts';
import type { Platform } from '../shared/service.ts';
import { type Debtor, debtorSchema, policyFor } from './matched-policy.ts';
import type { MatchedPolicyStore } from './matched-policy-store.ts';
import { type DunningPolicy, policySchema, retryPolicyOf } from './policy.ts';
import type { CaseQuery, DunningStore } from './store.ts';

const caseQuery = listQuery({
  customerId: z.string().optional(),
  subscriptionId: z.string().optional(),
  status: z.enum(['open', 'recovered', 'lost']).optional(),
});

export const publicRoutes = (store: DunningStore, { publish, now }: Platform): readonly Route[] => [
  route({
    method: 'get',
    path: '/v1/dunning/policy',
    scope: 'dunning:read',
    summary: 'How failed payments are followed up.',
    answer: policySchema,
    handle: async () => ok(await store.policy()),
  }),
  route<DunningPolicy>({
    method: 'put',
    path: '/v1/dunning/policy',
    scope: 'dunning:write',
    summary: 'Replaces the policy for subscriptions that start from now on; what is left out takes its default.',
    body: policySchema,
    answer: policySchema,
    handle: async ({ body }) => {
      const sequence = await store.setPolicy(body);
      await publish([
        newEvent({
          type: 'dunning.policy-changed',
          subject: 'dunning-policy',
          sequence,
          time: now(),
          customerId: '',
          testClock: null,
          data: body,
        }),
      ]);
      return ok(body);
    },
  }),
  route<undefined, CaseQuery>({
    method: 'get',
    path: '/v1/dunning/cases',
    scope: 'dunning:read',
    summary: 'One case per invoice whose payment failed, newest first.',
    query: caseQuery,
    handle: async ({ query }) => ok(await store.list(query)),
  }),
];

export const internalRoutes = (store: DunningStore, policies: MatchedPolicyStore): readonly Route[] => [
  route<Debtor>({
    method: 'post',
    path: '/policy',
    scope: 'public',
    summary: 'The retry policy that a subscription starts with.',
    body: debtorSchema,
    handle: async ({ body }) => ok(policyFor(body, await policies.all())?.policy ?? retryPolicyOf(await store.policy())),
  }),
];
