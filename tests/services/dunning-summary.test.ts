import test, { type ExecutionContext } from 'ava';
import { defaultRetryPolicy } from '../../actors/subscription/rules/retry-policy.ts';
import { createDunningService } from '../../services/dunning/index.ts';
import { callRoutes } from '../support/call-route.ts';
import { indexesReady, startDocuments } from '../support/documents.ts';
import { paymentSettled } from '../support/money-events.ts';
import { testPlatform } from '../support/platform.ts';
import { deliver } from '../support/service.ts';
import { start, utc } from '../support/subscription-life.ts';
import { publishedBy } from '../support/subscription-story.ts';

async function startDunning(t: ExecutionContext) {
  const documents = await startDocuments(t);
  const service = createDunningService(testPlatform({ documents, published: [], now: () => utc('2026-04-15') }));
  await indexesReady(documents);
  const callApi = callRoutes(service.routes);
  const summary = async (query = {}) => (await callApi('get', '/v1/dunning/summary', { query })).body;
  return { service, callApi, summary };
}

/** The renewal of 15 February fails in every attempt, as far as this day. */
const failing = (id: string, until = '2026-03-10', policy = {}) =>
  publishedBy([[start({ id, policy: { ...defaultRetryPolicy, ...policy } }), '2026-01-15']], until, (at) => at < utc('2026-02-15'));

const paidLater = (id: string, day: string, amount: number) => [
  ...failing(id, day).filter(({ time }) => time < utc(day)),
  paymentSettled(`inv_${id}_2`, 'succeeded', { attempt: 9, amount, time: utc(day) }),
];

test('the summary counts cases by their outcome, the time to recovery, and the recovered amounts', async (t) => {
  const { service, summary } = await startDunning(t);
  await deliver(service, ...failing('sub_lost'), ...failing('sub_open', '2026-02-17'));
  await deliver(service, ...paidLater('sub_a', '2026-02-16', 3100), ...paidLater('sub_b', '2026-02-20', 900));
  t.like(await summary(), {
    from: utc('2026-01-15'),
    to: utc('2026-04-15'),
    opened: 4,
    recovered: 2,
    lost: 1,
    open: 1,
    recoveryRate: 0.667,
    attemptsPerRecovery: 3,
    recoveredAmounts: [{ amount: 4000, currency: 'EUR' }],
    byCategory: [{ category: 'soft', opened: 4, recovered: 2 }],
  });
});

test('cases count under the active policy that applied to them, and under no policy where it is no longer active', async (t) => {
  const { service, callApi, summary } = await startDunning(t);
  const policy = { ...defaultRetryPolicy, graceDays: 30 };
  await callApi('post', '/v1/dunning/policies', { body: { id: 'dun_students', match: { segments: ['student'] }, policy } });
  await deliver(
    service,
    ...failing('sub_usual'),
    ...failing('sub_student', '2026-03-10', policy),
    ...failing('sub_own', '2026-03-10', { graceDays: 8 }),
  );
  const counted = async () => {
    const { byPolicy } = await summary();
    return byPolicy.map(({ policyId, lost, open }: Record<string, unknown>) => `${policyId}: ${lost} lost, ${open} open`).sort();
  };
  t.deepEqual(await counted(), ['default: 1 lost, 0 open', 'dun_students: 0 lost, 1 open', 'null: 1 lost, 0 open']);
  await callApi('delete', '/v1/dunning/policies/dun_students');
  t.deepEqual(await counted(), ['default: 1 lost, 0 open', 'null: 1 lost, 1 open']);
});

test('a time range without cases has figures without rates', async (t) => {
  const { service, callApi, summary } = await startDunning(t);
  await deliver(service, ...failing('sub_1'));
  t.deepEqual(await summary({ from: '2026-03-01T00:00:00Z', to: '2026-03-02T00:00:00Z' }), {
    from: utc('2026-03-01'),
    to: utc('2026-03-02'),
    opened: 0,
    recovered: 0,
    lost: 0,
    open: 0,
    recoveredAmounts: [],
    recoveryRate: null,
    attemptsPerRecovery: null,
    byCategory: [],
    byPolicy: [],
  });
  t.is((await callApi('get', '/v1/dunning/summary', { query: { from: 'yesterday' } })).status, 422);
});
