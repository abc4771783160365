import test, { type ExecutionContext } from 'ava';
import type { Connection } from 'mongoose';
import { createAccountService } from '../../services/account/index.ts';
import { etagOf } from '../../services/shared/etag.ts';
import type { MarqueeEvent } from '../../services/shared/events.ts';
import type { Platform } from '../../services/shared/service.ts';
import { callRoutes } from '../support/call-route.ts';
import { indexesReady, startDocuments } from '../support/documents.ts';
import { testPlatform } from '../support/platform.ts';

const ada = {
  id: 'cus_ada',
  email: 'ada@example.com',
  name: 'Ada',
  country: 'DE',
  currency: 'EUR',
  timezone: 'Europe/Berlin',
  locale: 'de',
};
const card = { gateway: 'simulated', token: 'tok_ok', default: true };
const walletCard = { brand: 'visa', last4: '4242', expMonth: 12, expYear: 2030, fingerprint: 'f1' };
const clockTime = '2031-05-05T00:00:00.000Z';

type Options = { documents?: Connection; broker?: { isUnavailable: boolean }; testClocks?: boolean; settled?: string[][] };

async function startAccount(
  t: ExecutionContext,
  { documents, broker = { isUnavailable: false }, testClocks = true, settled = [] }: Options = {},
) {
  const published: MarqueeEvent[] = [];
  const platform: Platform = {
    ...testPlatform({
      documents: documents ?? (await startDocuments(t)),
      published,
      invoke: async (_, __, path, sent) => {
        if (path === 'test-clocks/tc_1') return { id: 'tc_1', now: clockTime };
        const { token } = (sent ?? {}) as { token?: string };
        if (path === 'customers/cus_ada/setup') return { setupIntentId: 'seti_1', clientSecret: 'seti_1_secret' };
        if (token === 'pm_detached') return { kind: 'refused', code: 'payment-method-detached' };
        if (token === 'pm_unknown') return { kind: 'unknown' };
        return token === 'pm_secret' ? { kind: 'verified', method: { token, type: 'apple_pay', card: walletCard } } : undefined;
      },
      publish: async (events) => {
        if (broker.isUnavailable) throw new Error('the broker is unavailable');
        published.push(...events);
      },
      config: { testClocks },
    }),
    settlement: {
      note: async () => {},
      settled: async (ids) => {
        settled.push([...ids]);
        return true;
      },
    },
  };
  const service = createAccountService(platform);
  await indexesReady(platform.documents);
  t.teardown(async () => service.stop?.());
  return { service, platform, published, callApi: callRoutes(service.routes), inside: callRoutes(service.internal ?? []) };
}

const namesOf = (events: readonly MarqueeEvent[]) => events.map(({ type, id }) => `${type} ${id}`);

test('a customer is created, read, and published as a whole', async (t) => {
  const { callApi, published } = await startAccount(t);
  const created = await callApi('post', '/v1/customers', { body: ada });
  t.is(created.status, 201);
  t.like(created.body, { ...ada, phone: null, testClock: null, preferences: { email: true, sms: false } });
  t.deepEqual((await callApi('get', '/v1/customers/cus_ada')).body, created.body);
  t.is(published.length, 1);
  t.like(published[0], {
    id: 'cus_ada:1',
    type: 'customer.created',
    subject: 'cus_ada',
    sequence: 1,
    customerId: 'cus_ada',
    testClock: null,
    data: created.body,
  });
  t.like(await callApi('get', '/v1/customers/cus_unknown'), { status: 404, body: { code: 'customer-not-found' } });
});

test('the same body again returns the same customer, another body is refused, and nothing is published twice', async (t) => {
  const { callApi, published } = await startAccount(t);
  const first = await callApi('post', '/v1/customers', { body: ada });
  const again = await callApi('post', '/v1/customers', { body: { ...ada, timezone: 'Europe/Berlin' } });
  t.is(again.status, 200);
  t.deepEqual(again.body, first.body);
  t.like(await callApi('post', '/v1/customers', { body: { ...ada, name: 'Eve' } }), { status: 409, body: { code: 'already-exists' } });
  await callApi('patch', '/v1/customers/cus_ada', { body: { name: 'Ada L.' } });
  t.like(await callApi('post', '/v1/customers', { body: ada }), { status: 200, body: { name: 'Ada L.' } });
  t.deepEqual(namesOf(published), ['customer.created cus_ada:1', 'customer.updated cus_ada:2']);
});

test('one body sent many times at the same time creates one customer', async (t) => {
  const { callApi } = await startAccount(t);
  const responses = await Promise.all(Array.from({ length: 10 }, () => callApi('post', '/v1/customers', { body: ada })));
  t.deepEqual(responses.map(({ status }) => status).sort(), [...Array(9).fill(200), 201]);
});

test('simultaneous changes are all written, each with its own sequence', async (t) => {
  const { callApi, published } = await startAccount(t);
  await callApi('post', '/v1/customers', { body: ada });
  const responses = await Promise.all(
    Array.from({ length: 10 }, (_, index) =>
      callApi('post', '/v1/customers/cus_ada/payment-methods', { body: { ...card, id: `pm_${index}` } }),
    ),
  );
  t.deepEqual(new Set(responses.map(({ status }) => status)), new Set([201]));
  const { data } = (await callApi('get', '/v1/customers/cus_ada/payment-methods')).body;
  t.is(data.length, 10);
  t.is(data.filter((method: { default: boolean }) => method.default).length, 1);
  t.true(data[0].default);
  t.deepEqual(new Set(published.map(({ sequence }) => sequence)), new Set([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]));
});

test('an update changes the fields it names and publishes their former values; an empty or repeated one publishes nothing', async (t) => {
  const { callApi, published } = await startAccount(t);
  await callApi('post', '/v1/customers', { body: ada });
  t.like(await callApi('patch', '/v1/customers/cus_ada', { body: { locale: 'fr' } }), { status: 200, body: { locale: 'fr', name: 'Ada' } });
  t.is((await callApi('patch', '/v1/customers/cus_ada', { body: { locale: 'fr' } })).status, 200);
  t.is((await callApi('patch', '/v1/customers/cus_ada', { body: {} })).status, 200);
  t.deepEqual((await callApi('put', '/v1/customers/cus_ada/preferences', { body: { sms: true } })).body, { email: true, sms: true });
  t.deepEqual(namesOf(published), ['customer.created cus_ada:1', 'customer.updated cus_ada:2', 'customer.updated cus_ada:3']);
  t.like(published[1]?.data, { locale: 'fr', previous: { locale: 'de' } });
});

test('an update with If-Match is refused after another one, and of two racing editors one is refused', async (t) => {
  const { callApi } = await startAccount(t);
  const read = await callApi('post', '/v1/customers', { body: ada });
  const headers = { 'if-match': etagOf(read.body) };
  const update = (name: string) => callApi('patch', '/v1/customers/cus_ada', { body: { name }, headers });

  const responses = await Promise.all([update('Ada L.'), update('Ada Lovelace')]);

  t.deepEqual(responses.map(({ status }) => status).sort(), [200, 412]);
  t.like(await update('Ada King'), { status: 412, body: { code: 'precondition-failed' } });
  t.is((await callApi('patch', '/v1/customers/cus_ada', { body: { name: 'Ada King' }, headers: { 'if-match': '*' } })).status, 200);
});

test('a method that its gateway refuses is a problem of its token, and one that cannot be checked may be retried', async (t) => {
  const { callApi, published } = await startAccount(t);
  await callApi('post', '/v1/customers', { body: ada });
  const add = (token: string) => callApi('post', '/v1/customers/cus_ada/payment-methods', { body: { gateway: 'stripe', token } });

  t.like(await add('pm_detached'), { status: 422, body: { code: 'payment-method-detached', errors: [{ pointer: '/token' }] } });
  t.like(await add('pm_unknown'), { status: 503, body: { code: 'gateway-unavailable' } });
  t.like(await add('pm_where_stripe_is_off'), { status: 422, body: { code: 'gateway-off', errors: [{ pointer: '/gateway' }] } });
  t.is(published.length, 1);
});

test('a simulated method has the card that its token always stands for', async (t) => {
  const { callApi } = await startAccount(t);
  await callApi('post', '/v1/customers', { body: ada });
  const add = async (id: string) => (await callApi('post', '/v1/customers/cus_ada/payment-methods', { body: { ...card, id } })).body.card;

  const shown = await add('pm_1');

  t.like(shown, { brand: 'visa', expMonth: 12, expYear: 2040 });
  t.deepEqual(await add('pm_2'), shown);
});

test('a setup intent returns the client secret for the app, and 404 for an unknown customer', async (t) => {
  const { callApi } = await startAccount(t);
  await callApi('post', '/v1/customers', { body: ada });

  t.like(await callApi('post', '/v1/customers/cus_ada/payment-methods/setup', { body: {} }), {
    status: 201,
    body: { setupIntentId: 'seti_1', clientSecret: 'seti_1_secret' },
  });
  t.is((await callApi('post', '/v1/customers/cus_none/payment-methods/setup', { body: {} })).status, 404);
});

test('payment methods are published with the default first, and their tokens are returned for the simulated gateway only', async (t) => {
  const { callApi, published, inside } = await startAccount(t);
  await callApi('post', '/v1/customers', { body: ada });
  t.like(await callApi('post', '/v1/customers/cus_ada/payment-methods', { body: { gateway: 'simulated', token: 'tok_ok' } }), {
    status: 201,
    body: { token: 'tok_ok', type: 'card', default: true },
  });
  const stripe = await callApi('post', '/v1/customers/cus_ada/payment-methods', {
    body: { id: 'pm_2', gateway: 'stripe', token: 'pm_secret', default: true },
  });
  t.false('token' in stripe.body);
  t.like(stripe.body, { type: 'apple_pay', card: walletCard });
  const { paymentMethods } = (published[2] as MarqueeEvent<'customer.payment-method-added'>).data;
  t.deepEqual(
    paymentMethods.map(({ token, default: isDefault }) => [token, isDefault]),
    [
      ['pm_secret', true],
      ['tok_ok', false],
    ],
  );
  t.false(JSON.stringify((await callApi('get', '/v1/customers/cus_ada/payment-methods')).body).includes('pm_secret'));
  t.is((await inside('get', '/customers/cus_ada')).body.paymentMethods[0].token, 'pm_secret');

  t.is((await callApi('delete', '/v1/customers/cus_ada/payment-methods/pm_2')).status, 204);
  t.like(await callApi('delete', '/v1/customers/cus_ada/payment-methods/pm_2'), {
    status: 404,
    body: { code: 'payment-method-not-found' },
  });
  t.like(published.at(-1), {
    type: 'customer.payment-method-removed',
    sequence: 4,
    data: { customerId: 'cus_ada', paymentMethods: [{ token: 'tok_ok', default: true }] },
  });
});

test('a payment method sent again under its id is returned again', async (t) => {
  const { callApi, published } = await startAccount(t);
  await callApi('post', '/v1/customers', { body: ada });
  const add = (token: string) =>
    callApi('post', '/v1/customers/cus_ada/payment-methods', { body: { id: 'pm_1', gateway: 'simulated', token } });
  t.deepEqual([(await add('tok_ok')).status, (await add('tok_ok')).status, (await add('tok_3ds')).status], [201, 200, 409]);
  t.is(published.length, 2);
});

test('erasing a customer leaves no personal data in the store or in the event', async (t) => {
  const { callApi, published, platform } = await startAccount(t);
  await callApi('post', '/v1/customers', { body: { ...ada, phone: '+4930901820', address: { city: 'Berlin' }, birthYear: 1990 } });
  t.is((await callApi('delete', '/v1/customers/cus_ada')).status, 204);
  t.is((await callApi('delete', '/v1/customers/cus_ada')).status, 204);
  t.like((await callApi('get', '/v1/customers/cus_ada')).body, {
    email: '',
    name: '',
    phone: null,
    address: null,
    birthYear: null,
    country: 'DE',
  });
  const left = JSON.stringify([await platform.documents.collection('account_customers').find().toArray(), published.at(-1)]);
  for (const personal of ['ada@example.com', 'Ada', '4930901820', 'city', '1990']) t.false(left.includes(personal), personal);
  t.deepEqual(namesOf(published), ['customer.created cus_ada:1', 'customer.erased cus_ada:2']);
  t.like(await callApi('patch', '/v1/customers/cus_ada', { body: { name: 'Ada' } }), { status: 409, body: { code: 'customer-erased' } });
  t.like(await callApi('post', '/v1/customers', { body: ada }), { status: 409, body: { code: 'already-exists' } });
});

test('customers are listed newest first, page by page, and by e-mail', async (t) => {
  const { callApi } = await startAccount(t);
  for (let n = 0; n < 5; n++) await callApi('post', '/v1/customers', { body: { ...ada, id: `cus_${n}`, email: `${n}@example.com` } });
  const seen: string[] = [];
  let cursor: string | null = '';
  for (let pages = 0; cursor !== null && pages < 5; pages++) {
    const query: Record<string, string> = { limit: '2', ...(cursor && { cursor }) };
    const { body } = await callApi('get', '/v1/customers', { query });
    seen.push(...body.data.map(({ id }: { id: string }) => id));
    cursor = body.nextCursor;
  }
  t.deepEqual([...seen].sort(), ['cus_0', 'cus_1', 'cus_2', 'cus_3', 'cus_4']);
  t.deepEqual(
    (await callApi('get', '/v1/customers', { query: { email: '3@example.com' } })).body.data.map(({ id }: { id: string }) => id),
    ['cus_3'],
  );
  t.is((await callApi('get', '/v1/customers', { query: { limit: '500' } })).status, 422);
});

test('a change of a customer on a test clock has the time of the clock, and the response waits for its consequences', async (t) => {
  const settled: string[][] = [];
  const { callApi, published } = await startAccount(t, { settled });
  t.is((await callApi('post', '/v1/customers', { body: { ...ada, testClock: 'tc_1' } })).status, 201);
  await callApi('post', '/v1/customers/cus_ada/payment-methods', { body: card });
  t.deepEqual(
    published.map(({ time, testClock }) => [time, testClock]),
    Array(2).fill([clockTime, 'tc_1']),
  );
  t.deepEqual(settled, [['cus_ada:1'], ['cus_ada:2']]);
});

test('an unknown test clock is refused, as is any if test clocks are disabled; nothing is stored', async (t) => {
  const on = await startAccount(t);
  t.like(await on.callApi('post', '/v1/customers', { body: { ...ada, testClock: 'tc_2' } }), {
    status: 422,
    body: { code: 'test-clock-unknown', errors: [{ pointer: '/testClock' }] },
  });
  const off = await startAccount(t, { testClocks: false });
  t.like(await off.callApi('post', '/v1/customers', { body: { ...ada, testClock: 'tc_1' } }), {
    status: 422,
    body: { code: 'test-clocks-off', errors: [{ pointer: '/testClock' }] },
  });
  for (const { callApi, published } of [on, off]) {
    t.is((await callApi('get', '/v1/customers/cus_ada')).status, 404);
    t.deepEqual(published, []);
  }
});

test('without the broker a change is stored, and the next change or a restart publishes all events in order', async (t) => {
  const documents = await startDocuments(t);
  const broker = { isUnavailable: true };
  const { callApi, published } = await startAccount(t, { documents, broker });
  t.is((await callApi('post', '/v1/customers', { body: ada })).status, 201);
  t.is((await callApi('patch', '/v1/customers/cus_ada', { body: { name: 'Ada L.' } })).status, 200);
  await callApi('post', '/v1/customers', { body: { ...ada, id: 'cus_eve' } });
  t.deepEqual(published, []);
  broker.isUnavailable = false;
  await callApi('patch', '/v1/customers/cus_ada', { body: { name: 'Ada' } });
  t.deepEqual(namesOf(published), ['customer.created cus_ada:1', 'customer.updated cus_ada:2', 'customer.updated cus_ada:3']);

  const restarted = await startAccount(t, { documents: documents.useDb(documents.name) });
  await restarted.service.start?.();
  await restarted.service.stop?.();
  t.deepEqual(namesOf(restarted.published), ['customer.created cus_eve:1']);
  const again = await startAccount(t, { documents: documents.useDb(documents.name) });
  await again.service.start?.();
  await again.service.stop?.();
  t.deepEqual(again.published, []);
});

test('the internal route returns a customer with payment methods, and 404 for an unknown one', async (t) => {
  const { callApi, inside } = await startAccount(t);
  await callApi('post', '/v1/customers', { body: ada });
  t.deepEqual((await inside('get', '/customers/cus_ada')).body, {
    customer: (await callApi('get', '/v1/customers/cus_ada')).body,
    paymentMethods: [],
  });
  t.is((await inside('get', '/customers/cus_unknown')).status, 404);
});
