import test, { type ExecutionContext } from 'ava';
import { createDunningService } from '../../services/dunning/index.ts';
import { type Match, type PolicyTarget, policyFor } from '../../services/dunning/matched-policy.ts';
import { retryPolicySchema } from '../../services/dunning/policy.ts';
import type { MarqueeEvent } from '../../services/shared/events.ts';
import { callRoutes } from '../support/call-route.ts';
import { indexesReady, startDocuments } from '../support/documents.ts';
import { testPlatform } from '../support/platform.ts';

const policies = (matches: Readonly<Record<string, Match>>) =>
  Object.entries(matches).map(([id, match]) => ({ id, match, policy: retryPolicySchema.parse({}), createdAt: '2026-01-01T00:00:00.000Z' }));

const student: PolicyTarget = { planId: 'plan_basic', country: 'DE', segment: 'student' };

const wins = test.macro((t, matches: Readonly<Record<string, Match>>, id: string | undefined, debtor: PolicyTarget = student) => {
  t.is(policyFor(debtor, policies(matches))?.id, id);
  t.is(policyFor(debtor, policies(matches).reverse())?.id, id);
});

test(
  'a policy that names the plan precedes one that names country and segment',
  wins,
  {
    dun_a: { countries: ['DE'], segments: ['student'] },
    dun_b: { plans: ['plan_other', 'plan_basic'] },
  },
  'dun_b',
);
test(
  'a policy that names the country precedes one that names the segment',
  wins,
  {
    dun_a: { segments: ['student'] },
    dun_b: { countries: ['AT', 'DE'] },
  },
  'dun_b',
);
test(
  'of two policies that name the plan, the one with more conditions precedes',
  wins,
  {
    dun_a: { plans: ['plan_basic'] },
    dun_b: { plans: ['plan_basic'], segments: ['student'] },
  },
  'dun_b',
);
test('among equal policies the first id precedes', wins, { dun_b: { countries: ['DE'] }, dun_a: { countries: ['DE', 'AT'] } }, 'dun_a');
test(
  'a policy applies only to customers who match all its conditions',
  wins,
  { dun_a: { plans: ['plan_basic'], countries: ['AT'] } },
  undefined,
);
test('a customer without a segment matches no policy that names one', wins, { dun_a: { segments: ['student'] } }, undefined, {
  ...student,
  segment: null,
});

async function startDunning(t: ExecutionContext) {
  const documents = await startDocuments(t);
  const published: MarqueeEvent[] = [];
  const service = createDunningService(testPlatform({ documents, published, now: () => '2026-01-01T00:00:00.000Z' }));
  await indexesReady(documents);
  const inside = callRoutes(service.internal ?? []);
  const graceOf = async (debtor: Partial<PolicyTarget>) =>
    (await inside('post', '/policy', { body: { ...student, ...debtor } })).body.graceDays;
  return { published, callApi: callRoutes(service.routes), graceOf };
}

test('a subscription starts with its matched policy, and with that of the platform after the matched one is deleted', async (t) => {
  const { callApi, graceOf, published } = await startDunning(t);
  const body = { id: 'dun_students', match: { segments: ['student'] }, policy: { graceDays: 30 } };
  t.is((await callApi('post', '/v1/dunning/policies', { body })).status, 201);
  t.is((await callApi('post', '/v1/dunning/policies', { body })).status, 200);
  t.deepEqual([await graceOf({}), await graceOf({ segment: null })], [30, 14]);

  const changed = await callApi('put', '/v1/dunning/policies/dun_students', {
    body: { match: { countries: ['AT'] }, policy: { graceDays: 21 } },
  });
  t.like(changed.body, { id: 'dun_students', policy: { graceDays: 21, finalAction: 'cancel' } });
  t.deepEqual([await graceOf({}), await graceOf({ country: 'AT' })], [14, 21]);

  t.is((await callApi('delete', '/v1/dunning/policies/dun_students')).status, 204);
  t.is(await graceOf({ country: 'AT' }), 14);
  t.deepEqual((await callApi('get', '/v1/dunning/policies')).body.data, []);
  t.deepEqual(
    [...new Set(published.map(({ id, type }) => `${id} ${type}`))],
    [
      'dun_students:1 dunning.matched-policy-saved',
      'dun_students:2 dunning.matched-policy-saved',
      'dun_students:3 dunning.matched-policy-deleted',
    ],
  );
});

test('a policy without conditions, an inconsistent one, and an existing id are refused', async (t) => {
  const { callApi } = await startDunning(t);
  const post = async (body: object) => {
    const { status, body: response } = await callApi('post', '/v1/dunning/policies', { body });
    return [status, response.errors?.[0].pointer ?? response.code];
  };
  t.deepEqual(await post({ match: {}, policy: {} }), [422, '/match']);
  t.deepEqual(await post({ match: { plans: ['basic'] }, policy: {} }), [422, '/match/plans/0']);
  t.deepEqual(await post({ match: { countries: ['DE'] }, policy: { retryDays: [3, 1] } }), [422, '/policy/retryDays']);
  await post({ id: 'dun_1', match: { countries: ['DE'] }, policy: {} });
  t.deepEqual(await post({ id: 'dun_1', match: { countries: ['AT'] }, policy: {} }), [409, 'already-exists']);
  t.is((await callApi('put', '/v1/dunning/policies/dun_2', { body: { match: { countries: ['DE'] }, policy: {} } })).status, 404);
  t.is((await callApi('delete', '/v1/dunning/policies/dun_2')).status, 404);
});

test('policies are listed page by page', async (t) => {
  const { callApi } = await startDunning(t);
  for (const id of ['dun_a', 'dun_b', 'dun_c'])
    await callApi('post', '/v1/dunning/policies', { body: { id, match: { countries: ['DE'] }, policy: {} } });
  const first = (await callApi('get', '/v1/dunning/policies', { query: { limit: '2' } })).body;
  const second = (await callApi('get', '/v1/dunning/policies', { query: { limit: '2', cursor: first.nextCursor } })).body;
  t.deepEqual(
    [...first.data, ...second.data].map(({ id }: { id: string }) => id),
    ['dun_c', 'dun_b', 'dun_a'],
  );
});
