import test, { type ExecutionContext } from 'ava';
import { type LifecycleStage, lifecycleStage } from '../../services/crm/contact.ts';
import { createCrmService } from '../../services/crm/index.ts';
import { advance, readCursor, writeCursor } from '../../services/crm/sync-cursor.ts';
import { type Instant, plusMillis } from '../../services/shared/time.ts';
import { callRoutes } from '../support/call-route.ts';
import { disputeEvent } from '../support/dispute-events.ts';
import { indexesReady, startDocuments } from '../support/documents.ts';
import { customerCreated, customerErased } from '../support/money-events.ts';
import { testPlatform } from '../support/platform.ts';
import { deliver } from '../support/service.ts';
import { cancel, change, premium, start, terms } from '../support/subscription-life.ts';
import { deliverBadly, publishedBy } from '../support/subscription-story.ts';

async function startCrm(t: ExecutionContext, now: () => Instant = () => '2026-06-01T00:00:00.000Z') {
  const documents = await startDocuments(t);
  const service = createCrmService(testPlatform({ documents, published: [], now }));
  await indexesReady(documents);
  const callApi = callRoutes(service.routes);
  const contact = async (id = 'cus_1') => (await callApi('get', `/v1/crm/contacts/${id}`)).body;
  const sync = async (body?: object) => (await callApi('post', '/v1/crm/sync', { body })).body;
  return { service, callApi, contact, sync, documents };
}

const stage = test.macro({
  title: (_, statuses: readonly string[], expected) => `a customer with ${statuses.join(' and ') || 'nothing'} is ${expected}`,
  exec: (t, statuses: readonly string[], expected: LifecycleStage) => t.is(lifecycleStage(statuses), expected),
});
test(stage, [], 'lead');
test(stage, ['incomplete'], 'lead');
test(stage, ['scheduled'], 'lead');
test(stage, ['trialing'], 'trial');
test(stage, ['trialing', 'active'], 'customer');
test(stage, ['active', 'past-due'], 'at-risk');
test(stage, ['suspended', 'cancelled'], 'at-risk');
test(stage, ['cancelled', 'paused'], 'paused');
test(stage, ['cancelled', 'expired'], 'former');
test(stage, ['incomplete-expired'], 'lead');

test('a contact has the customer, the lifecycle stage and the monthly recurring revenue', async (t) => {
  const { service, contact } = await startCrm(t);
  const yearly = terms('plan_sports', 12000, { unit: 'year', count: 1 });
  await deliver(service, customerCreated(), ...publishedBy([[start(), '2026-01-15']], '2026-02-01'));
  await deliver(service, ...publishedBy([[start({ id: 'sub_2.b', terms: yearly }), '2026-01-20']], '2026-02-01'));
  const found = await contact();
  t.like(found, {
    customerId: 'cus_1',
    email: 'cus_1@example.com',
    name: 'Ada Example',
    country: 'DE',
    erased: false,
    lifecycleStage: 'customer',
    mrr: [{ amount: 4100, currency: 'EUR' }],
    lastPaymentFailedAt: null,
  });
  t.like(found.subscriptions, {
    0: { id: 'sub_1', status: 'active', planId: 'plan_basic', monthly: { amount: 3100, currency: 'EUR' } },
    1: { id: 'sub_2.b', status: 'active', planId: 'plan_sports', monthly: { amount: 1000, currency: 'EUR' } },
    length: 2,
  });
});

test('a contact has its disputes, and one puts the customer at risk until the bank has decided', async (t) => {
  const { service, contact } = await startCrm(t);
  await deliver(service, customerCreated(), ...publishedBy([[start(), '2026-01-15']], '2026-02-01'));

  await deliver(service, disputeEvent('won'), disputeEvent('opened', { id: 'dsp_2', amount: 500 }), disputeEvent('opened'));

  t.like(await contact(), {
    lifecycleStage: 'at-risk',
    disputes: { 0: { id: 'dsp_1', status: 'won' }, 1: { id: 'dsp_2', status: 'needs-response', amount: 500, currency: 'EUR' }, length: 2 },
  });
  await deliver(service, disputeEvent('lost', { id: 'dsp_2' }));
  t.like(await contact(), { lifecycleStage: 'customer' });
});

test('changes, failed payments and the end of a subscription update the contact', async (t) => {
  const { service, contact } = await startCrm(t);
  const failing = publishedBy(
    [
      [start(), '2026-01-15'],
      [change(premium, { when: 'now' }), '2026-01-20'],
    ],
    '2026-02-16',
    (at) => at < '2026-02-15',
  );
  await deliver(service, customerCreated(), ...failing);
  t.like(await contact(), {
    lifecycleStage: 'at-risk',
    mrr: [{ amount: 6200, currency: 'EUR' }],
    lastPaymentFailedAt: '2026-02-16T00:00:00.000Z',
    subscriptions: [{ status: 'past-due', planId: 'plan_premium' }],
  });
  const ended = publishedBy(
    [
      [start({ id: 'sub_2', customerId: 'cus_2' }), '2026-01-15'],
      [cancel('now'), '2026-01-20'],
    ],
    '2026-02-01',
  );
  await deliver(service, customerCreated('cus_2'), ...ended);
  t.like(await contact('cus_2'), { lifecycleStage: 'former', mrr: [], subscriptions: [{ endedAt: '2026-01-20T00:00:00.000Z' }] });
});

test('repeats and any order of events result in the same contact, also when the customer comes last', async (t) => {
  const events = [
    customerCreated(),
    customerCreated('cus_1', { name: 'Ada L.' }, 2),
    ...publishedBy(
      [
        [start(), '2026-01-15'],
        [change(premium, { when: 'now' }), '2026-03-01'],
      ],
      '2026-04-16',
      (at) => at < '2026-04-15',
    ),
    ...publishedBy(
      [
        [start({ id: 'sub_2' }), '2026-01-15'],
        [cancel('now'), '2026-02-20'],
      ],
      '2026-04-16',
    ),
  ];
  const inOrder = await startCrm(t);
  await deliver(inOrder.service, ...events);
  const badly = await startCrm(t);
  await deliverBadly(t, badly.service, events);
  const { subscriptions, ...expected } = await inOrder.contact();
  t.like(await badly.contact(), expected);
  t.is(expected.name, 'Ada L.');
  const byId = (list: readonly { id: string }[]) => list.toSorted((one, other) => (one.id < other.id ? -1 : 1));
  t.deepEqual(byId((await badly.contact()).subscriptions), byId(subscriptions));
});

test('a contact is not returned before its customer is known', async (t) => {
  const { service, callApi, sync } = await startCrm(t);
  await deliver(service, ...publishedBy([[start(), '2026-01-15']], '2026-02-01'));
  t.like(await callApi('get', '/v1/crm/contacts/cus_1'), { status: 404, body: { code: 'contact-not-found' } });
  t.deepEqual((await callApi('get', '/v1/crm/contacts')).body.data, []);
  t.deepEqual((await sync()).data, []);
});

test('an erased customer leaves a contact without personal data', async (t) => {
  const { service, contact } = await startCrm(t);
  await deliver(service, customerCreated(), customerErased('cus_1', { email: '', name: '', phone: null }, 3));
  t.like(await contact(), { email: '', name: '', phone: null, erased: true });
});

test('a renewal writes nothing', async (t) => {
  const { service, documents } = await startCrm(t);
  const renewals = publishedBy([[start(), '2026-01-15']], '2026-12-01').filter(({ type }) => /renewal-due|renewed/.test(type));
  t.true(renewals.length > 10);
  await deliver(service, ...renewals);
  t.is(await documents.collection('crm_contacts').countDocuments(), 0);
});

test('a sync returns each change once, in pages, and later only the changes since then', async (t) => {
  let now = '2026-06-01T00:00:00.000Z';
  const { service, sync } = await startCrm(t, () => now);
  for (const id of ['cus_a', 'cus_b', 'cus_c']) {
    await deliver(service, customerCreated(id));
    now = plusMillis(now, 1);
  }
  now = plusMillis(now, 60_000);
  const first = await sync({ limit: 2 });
  const second = await sync({ limit: 2, cursor: first.nextCursor });
  const ids = (page: { data: readonly { customerId: string }[] }) => page.data.map(({ customerId }) => customerId);
  t.deepEqual([ids(first), first.more, ids(second), second.more], [['cus_a', 'cus_b'], true, ['cus_c'], false]);

  const third = await sync({ cursor: second.nextCursor });
  t.deepEqual(ids(third), []);
  await deliver(service, customerCreated('cus_b', { name: 'Bea' }, 2));
  now = plusMillis(now, 60_000);
  t.deepEqual(ids(await sync({ cursor: third.nextCursor })), ['cus_b']);
});

test('a change that was still being written during a sync is returned by the next one', async (t) => {
  let now = '2026-06-01T00:00:10.000Z';
  const { service, sync } = await startCrm(t, () => now);
  await deliver(service, customerCreated('cus_later'));
  const first = await sync();
  t.is(first.data.length, 1);
  now = '2026-06-01T00:00:09.000Z';
  await deliver(service, customerCreated('cus_slow'));
  now = '2026-06-01T00:00:20.000Z';
  const second = await sync({ cursor: first.nextCursor });
  t.deepEqual(
    second.data.map(({ customerId }: { customerId: string }) => customerId),
    ['cus_slow', 'cus_later'],
  );
  t.deepEqual((await sync({ cursor: second.nextCursor })).data, []);
});

test('a cursor never goes back, and does not pass a change that is too recent', (t) => {
  const now = '2026-06-01T00:00:10.000Z';
  const young = { changedAt: '2026-06-01T00:00:09.000Z', id: 'cus_1' };
  const old = { changedAt: '2026-05-01T00:00:00.000Z', id: 'cus_1' };
  t.deepEqual(advance(undefined, undefined, false, now), { next: { changedAt: '2026-06-01T00:00:05.000Z', id: '' }, more: false });
  t.deepEqual(advance(old, undefined, false, now), { next: old, more: false });
  t.deepEqual(advance(undefined, old, true, now), { next: old, more: true });
  t.deepEqual(advance(old, young, true, now), { next: { changedAt: '2026-06-01T00:00:05.000Z', id: '' }, more: false });
  t.deepEqual(advance(young, undefined, false, now), { next: young, more: false });
  t.deepEqual(readCursor(writeCursor(young)), young);
  t.is(readCursor('nonsense'), undefined);
});

test('an invalid cursor is refused, and the problem points at it', async (t) => {
  const { callApi } = await startCrm(t);
  t.like(await callApi('post', '/v1/crm/sync', { body: { cursor: 'bm9uc2Vuc2U' } }), {
    status: 422,
    body: { errors: [{ pointer: '/cursor' }] },
  });
  t.is((await callApi('post', '/v1/crm/sync', { body: { since: 'ever' } })).status, 422);
});
