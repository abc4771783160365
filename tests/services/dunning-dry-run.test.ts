import test, { type ExecutionContext } from 'ava';
import { defaultRetryPolicy } from '../../actors/subscription/rules/retry-policy.ts';
import type { RetryPolicy } from '../../actors/subscription/rules/subscription-parts.ts';
import { createDunningService } from '../../services/dunning/index.ts';
import type { Invoke } from '../../services/shared/service.ts';
import { dunningPathsOf, dunningPathsQuery } from '../../services/subscription/dunning-paths.ts';
import { callRoutes } from '../support/call-route.ts';
import { indexesReady, startDocuments } from '../support/documents.ts';
import { paymentSettled } from '../support/money-events.ts';
import { testPlatform } from '../support/platform.ts';
import { deliver } from '../support/service.ts';
import { cancel, type Step, start, terms, utc, wake } from '../support/subscription-life.ts';
import { publishedBy } from '../support/subscription-story.ts';

/**
 * Responds like the subscription service, by its own schema and rules; counts the debts of each
 * request.
 */
const subscriptionAnswers =
  (debtsPerRequest: number[]): Invoke =>
  async (service, method, path, body) => {
    if (`${service} ${method} ${path}` !== 'subscription post dunning-paths') throw new Error(`nobody answers ${service}/${path}`);
    const question = dunningPathsQuery.parse(JSON.parse(JSON.stringify(body)));
    debtsPerRequest.push(question.debts.length);
    return { paths: dunningPathsOf(question) };
  };

async function startDunning(t: ExecutionContext) {
  const documents = await startDocuments(t);
  const debtsPerRequest: number[] = [];
  const service = createDunningService(
    testPlatform({ documents, published: [], now: () => utc('2026-04-15'), invoke: subscriptionAnswers(debtsPerRequest) }),
  );
  await indexesReady(documents);
  const callApi = callRoutes(service.routes);
  const tryPolicy = async (policy: object, span: object = {}) =>
    (await callApi('post', '/v1/dunning/policies/dry-run', { body: { policy, ...span } })).body;
  return { service, debtsPerRequest, callApi, tryPolicy };
}

type Life = { readonly id: string; readonly policy?: Partial<RetryPolicy>; readonly steps?: readonly Step[] };

/** The renewal of 15 February fails, in every attempt. */
const failing = ({ id, policy = {}, steps = [] }: Life) =>
  publishedBy(
    [[start({ id, policy: { ...defaultRetryPolicy, ...policy } }), '2026-01-15'], ...steps],
    '2026-03-10',
    (at) => at < utc('2026-02-15'),
  );

/** The same, until a payment of 3100 comes at this time. */
const recovered = (life: Life, time: string) => [
  ...failing(life).filter((event) => event.time < utc(time)),
  { ...paymentSettled(`inv_${life.id}_2`, 'succeeded', { attempt: 9, amount: 3100, time: utc(time) }), subject: `pay_${life.id}` },
];

test('a dry run under the policy of the cases changes nothing', async (t) => {
  const { service, tryPolicy } = await startDunning(t);
  await deliver(service, ...failing({ id: 'sub_lost' }), ...recovered({ id: 'sub_paid' }, '2026-02-18'));
  t.deepEqual(await tryPolicy({}), {
    from: utc('2026-01-15'),
    to: utc('2026-04-15'),
    cases: 2,
    unknown: 0,
    differing: 0,
    retries: { before: 6, after: 6 },
    suspended: { before: 1, after: 1 },
    ended: { before: 1, after: 1 },
    recovered: { cases: 1, givenUp: 0, notRetried: 0, later: 0, amountAtRisk: [] },
    unrecovered: { cases: 1, keptLonger: 0, givenUpSooner: 0 },
    sample: [],
  });
});

test('a shorter grace period loses later recoveries, and the dry run names them and their sum', async (t) => {
  const { service, tryPolicy } = await startDunning(t);
  await deliver(service, ...recovered({ id: 'sub_early' }, '2026-02-16'), ...recovered({ id: 'sub_late' }, '2026-02-25'));
  const run = await tryPolicy({ retryDays: [1, 3], graceDays: 5, suspendAfterDays: 5 });
  t.like(run, { cases: 2, differing: 1, retries: { before: 5, after: 3 }, ended: { before: 0, after: 1 } });
  t.deepEqual(run.recovered, {
    cases: 2,
    givenUp: 1,
    notRetried: 0,
    later: 0,
    amountAtRisk: [{ amount: 3100, currency: 'EUR' }],
  });
  t.like(run.sample, [
    {
      caseId: 'cas_inv_sub_late_2',
      changes: ['retries', 'suspension', 'end', 'payment'],
      before: { endedAt: null, paidAt: utc('2026-02-25') },
      after: { endedAt: utc('2026-02-20'), paidAt: null, suspendedAt: null },
    },
  ]);
});

test('the final action does not change the path before it: a downgrade ends a case as a cancellation does', async (t) => {
  const { service, tryPolicy } = await startDunning(t);
  const downgrading = failing({ id: 'sub_down', policy: { finalAction: 'downgrade', downgradeTo: terms('plan_free', 0) } });
  await deliver(service, ...failing({ id: 'sub_lost' }), ...downgrading);
  t.like(await tryPolicy({ finalAction: 'downgrade', downgradeTo: { planId: 'plan_free' } }), { cases: 2, differing: 0, unknown: 0 });
});

test('a recovery by a retry comes later under a policy that waits, and never under one without a later retry', async (t) => {
  const { service, tryPolicy } = await startDunning(t);
  await deliver(service, ...recovered({ id: 'sub_1' }, '2026-02-18'));
  t.like((await tryPolicy({ retryDays: [10] })).recovered, { later: 1, notRetried: 0, amountAtRisk: [] });
  t.like((await tryPolicy({ retryDays: [1] })).recovered, { later: 0, notRetried: 1, amountAtRisk: [{ amount: 3100 }] });
});

test('a lost case may stay open longer or be given up sooner, and a case closed by an operator keeps its end', async (t) => {
  const { service, tryPolicy } = await startDunning(t);
  const byHand = failing({
    id: 'sub_left',
    steps: [
      [wake, '2026-02-16'],
      [cancel('now'), '2026-02-17'],
    ],
  });
  await deliver(service, ...failing({ id: 'sub_lost' }), ...byHand);
  t.deepEqual((await tryPolicy({ graceDays: 30 })).unrecovered, { cases: 2, keptLonger: 1, givenUpSooner: 0 });
  t.deepEqual((await tryPolicy({ finalAction: 'suspend' })).unrecovered, { cases: 2, keptLonger: 1, givenUpSooner: 0 });
  t.like(await tryPolicy({ retryDays: [1], graceDays: 1, suspendAfterDays: 1 }), {
    unrecovered: { cases: 2, keptLonger: 0, givenUpSooner: 2 },
    differing: 2,
  });
});

test('cases are selected by their start and their plan, and separately per test clock', async (t) => {
  const { service, tryPolicy } = await startDunning(t);
  const onClock = failing({ id: 'sub_clock' }).map((event) => ({ ...event, testClock: 'tc_1' }));
  await deliver(service, ...failing({ id: 'sub_1' }), ...onClock);
  const cases = async (span: object) => (await tryPolicy({}, span)).cases;
  t.is(await cases({}), 1);
  t.is(await cases({ from: '2026-02-15T00:00:00Z', to: '2026-02-15T00:00:00.001Z' }), 1);
  t.is(await cases({ to: '2026-02-15T00:00:00Z' }), 0);
  t.is(await cases({ plans: ['plan_other'] }), 0);
  t.is(await cases({ plans: ['plan_basic'], testClock: 'tc_1', to: '2026-03-01T00:00:00Z' }), 1);
});

test('many cases are simulated in pages of a hundred, and only twenty of the differing ones are named', async (t) => {
  const { service, debtsPerRequest, tryPolicy } = await startDunning(t);
  const life = failing({ id: 'sub_0' }).filter((event) => event.type === 'subscription.payment-failed');
  const copies = Array.from({ length: 230 }, (_, copy) =>
    life.map((event) => ({
      ...event,
      id: `sub_${copy}:${event.sequence}`,
      subject: `sub_${copy}`,
      data: { ...event.data, invoiceId: `inv_sub_${copy}_2` },
    })),
  );
  await deliver(service, ...copies.flat());
  const run = await tryPolicy({ graceDays: 20 });
  t.like(run, { cases: 230, differing: 230, unrecovered: { keptLonger: 230 } });
  t.is(run.sample.length, 20);
  t.deepEqual(debtsPerRequest, [100, 100, 30]);
});

test('a case from before its policy was stored is counted, and not simulated', async (t) => {
  const { service, tryPolicy } = await startDunning(t);
  const old = failing({ id: 'sub_old' }).map((event) => {
    if (event.type !== 'subscription.payment-failed') return event;
    const { policy: _, ...data } = event.data;
    return { ...event, data };
  });
  await deliver(service, ...old);
  t.like(await tryPolicy({ graceDays: 30 }), { cases: 0, unknown: 1, differing: 0 });
});

test('an inconsistent policy is refused as it is when it is saved', async (t) => {
  const { callApi } = await startDunning(t);
  const refused = await callApi('post', '/v1/dunning/policies/dry-run', { body: { policy: { retryDays: [3, 1] }, from: 'yesterday' } });
  t.is(refused.status, 422);
  t.deepEqual(
    refused.body.errors.map(({ pointer }: { pointer: string }) => pointer),
    ['/policy/retryDays', '/from'],
  );
});
