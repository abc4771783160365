import test, { type ExecutionContext } from 'ava';
import type { MarqueeEvent } from '../../services/shared/events.ts';
import { type Interval, monthlyAmount } from '../../services/shared/monthly.ts';
import { bucketsOf } from '../../services/subscription-analytics/buckets.ts';
import { createSubscriptionAnalyticsService } from '../../services/subscription-analytics/index.ts';
import { callRoutes } from '../support/call-route.ts';
import { indexesReady, startDocuments } from '../support/documents.ts';
import { testPlatform } from '../support/platform.ts';
import { deliver } from '../support/service.ts';
import { cancel, change, pause, premium, resume, type Step, start, terms } from '../support/subscription-life.ts';
import { deliverBadly, publishedBy } from '../support/subscription-story.ts';

async function startCounting(t: ExecutionContext) {
  const documents = await startDocuments(t);
  const service = createSubscriptionAnalyticsService(testPlatform({ documents, published: [], now: () => '2026-12-31T00:00:00.000Z' }));
  await indexesReady(documents);
  const callApi = callRoutes(service.routes);
  const report = async (name: string, query = {}) => (await callApi('get', `/v1/reports/${name}`, { query })).body.data;
  return { service, callApi, report, documents };
}

const monthly = test.macro({
  title: (_, amount, { unit, count }, expected) => `${amount} each ${count} ${unit} are ${expected} a month`,
  exec: (t, amount: number, interval: Interval, expected: number) => t.is(monthlyAmount(amount, interval), expected),
});
test(monthly, 1799, { unit: 'month', count: 1 }, 1799);
test(monthly, 1000, { unit: 'month', count: 3 }, 333);
test(monthly, 11990, { unit: 'year', count: 1 }, 999);
test(monthly, 6, { unit: 'year', count: 1 }, 1);
test(monthly, -6, { unit: 'year', count: 1 }, -1);
test(monthly, 300, { unit: 'week', count: 1 }, 1300);
test(monthly, 100, { unit: 'day', count: 1 }, 3042);
test(monthly, 9_007_199_254_740_991, { unit: 'day', count: 365 }, 750_599_937_895_083);

test('every day and month that a range touches is a bucket, across leap days and years', (t) => {
  t.deepEqual(bucketsOf('2028-02-28T12:00:00.000Z', '2028-03-01T00:00:00.001Z', 'day'), ['2028-02-28', '2028-02-29', '2028-03-01']);
  t.deepEqual(bucketsOf('2026-11-30T12:00:00.000Z', '2027-01-01T00:00:00.000Z', 'month'), ['2026-11', '2026-12']);
  t.deepEqual(bucketsOf('2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z', 'day'), []);
});

const life = (id: string, steps: readonly Step[], pays?: (at: string) => boolean, testClock?: string): MarqueeEvent[] =>
  publishedBy(steps, '2026-12-01', pays, testClock).map((event) => ({ ...event, id: `${id}:${event.sequence}`, subject: id }));

const began = (id: string, at: string, changes = {}) => [start({ id, ...changes }), at] as const;

/** Basic is 31.00 and premium 62.00 a month. */
const everybody = [
  ...life('sub_stays', [began('sub_stays', '2026-01-10')]),
  ...life('sub_upgrades', [began('sub_upgrades', '2026-01-10'), [change(premium, { when: 'now' }), '2026-02-15']]),
  ...life('sub_leaves', [began('sub_leaves', '2026-01-10'), [cancel('now'), '2026-03-05']]),
  ...life('sub_pauses', [began('sub_pauses', '2026-02-01'), [pause('now'), '2026-03-01'], [resume(), '2026-04-01']]),
  ...life('sub_unpaid', [began('sub_unpaid', '2026-02-01')], (at) => at < '2026-03-01'),
  ...life('sub_tries', [began('sub_tries', '2026-02-01', { trialDays: 14 })]),
  ...life('sub_tried', [began('sub_tried', '2026-02-01', { trialDays: 14, hasPaymentMethod: false })]),
  ...life('sub_yen', [began('sub_yen', '2026-01-10', { terms: terms('plan_yen', 12000, { unit: 'year', count: 1 }, 2, 'JPY') })]),
  ...life('sub_never', [began('sub_never', '2026-02-01')], () => false),
];

test('recurring revenue moves from month to month, and every movement has its name', async (t) => {
  const { service, report } = await startCounting(t);
  await deliver(service, ...everybody);
  const rows = await report('mrr', { from: '2026-01-01', to: '2026-05-01', currency: 'EUR' });
  const expected = [
    ['2026-01', 0, 9300, 0, 0, 0, 0, 9300],
    ['2026-02', 9300, 9300, 0, 3100, 0, 0, 21700],
    ['2026-03', 21700, 0, 0, 0, 0, -9300, 12400],
    ['2026-04', 12400, 0, 3100, 0, 0, 0, 15500],
  ];
  t.deepEqual(
    rows,
    expected.map(([period, opening, won, reactivated, expansion, contraction, churned, closing]) => ({
      period,
      currency: 'EUR',
      opening,
      new: won,
      reactivated,
      expansion,
      contraction,
      churned,
      closing,
    })),
  );
});

test('recurring revenue at an instant is the sum of the paying subscriptions, separately per currency', async (t) => {
  const { service, report } = await startCounting(t);
  await deliver(service, ...everybody);
  t.deepEqual(await report('mrr', { at: '2026-02-10' }), [
    { currency: 'EUR', mrr: 15500, paying: 5, trialing: 2, paused: 0, suspended: 0 },
    { currency: 'JPY', mrr: 2000, paying: 1, trialing: 0, paused: 0, suspended: 0 },
  ]);
  t.deepEqual(await report('mrr', { at: '2026-03-10', currency: 'EUR' }), [
    { currency: 'EUR', mrr: 12400, paying: 3, trialing: 0, paused: 1, suspended: 1 },
  ]);
  t.deepEqual(await report('mrr', { at: '2025-12-31' }), []);
});

test('the series ends with the current recurring revenue', async (t) => {
  const { service, report } = await startCounting(t);
  await deliver(service, ...everybody);
  for (const to of ['2026-01-20', '2026-02-16', '2026-03-12', '2026-06-01']) {
    const series = await report('mrr', { from: '2026-01-01', to, groupBy: 'day', currency: 'EUR' });
    const [standing] = await report('mrr', { at: to, currency: 'EUR' });
    t.is(series.at(-1).closing, standing.mrr, to);
  }
});

test('subscribers are won when they begin to pay and lost when they end, by cancellation or for want of payment', async (t) => {
  const { service, report } = await startCounting(t);
  await deliver(service, ...everybody);
  t.deepEqual(await report('churn', { from: '2026-01-01', to: '2026-05-01', currency: 'EUR' }), [
    { period: '2026-01', opening: 0, new: 3, churned: 0, paymentFailed: 0, closing: 3, churnRate: null },
    { period: '2026-02', opening: 3, new: 3, churned: 0, paymentFailed: 0, closing: 6, churnRate: 0 },
    { period: '2026-03', opening: 6, new: 0, churned: 2, paymentFailed: 1, closing: 4, churnRate: 0.3333 },
    { period: '2026-04', opening: 4, new: 0, churned: 0, paymentFailed: 0, closing: 4, churnRate: 0 },
  ]);
  const later = await report('churn', { from: '2026-03-01', to: '2026-04-01', currency: 'EUR' });
  t.like(later, { 0: { opening: 6, churned: 2, closing: 4 }, length: 1 });
});

test('a trial converts when it is paid, is lost when it ends, and runs until then', async (t) => {
  const { service, report } = await startCounting(t);
  const running = life('sub_runs', [began('sub_runs', '2026-11-25', { trialDays: 30 })]);
  await deliver(service, ...everybody, ...running);
  const rows = await report('trials', { from: '2026-02-01', to: '2026-12-01' });
  t.deepEqual(rows[0], { period: '2026-02', started: 2, converted: 1, lost: 1, running: 0, conversionRate: 0.5 });
  t.deepEqual(rows.at(-1), { period: '2026-11', started: 1, converted: 0, lost: 0, running: 1, conversionRate: null });
});

test('each plan has its subscribers and its recurring revenue', async (t) => {
  const { service, report } = await startCounting(t);
  await deliver(service, ...everybody);
  t.deepEqual(await report('plans', { at: '2026-02-20' }), [
    { plan: 'plan_basic', currency: 'EUR', mrr: 15500, paying: 5, trialing: 0, paused: 0, suspended: 0 },
    { plan: 'plan_premium', currency: 'EUR', mrr: 6200, paying: 1, trialing: 0, paused: 0, suspended: 0 },
    { plan: 'plan_yen', currency: 'JPY', mrr: 2000, paying: 1, trialing: 0, paused: 0, suspended: 0 },
  ]);
  const atTheEnd = await report('plans', { from: '2026-01-01', to: '2026-02-01' });
  t.deepEqual(atTheEnd, await report('plans', { at: '2026-01-31T23:59:59.999Z' }));
  t.like(atTheEnd, { 0: { plan: 'plan_basic', paying: 3 }, length: 2 });
});

test('repeats and any order of events change no report', async (t) => {
  const inOrder = await startCounting(t);
  await deliver(inOrder.service, ...everybody);
  const badly = await startCounting(t);
  await deliverBadly(t, badly.service, everybody);
  const range = { from: '2026-01-01', to: '2026-12-01' };
  for (const [name, query] of Object.entries({ mrr: range, churn: range, trials: range, plans: { at: '2026-03-10' } }))
    t.deepEqual(await badly.report(name, query), await inOrder.report(name, query), name);
});

test('a renewal writes nothing', async (t) => {
  const { service, documents } = await startCounting(t);
  const renewals = life('sub_1', [began('sub_1', '2026-01-10')]).filter(({ type }) => /renewal-due|renewed/.test(type));
  t.true(renewals.length > 10);
  await deliver(service, ...renewals);
  t.is(await documents.collection('subscription_lives').countDocuments(), 0);
});

test('the subscriptions of one test clock can be counted alone', async (t) => {
  const { service, report } = await startCounting(t);
  await deliver(service, ...life('sub_1', [began('sub_1', '2026-01-10')]));
  await deliver(service, ...life('sub_2', [began('sub_2', '2026-01-10', { terms: premium })], undefined, 'tc_1'));
  t.like(await report('mrr', { at: '2026-02-01', testClock: 'tc_1' }), { 0: { mrr: 6200 }, length: 1 });
  t.like(await report('mrr', { at: '2026-02-01' }), { 0: { mrr: 9300 }, length: 1 });
});

test('a range that is reversed, or has too many rows, is refused', async (t) => {
  const { callApi } = await startCounting(t);
  for (const query of [
    { from: 'soon' },
    { currency: 'XXXX' },
    { from: '1990-01-01', to: '2026-01-01', groupBy: 'day' },
    { groupBy: 'plan' },
  ])
    t.is((await callApi('get', '/v1/reports/mrr', { query })).status, 422, JSON.stringify(query));
});
