import { z } from 'zod';
import { newEvent } from '../shared/events.ts';
import { listQuery } from '../shared/list.ts';
import { keyedId } from '../shared/new-id.ts';
import { notFound } from '../shared/problem.ts';
import { created, noContent, ok, type Route, refused, route } from '../shared/route.ts';
import type { Platform } from '../shared/service.ts';
import { type MatchedPolicy, matchedPolicyBody, matchedPolicyContent, matchSchema } from './matched-policy.ts';
import type { Kept, MatchedPolicyStore } from './matched-policy-store.ts';
import { retryPolicySchema } from './policy.ts';

const answer = z.object({ id: z.string(), match: matchSchema, policy: retryPolicySchema, createdAt: z.string() });

type Content = z.infer<typeof matchedPolicyContent>;
type Body = z.infer<typeof matchedPolicyBody>;

/** Policies for some subscriptions, beside the one of the platform. */
export const matchedPolicyRoutes = (policies: MatchedPolicyStore, { publish, now }: Platform): readonly Route[] => {
  const tell = ({ kept, sequence }: Kept, change: 'saved' | 'deleted') =>
    publish([
      newEvent<MatchedPolicy>({
        type: `dunning.matched-policy-${change}`,
        subject: kept.id,
        sequence,
        time: now(),
        customerId: '',
        testClock: null,
        data: kept,
      }),
    ]);
  return [
    route({
      method: 'get',
      path: '/v1/dunning/policies',
      scope: 'dunning:read',
      summary: 'Policies for plans, countries and segments, newest first.',
      query: listQuery(),
      answer: z.object({ data: z.array(answer), nextCursor: z.string().nullable() }),
      handle: async ({ query }) => ok(await policies.list(query)),
    }),
    route<Body>({
      method: 'post',
      path: '/v1/dunning/policies',
      scope: 'dunning:write',
      summary:
        'A policy for some subscriptions that start from now on; the most specific wins: plan before country before segment, then by id.',
      body: matchedPolicyBody,
      answer,
      handle: async ({ body, idempotencyKey }) => {
        const id = body.id ?? keyedId('dun', idempotencyKey);
        const made = await policies.create({ id, match: body.match, policy: body.policy, createdAt: now() });
        if (!made.ok) return refused(made.rejection);
        await tell(made.value, 'saved');
        return (made.value.isNew ? created : ok)(made.value.kept);
      },
    }),
    route<Content>({
      method: 'put',
      path: '/v1/dunning/policies/:id',
      scope: 'dunning:write',
      summary: 'Replaces a policy for subscriptions that start from now on.',
      body: matchedPolicyContent,
      answer,
      handle: async ({ params: { id = '' }, body }) => {
        const changed = await policies.replace(id, body);
        if (!changed) return notFound('dunning-policy', id);
        await tell(changed, 'saved');
        return ok(changed.kept);
      },
    }),
    route({
      method: 'delete',
      path: '/v1/dunning/policies/:id',
      scope: 'dunning:write',
      summary: 'Takes a policy away; subscriptions that started with it keep it.',
      handle: async ({ params: { id = '' } }) => {
        const removed = await policies.remove(id, now());
        if (!removed) return notFound('dunning-policy', id);
        await tell(removed, 'deleted');
        return noContent();
      },
    }),
  ];
};
