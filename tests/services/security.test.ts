import test, { type ExecutionContext } from 'ava';
import { canonical } from '../../services/security/canonical.ts';
import { entryOfEvent, isIntact } from '../../services/security/entry.ts';
import { createSecurityService } from '../../services/security/index.ts';
import type { EventData, EventType } from '../../services/shared/contracts/events.ts';
import type { MarqueeEvent } from '../../services/shared/events.ts';
import { instantOfMillis } from '../../services/shared/time.ts';
import { callRoutes } from '../support/call-route.ts';
import { indexesReady, startDocuments } from '../support/documents.ts';
import { type Part, partialEvent } from '../support/partial-event.ts';
import { testPlatform } from '../support/platform.ts';

const happened = '2026-03-01T00:00:00.000Z';
const learnt = '2026-11-01T00:00:00.000Z';

const event = <Type extends EventType>(type: Type, subject: string, sequence: number, data: Part<EventData<Type>>): MarqueeEvent<Type> =>
  partialEvent<Type>({ type, subject, sequence, time: happened, data });
const renewed = (sequence: number) =>
  event('subscription.renewed', 'sub_1', sequence, {
    subscription: { id: 'sub_1', status: 'active', planId: 'plan_1' },
    invoiceId: 'inv_1',
  });
const ada = { id: 'cus_1', email: 'ada@example.com', name: 'Ada', phone: '+4930901820', vatId: null, address: { city: 'Berlin' } };

async function startSecurity(t: ExecutionContext) {
  const clock = { millis: Date.parse(learnt) };
  const platform = testPlatform({ documents: await startDocuments(t), published: [], now: () => instantOfMillis(clock.millis) });
  const service = createSecurityService(platform);
  await indexesReady(platform.documents);
  const rows = platform.documents.collection<{ _id: string; digest: object }>('security_audit');
  const react = async (...events: MarqueeEvent[]) => {
    clock.millis += 1000;
    for (const { handle } of service.reactions) await handle(events);
  };
  return { react, rows, callApi: callRoutes(service.routes), inside: callRoutes(service.internal ?? []) };
}

test('equal values have one canonical text, as RFC 8785 orders them', (t) => {
  t.is(canonical({ b: [1, { d: 'x', c: null }], a: true, left: undefined }), '{"a":true,"b":[1,{"c":null,"d":"x"}]}');
  t.is(canonical([undefined, 'é"']), '[null,"é\\""]');
});

test('an event leaves a row with its facts and a hash of the whole, without its data', (t) => {
  const { digest } = entryOfEvent(renewed(3), learnt);
  t.like(digest, { status: 'active', planId: 'plan_1' });
  t.regex(String(digest.sha256), /^[0-9a-f]{64}$/);
  t.deepEqual(Object.keys(digest).sort(), ['planId', 'sha256', 'status']);
});

for (const [type, data, changed] of [
  ['customer.created', ada, ['id', 'email', 'name', 'phone', 'address']],
  ['customer.updated', { ...ada, previous: { name: 'Eve', phone: null } }, ['name', 'phone']],
  ['customer.erased', { id: 'cus_1', email: '', erased: ['email', 'name'] }, ['email', 'name']],
  ['customer.payment-method-added', { customerId: 'cus_1', paymentMethods: [{ token: 'tok_secret' }] }, ['paymentMethods']],
] as const)
  test(`a row about ${type} has only the names of fields`, (t) => {
    const entry = entryOfEvent(event(type, 'cus_1', 1, data), learnt);
    t.deepEqual(entry.digest, { changed });
    for (const personal of ['ada@example.com', 'Ada', 'Eve', 'Berlin', 'tok_secret', '4930901820'])
      t.false(JSON.stringify(entry).includes(personal));
  });

test('a row matches its hash until any of its fields changes', (t) => {
  const entry = entryOfEvent(renewed(1), learnt);
  t.true(isIntact(entry));
  for (const change of [
    { at: learnt },
    { type: 'x.y' },
    { subject: 'sub_2' },
    { sequence: 2 },
    { customerId: '' },
    { who: 'me' },
    { digest: {} },
    { createdAt: happened },
    { _id: 'x' },
  ])
    t.false(isIntact({ ...entry, ...change }), JSON.stringify(change));
});

test('every event is in the trail once, whatever is repeated and in whatever order', async (t) => {
  const { react, rows, callApi } = await startSecurity(t);
  await react(renewed(2), renewed(1));
  const before = await rows.find().toArray();
  await react(renewed(1), renewed(3), renewed(2));
  await react(renewed(3));
  const { body } = await callApi('get', '/v1/audit', { query: { subject: 'sub_1' } });
  t.deepEqual(body.data.map(({ sequence }: { sequence: number }) => sequence).sort(), [1, 2, 3]);
  for (const row of before) t.deepEqual(await rows.findOne({ _id: row._id }), row);
  t.like(body.data[0], { id: 'sub_1:3', at: happened, recordedAt: '2026-11-01T00:00:02.000Z', who: null, type: 'subscription.renewed' });
});

test('the trail is listed by subject, customer and type, page by page', async (t) => {
  const { react, callApi } = await startSecurity(t);
  await react(renewed(1), renewed(2), event('customer.created', 'cus_1', 1, ada));
  await react({ ...event('customer.created', 'cus_2', 1, ada), customerId: 'cus_2' });
  const ids = async (query: Record<string, string>) =>
    (await callApi('get', '/v1/audit', { query })).body.data.map(({ id }: { id: string }) => id);
  t.deepEqual(await ids({ customerId: 'cus_1' }), ['sub_1:2', 'sub_1:1', 'cus_1:1']);
  t.deepEqual(await ids({ type: 'customer.created' }), ['cus_2:1', 'cus_1:1']);
  const first = (await callApi('get', '/v1/audit', { query: { limit: '3' } })).body;
  t.is(first.data.length, 3);
  t.deepEqual(await ids({ cursor: first.nextCursor }), ['cus_1:1']);
});

test('verification finds nothing in an untouched trail', async (t) => {
  const { react, callApi } = await startSecurity(t);
  await react(renewed(1), renewed(2), event('invoice.paid', 'inv_1', 2, { total: 1799, currency: 'EUR', status: 'paid' }));
  t.deepEqual((await callApi('get', '/v1/audit/verify')).body, { checked: 3, alteredCount: 0, altered: [], missing: [] });
});

test('verification names a row that was changed outside the platform, and one that was removed', async (t) => {
  const { react, rows, callApi } = await startSecurity(t);
  await react(renewed(1), renewed(2), renewed(3), renewed(4));
  await rows.updateOne({ _id: 'sub_1:2' }, { $set: { 'digest.status': 'cancelled' } });
  await rows.deleteOne({ _id: 'sub_1:3' });
  t.deepEqual((await callApi('get', '/v1/audit/verify', { query: { subject: 'sub_1' } })).body, {
    checked: 3,
    alteredCount: 1,
    altered: ['sub_1:2'],
    missing: ['sub_1:3'],
  });
});

test('a time range of verification is half-open, and an impossible date is refused', async (t) => {
  const { react, callApi } = await startSecurity(t);
  await react(renewed(1));
  await react(renewed(2));
  const checked = async (from: string, to: string) => (await callApi('get', '/v1/audit/verify', { query: { from, to } })).body.checked;
  t.is(await checked('2026-11-01T00:00:01Z', '2026-11-01T00:00:02Z'), 1);
  t.is(await checked('2026-11-01T00:00:01Z', '2026-11-01T00:00:03Z'), 2);
  t.like(await callApi('get', '/v1/audit/verify', { query: { from: '2026-02-30T00:00:00Z' } }), {
    status: 422,
    body: { errors: [{ pointer: '?from' }] },
  });
});

test('an action of an operator is in the trail under their name, once per id', async (t) => {
  const { inside, callApi } = await startSecurity(t);
  const body = { id: 'replay-1', who: 'usr_1', action: 'dead-letter.replayed', subject: 'inv_1:1', detail: { attempts: 3 } };
  t.is((await inside('post', '/entries', { body })).status, 201);
  await inside('post', '/entries', { body });
  const { data } = (await callApi('get', '/v1/audit', { query: { subject: 'inv_1:1' } })).body;
  t.is(data.length, 1);
  t.like(data[0], { id: 'replay-1', who: 'usr_1', type: 'dead-letter.replayed', digest: { attempts: 3 }, sequence: null });
  t.is((await callApi('get', '/v1/audit/verify')).body.alteredCount, 0);
  t.is((await inside('post', '/entries', { body: { ...body, action: 'Not an action' } })).status, 422);
});

test('no route of the trail changes or removes anything', async (t) => {
  const { routes, internal = [] } = createSecurityService(testPlatform({ documents: await startDocuments(t), published: [] }));
  const ofTrail = routes.filter(({ path }) => path.startsWith('/v1/audit'));
  t.deepEqual(new Set(ofTrail.map(({ method }) => method)), new Set(['get']));
  t.deepEqual(
    internal.filter(({ path }) => !path.startsWith('/risk/')).map(({ method, path }) => `${method} ${path}`),
    ['post /entries'],
  );
});
