import { z } from 'zod';
import { newEvent } from '../shared/events.ts';
import { utcInstant } from '../shared/fields.ts';
import { listQuery, pageSchema } from '../shared/list.ts';
import { keyedId } from '../shared/new-id.ts';
import { notFound } from '../shared/problem.ts';
import { created, noContent, ok, type Route, refused, route } from '../shared/route.ts';
import type { Platform } from '../shared/service.ts';
import { type MatchedPolicy, matchedPolicyBody, matchedPolicyContent, matchSchema } from './matched-policy.ts';
import type { MatchedPolicyStore, PolicyChange } from './matched-policy-store.ts';
import { retryPolicySchema } from './policy.ts';

const matchedPolicyResource = z
  .object({ id: z.string(), match: matchSchema, policy: retryPolicySchema, createdAt: utcInstant })
  .meta({ id: 'MatchedDunningPolicy' });

type Content = z.infer<typeof matchedPolicyContent>;
type Body = z.infer<typeof matchedPolicyBody>;

/** The routes of policies for certain plans, countries and segments. */
export const matchedPolicyRoutes = (policies: MatchedPolicyStore, { publish, now }: Platform): readonly Route[] => {
  const tell = ({ policy, sequence }: PolicyChange, change: 'saved' | 'deleted') =>
    publish([
      newEvent<MatchedPolicy>({
        type: `dunning.matched-policy-${change}`,
        subject: policy.id,
        sequence,
        time: now(),
        customerId: '',
        testClock: null,
        data: policy,
      }),
    ]);
  return [
    route({
      method: 'get',
      path: '/v1/dunning/policies',
      scope: 'dunning:read',
      operationId: 'listDunningPolicies',
      summary: 'List dunning policies',
      description: 'Policies for certain plans, countries and segments, newest first.',
      query: listQuery(),
      responses: { 200: pageSchema(matchedPolicyResource) },
      handle: async ({ query }) => ok(await policies.list(query)),
    }),
    route<Body>({
      method: 'post',
      path: '/v1/dunning/policies',
      scope: 'dunning:write',
      operationId: 'createDunningPolicy',
      summary: 'Create a dunning policy',
      description:
        'Creates a policy for matching subscriptions that start from now on. The most specific policy applies: plan before country before segment, then the lowest id. An exact repeat returns the existing policy with 200.',
      body: matchedPolicyBody,
      responses: { 200: matchedPolicyResource, 201: matchedPolicyResource },
      problems: ['already-exists'],
      handle: async ({ body, idempotencyKey }) => {
        const id = body.id ?? keyedId('dun', idempotencyKey);
        const made = await policies.create({ id, match: body.match, policy: body.policy, createdAt: now() });
        if (!made.ok) return refused(made.rejection);
        await tell(made.value, 'saved');
        return (made.value.isNew ? created : ok)(made.value.policy);
      },
    }),
    route<Content>({
      method: 'put',
      path: '/v1/dunning/policies/:id',
      scope: 'dunning:write',
      operationId: 'replaceDunningPolicyById',
      summary: 'Replace a dunning policy',
      description: 'Replaces the policy for subscriptions that start from now on; running subscriptions keep theirs.',
      body: matchedPolicyContent,
      responses: { 200: matchedPolicyResource },
      problems: ['dunning-policy-not-found'],
      handle: async ({ params: { id = '' }, body }) => {
        const changed = await policies.replace(id, body);
        if (!changed) return notFound('dunning-policy', id);
        await tell(changed, 'saved');
        return ok(changed.policy);
      },
    }),
    route({
      method: 'delete',
      path: '/v1/dunning/policies/:id',
      scope: 'dunning:write',
      operationId: 'deleteDunningPolicy',
      summary: 'Delete a dunning policy',
      description: 'Deletes the policy; subscriptions that started with it keep it.',
      responses: { 204: 'empty' },
      problems: ['dunning-policy-not-found'],
      handle: async ({ params: { id = '' } }) => {
        const removed = await policies.remove(id, now());
        if (!removed) return notFound('dunning-policy', id);
        await tell(removed, 'deleted');
        return noContent();
      },
    }),
  ];
};
