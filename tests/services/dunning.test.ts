import test, { type ExecutionContext } from 'ava';
import { createDunningService } from '../../services/dunning/index.ts';
import { defaultPolicy, policySchema } from '../../services/dunning/policy.ts';
import type { MarqueeEvent } from '../../services/shared/events.ts';
import { callRoutes } from '../support/call-route.ts';
import { indexesReady, startDocuments } from '../support/documents.ts';
import { paymentSettled } from '../support/money-events.ts';
import { testPlatform } from '../support/platform.ts';
import { deliver } from '../support/service.ts';
import { cancel, start, wake } from '../support/subscription-life.ts';
import { deliverBadly, publishedBy } from '../support/subscription-story.ts';

async function startDunning(t: ExecutionContext) {
  const documents = await startDocuments(t);
  const published: MarqueeEvent[] = [];
  const service = createDunningService(testPlatform({ documents, published, now: () => '2026-01-01T00:00:00.000Z' }));
  await indexesReady(documents);
  const callApi = callRoutes(service.routes);
  const cases = async (query = {}) => (await callApi('get', '/v1/dunning/cases', { query })).body.data;
  return { service, published, callApi, inside: callRoutes(service.internal ?? []), cases };
}

const contradictory = test.macro({
  title: (_, body, field) => `a policy of ${JSON.stringify(body)} is refused at ${field}`,
  exec: (t, body: object, field: string) => {
    const read = policySchema.safeParse(body);
    t.deepEqual([...new Set(read.error?.issues.map(({ path }) => path.join('/')))], [field]);
  },
});

test(contradictory, { retryDays: [3, 1] }, 'retryDays');
test(contradictory, { retryDays: [1, 1] }, 'retryDays');
test(contradictory, { retryDays: [1, 15] }, 'retryDays');
test(contradictory, { retryDays: [5, 5, 5], retryMode: 'interval' }, 'retryDays');
test(contradictory, { retryDays: [1.5] }, 'retryDays/0');
test(contradictory, { retryDays: [0] }, 'retryDays/0');
test(contradictory, { suspendAfterDays: 15 }, 'suspendAfterDays');
test(contradictory, { hardDeclineRetries: 5 }, 'hardDeclineRetries');
test(contradictory, { finalAction: 'forgive' }, 'finalAction');
test(contradictory, { byCategory: { hard: { retryDays: [15] } } }, 'byCategory/hard/retryDays');
test(contradictory, { byCategory: { 'action-required': { retryDays: [1] } } }, 'byCategory');
test(contradictory, { timeOfDay: { from: '09:00', to: '08:00' } }, 'timeOfDay');
test(contradictory, { timeOfDay: { from: '09:60', to: '10:00' } }, 'timeOfDay/from');
test(contradictory, { paydays: [0] }, 'paydays/0');
test(
  contradictory,
  {
    messages: [
      { event: 'suspended', channels: [] },
      { event: 'suspended', channels: ['sms'] },
    ],
  },
  'messages',
);

test(
  contradictory,
  {
    reminders: [
      { daysAfterFailure: 4, channels: ['email'] },
      { daysAfterFailure: 2, channels: ['email'] },
    ],
  },
  'reminders',
);
test(contradictory, { graceDays: 10, reminders: [{ daysAfterFailure: 10, channels: ['sms'] }] }, 'reminders');
test(contradictory, { messages: [{ event: 'suspended', afterAttempt: 2, channels: ['sms'] }] }, 'messages');
test(
  contradictory,
  {
    messages: [
      { event: 'payment-failed', afterAttempt: 3, channels: ['sms'] },
      { event: 'payment-failed', afterAttempt: 3, channels: ['email'] },
    ],
  },
  'messages',
);

test('retry intervals may shrink, and only must end within the grace period', (t) => {
  t.true(policySchema.safeParse({ retryDays: [5, 5, 4], retryMode: 'interval' }).success);
  t.true(policySchema.safeParse({ retryDays: [] }).success);
});

test('the policy is the default until it is replaced, and subscriptions receive the part that they store', async (t) => {
  const { callApi, inside, published } = await startDunning(t);
  t.like((await callApi('get', '/v1/dunning/policy')).body, {
    retryDays: [1, 3, 5, 7],
    graceDays: 14,
    suspendAfterDays: 7,
    finalAction: 'cancel',
  });
  t.deepEqual((await callApi('get', '/v1/dunning/policy')).body, defaultPolicy);

  const changed = await callApi('put', '/v1/dunning/policy', { body: { retryDays: [2, 4], finalAction: 'suspend' } });
  t.is(changed.status, 200);
  t.deepEqual((await callApi('get', '/v1/dunning/policy')).body, { ...defaultPolicy, retryDays: [2, 4], finalAction: 'suspend' });
  t.deepEqual((await inside('post', '/policy', { body: { planId: 'plan_basic', country: 'DE', segment: null } })).body, {
    retryDays: [2, 4],
    retryMode: 'from-first-failure',
    hardDeclineRetries: 0,
    graceDays: 14,
    suspendAfterDays: 7,
    finalAction: 'suspend',
  });
  t.like(published, { 0: { id: 'dunning-policy:1', type: 'dunning.policy-changed', data: { finalAction: 'suspend' } }, length: 1 });
  await callApi('put', '/v1/dunning/policy', { body: { paydays: [1, -1], timeOfDay: { from: '06:00', to: '09:00' } } });
  t.deepEqual((await callApi('get', '/v1/dunning/policy')).body.paydays, [1, -1]);
  await callApi('put', '/v1/dunning/policy', { body: {} });
  t.is(published.at(-1)?.id, 'dunning-policy:3');
  t.deepEqual((await callApi('get', '/v1/dunning/policy')).body, defaultPolicy);
});

test('a refused policy changes nothing and names the field', async (t) => {
  const { callApi, published } = await startDunning(t);
  const refused = await callApi('put', '/v1/dunning/policy', { body: { retryDays: [1, 20], grace: 3 } });
  t.is(refused.status, 422);
  t.deepEqual(
    refused.body.errors.map(({ pointer }: { pointer: string }) => pointer),
    ['/grace', '/retryDays'],
  );
  t.deepEqual((await callApi('get', '/v1/dunning/policy')).body, defaultPolicy);
  t.is(published.length, 0);
});

const started = [start(), '2026-01-15'] as const;
/** The renewal of 15 February fails until the 20th, so its attempts of the 16th and 18th do too. */
const failsUntil20th = (at: string) => at < '2026-02-15' || at >= '2026-02-20';
const failsForEver = (at: string) => at < '2026-02-15';

test('a failed renewal opens a case that counts its attempts and is recovered by the payment', async (t) => {
  const { service, cases } = await startDunning(t);
  const events = publishedBy([started], '2026-02-25', failsUntil20th);
  await deliver(service, ...events);
  const [open] = await cases({ status: 'open' });
  t.like(open, {
    id: 'cas_inv_sub_1_2',
    invoiceId: 'inv_sub_1_2',
    subscriptionId: 'sub_1',
    customerId: 'cus_1',
    openedAt: '2026-02-15T00:00:00.000Z',
    nextRetryAt: '2026-02-20T00:00:00.000Z',
    closedAt: null,
  });
  t.deepEqual(
    open.attempts.map(({ attempt, at, category }: { attempt: number; at: string; category: string }) => [
      attempt,
      at.slice(0, 10),
      category,
    ]),
    [
      [1, '2026-02-15', 'soft'],
      [2, '2026-02-16', 'soft'],
      [3, '2026-02-18', 'soft'],
    ],
  );

  await deliver(service, paymentSettled('inv_sub_1_2', 'succeeded', { attempt: 4, amount: 3100, time: '2026-02-20T00:00:00.000Z' }));
  t.like(await cases({ status: 'recovered' }), {
    0: { closedAt: '2026-02-20T00:00:00.000Z', recovered: { amount: 3100, currency: 'EUR' }, nextRetryAt: null },
    length: 1,
  });
  t.deepEqual(await cases({ status: 'open' }), []);
});

test('an unpaid case records its suspension and is lost with the subscription', async (t) => {
  const { service, cases } = await startDunning(t);
  await deliver(service, ...publishedBy([started], '2026-03-10', failsForEver));
  t.like(await cases({ status: 'lost' }), {
    0: { suspendedAt: '2026-02-22T00:00:00.000Z', closedAt: '2026-03-01T00:00:00.000Z', recovered: null },
    length: 1,
  });
});

test('a payment after the subscription was given up still recovers the case', async (t) => {
  const { service, cases } = await startDunning(t);
  await deliver(service, ...publishedBy([started], '2026-03-10', failsForEver));
  await deliver(service, paymentSettled('inv_sub_1_2', 'succeeded', { attempt: 6, time: '2026-03-20T00:00:00.000Z' }));
  t.like(await cases(), { 0: { status: 'recovered', closedAt: '2026-03-20T00:00:00.000Z' }, length: 1 });
});

test('repeats and any order of events lead to the same case', async (t) => {
  const events = [
    ...publishedBy([started], '2026-03-10', failsForEver),
    paymentSettled('inv_sub_1_2', 'succeeded', { attempt: 6, time: '2026-03-20T00:00:00.000Z' }),
  ];
  const inOrder = await startDunning(t);
  await deliver(inOrder.service, ...events);
  const badly = await startDunning(t);
  await deliverBadly(t, badly.service, events);
  t.deepEqual(await badly.cases(), await inOrder.cases());
  t.is((await badly.cases()).length, 1);
});

test('a failed first payment opens no case, and neither does a payment that succeeds immediately', async (t) => {
  const { service, cases } = await startDunning(t);
  const neverPaid = publishedBy([started], '2026-01-20', () => false);
  t.true(neverPaid.some(({ type }) => type === 'subscription.payment-failed'));
  await deliver(service, ...neverPaid, paymentSettled('inv_sub_9_1', 'succeeded'));
  await deliver(service, paymentSettled('inv_sub_8_1', 'succeeded', { attempt: 2 }));
  t.deepEqual(await cases(), []);
});

test('cases are found by customer, subscription and status, page by page', async (t) => {
  const { service, callApi, cases } = await startDunning(t);
  for (const id of ['sub_a', 'sub_b', 'sub_c'])
    await deliver(service, ...publishedBy([[start({ id, customerId: `cus_${id}` }), '2026-01-15']], '2026-02-17', failsForEver));
  t.is((await cases({ customerId: 'cus_sub_a' })).length, 1);
  t.is((await cases({ subscriptionId: 'sub_b', status: 'open' })).length, 1);
  t.is((await cases({ subscriptionId: 'sub_b', status: 'lost' })).length, 0);
  const first = (await callApi('get', '/v1/dunning/cases', { query: { limit: '2' } })).body;
  const second = (await callApi('get', '/v1/dunning/cases', { query: { limit: '2', cursor: first.nextCursor } })).body;
  const ids = [...first.data, ...second.data].map(({ subscriptionId }: { subscriptionId: string }) => subscriptionId);
  t.deepEqual(ids.sort(), ['sub_a', 'sub_b', 'sub_c']);
  t.is(second.nextCursor, null);
  t.is((await callApi('get', '/v1/dunning/cases', { query: { status: 'sad' } })).status, 422);
});

test('a cancellation during a failed payment loses the case', async (t) => {
  const { service, cases } = await startDunning(t);
  await deliver(service, ...publishedBy([started, [wake, '2026-02-16'], [cancel('now'), '2026-02-17']], '2026-02-18', failsForEver));
  t.like(await cases(), { 0: { status: 'lost', closedAt: '2026-02-17T00:00:00.000Z' }, length: 1 });
});
