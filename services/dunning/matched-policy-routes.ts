import { z } from 'zod';
import { changedMeanwhile, preconditionFailed } from '../shared/etag.ts';
import { newEvent } from '../shared/events.ts';
import { utcInstant } from '../shared/fields.ts';
import { listQuery, pageSchema } from '../shared/list.ts';
import { keyedId } from '../shared/new-id.ts';
import { isProblem, notFound, type Problem } from '../shared/problem.ts';
import { created, noContent, ok, type Route, refused, route } from '../shared/route.ts';
import type { Platform } from '../shared/service.ts';
import { matchedPolicyBody, matchedPolicyContent, matchSchema } from './matched-policy.ts';
import type { MatchedPolicyStore, PolicyChange } from './matched-policy-store.ts';
import { retryPolicySchema } from './policy.ts';

const matchedPolicyResource = z
  .object({ id: z.string(), match: matchSchema, policy: retryPolicySchema, createdAt: utcInstant })
  .meta({ id: 'MatchedDunningPolicy' });

type Content = z.infer<typeof matchedPolicyContent>;
type Body = z.infer<typeof matchedPolicyBody>;

/** The routes of policies for certain plans, countries and segments. */
export const matchedPolicyRoutes = (policies: MatchedPolicyStore, { publish, now }: Platform): readonly Route[] => {
  const publishChange = ({ policy, sequence }: PolicyChange, change: 'saved' | 'deleted') =>
    publish([
      newEvent({
        type: `dunning.matched-policy-${change}` as const,
        subject: policy.id,
        sequence,
        time: now(),
        customerId: '',
        testClock: null,
        data: policy,
      }),
    ]);

  /**
   * Makes a change and publishes it. With `If-Match` the change is a compare-and-set, so that of
   * two racing editors one is refused.
   */
  const edit = async (
    id: string,
    ifMatch: string | string[] | undefined,
    change: (expected?: number) => Promise<PolicyChange | undefined>,
    kind: 'saved' | 'deleted',
  ): Promise<PolicyChange | Problem> => {
    const before = ifMatch === undefined ? undefined : await policies.find(id);
    if (ifMatch !== undefined && before === undefined) return notFound('dunning-policy', id);
    const failed = preconditionFailed(ifMatch, before?.policy);
    if (failed) return failed;
    const changed = await change(before?.sequence);
    if (changed === undefined) return before === undefined ? notFound('dunning-policy', id) : changedMeanwhile();
    await publishChange(changed, kind);
    return changed;
  };

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
        await publishChange(made.value, 'saved');
        return (made.value.isNew ? created : ok)(made.value.policy);
      },
    }),
    route({
      method: 'get',
      path: '/v1/dunning/policies/:id',
      scope: 'dunning:read',
      operationId: 'retrieveDunningPolicyById',
      summary: 'Retrieve a dunning policy by its id',
      description: 'Returns a policy for certain plans, countries or segments. The ETag header names its current version, for If-Match.',
      etag: true,
      responses: { 200: matchedPolicyResource },
      problems: ['dunning-policy-not-found'],
      handle: async ({ params: { id = '' } }) => {
        const found = await policies.find(id);
        return found ? ok(found.policy) : notFound('dunning-policy', id);
      },
    }),
    route<Content>({
      method: 'put',
      path: '/v1/dunning/policies/:id',
      scope: 'dunning:write',
      operationId: 'replaceDunningPolicyById',
      summary: 'Replace a dunning policy',
      description:
        'Replaces the policy for subscriptions that start from now on; running subscriptions keep theirs. With If-Match, it is replaced only while its ETag matches.',
      etag: true,
      ifMatch: true,
      body: matchedPolicyContent,
      responses: { 200: matchedPolicyResource },
      problems: ['dunning-policy-not-found'],
      handle: async ({ params: { id = '' }, body, headers }) => {
        const changed = await edit(id, headers['if-match'], (expected) => policies.replace(id, body, expected), 'saved');
        return isProblem(changed) ? changed : ok(changed.policy);
      },
    }),
    route({
      method: 'delete',
      path: '/v1/dunning/policies/:id',
      scope: 'dunning:write',
      operationId: 'deleteDunningPolicy',
      summary: 'Delete a dunning policy',
      description:
        'Deletes the policy; subscriptions that started with it keep it. With If-Match, it is deleted only while its ETag matches.',
      ifMatch: true,
      responses: { 204: 'empty' },
      problems: ['dunning-policy-not-found'],
      handle: async ({ params: { id = '' }, headers }) => {
        const removed = await edit(id, headers['if-match'], (expected) => policies.remove(id, now(), expected), 'deleted');
        return isProblem(removed) ? removed : noContent();
      },
    }),
  ];
};
