import { z } from 'zod';
import { changedMeanwhile, preconditionFailed } from '../shared/etag.ts';
import { newEvent } from '../shared/events.ts';
import { identity } from '../shared/fields.ts';
import { listQuery, pageSchema } from '../shared/list.ts';
import { ok, type Route, route } from '../shared/route.ts';
import type { Platform } from '../shared/service.ts';
import { caseSchema } from './case-schema.ts';
import { type PolicyTarget, policyFor, policyTargetSchema } from './matched-policy.ts';
import type { MatchedPolicyStore } from './matched-policy-store.ts';
import { type DunningPolicy, policySchema, retryPolicyOf } from './policy.ts';
import type { CaseQuery, DunningStore } from './store.ts';

const caseQuery = listQuery({
  customerId: identity('cus').optional(),
  subscriptionId: identity('sub').optional(),
  status: z.enum(['open', 'recovered', 'lost']).optional(),
});

/** The routes of the default policy and of the cases. */
export const dunningRoutes = (store: DunningStore, { publish, now }: Platform): readonly Route[] => [
  route({
    method: 'get',
    path: '/v1/dunning/policy',
    scope: 'dunning:read',
    operationId: 'retrieveDunningPolicy',
    summary: 'Retrieve the dunning policy',
    description:
      'The policy for failed payments of subscriptions that no more specific policy matches. Days are local calendar days of the subscription.',
    etag: true,
    responses: { 200: policySchema },
    handle: async () => ok(await store.policy()),
  }),
  route<DunningPolicy>({
    method: 'put',
    path: '/v1/dunning/policy',
    scope: 'dunning:write',
    operationId: 'replaceDunningPolicy',
    summary: 'Replace the dunning policy',
    description:
      'Replaces the policy for subscriptions that start from now on; running subscriptions keep theirs. A field that is left out takes its default. With If-Match, the policy is replaced only while its ETag matches.',
    etag: true,
    ifMatch: true,
    body: policySchema,
    responses: { 200: policySchema },
    handle: async ({ body, headers: { 'if-match': ifMatch } }) => {
      const before = ifMatch === undefined ? undefined : await store.policyVersion();
      const failed = preconditionFailed(ifMatch, before?.policy);
      if (failed) return failed;
      const sequence = await store.setPolicy(body, before?.sequence);
      if (sequence === undefined) return changedMeanwhile();
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
    operationId: 'listDunningCases',
    summary: 'List dunning cases',
    description: 'One case per invoice whose payment failed, newest first.',
    query: caseQuery,
    responses: { 200: pageSchema(caseSchema) },
    handle: async ({ query }) => ok(await store.list(query)),
  }),
];

export const internalDunningRoutes = (store: DunningStore, policies: MatchedPolicyStore): readonly Route[] => [
  route<PolicyTarget>({
    method: 'post',
    path: '/policy',
    scope: 'public',
    summary: 'Retrieve the retry policy of a new subscription',
    body: policyTargetSchema,
    handle: async ({ body }) => ok(policyFor(body, await policies.all())?.policy ?? retryPolicyOf(await store.policy())),
  }),
];
