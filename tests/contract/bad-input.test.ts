import test, { type ExecutionContext } from 'ava';
import { bodyOf, type Client } from '../support/api-client.ts';
import { makeCustomer, makePlan, type RunningMarquee, runMarquee } from '../support/marquee.ts';

const plan = { id: 'plan_bad', name: { en: 'Bad' }, prices: [{ currency: 'EUR', amount: 100, interval: { unit: 'month', count: 1 } }] };
const customer = {
  id: 'cus_bad',
  email: 'bad@example.com',
  name: 'Bad',
  locale: 'en',
  country: 'DE',
  currency: 'EUR',
  timezone: 'Europe/Berlin',
};
const subscription = { id: 'sub_bad', customerId: 'cus_1', planId: 'plan_basic' };

/** What is sent, and the status, code and pointer of the problem that must come back. */
const bad: readonly [sentence: string, method: string, path: string, body: unknown, status: number, code: string, pointer?: string][] = [
  ['unreadable JSON', 'POST', '/v1/plans', '{"id": ', 400, 'body-unreadable'],
  ['no JSON object', 'POST', '/v1/plans', '[]', 422, 'invalid-field', ''],
  ['a name that is a number', 'POST', '/v1/plans', { ...plan, name: 7 }, 422, 'invalid-field', '/name'],
  ['an unknown field', 'POST', '/v1/plans', { ...plan, prise: 1 }, 422, 'invalid-field', '/prise'],
  [
    'an unknown currency',
    'POST',
    '/v1/plans',
    { ...plan, prices: [{ ...plan.prices[0], currency: 'EUX' }] },
    422,
    'invalid-field',
    '/prices/0/currency',
  ],
  [
    'an amount with a fraction',
    'POST',
    '/v1/plans',
    { ...plan, prices: [{ ...plan.prices[0], amount: 10.5 }] },
    422,
    'invalid-field',
    '/prices/0/amount',
  ],
  [
    'an amount as text',
    'POST',
    '/v1/plans',
    { ...plan, prices: [{ ...plan.prices[0], amount: '100' }] },
    422,
    'invalid-field',
    '/prices/0/amount',
  ],
  [
    'a negative amount',
    'POST',
    '/v1/plans',
    { ...plan, prices: [{ ...plan.prices[0], amount: -1 }] },
    422,
    'invalid-field',
    '/prices/0/amount',
  ],
  ['an id with a slash', 'POST', '/v1/plans', { ...plan, id: 'plan_a/b' }, 422, 'invalid-field', '/id'],
  ['an id with two bars', 'POST', '/v1/customers', { ...customer, id: 'cus_a||b' }, 422, 'invalid-field', '/id'],
  ['an unknown zone', 'POST', '/v1/customers', { ...customer, timezone: 'Europe/Atlantis' }, 422, 'invalid-field', '/timezone'],
  [
    'an impossible date',
    'POST',
    '/v1/subscriptions',
    { ...subscription, startAt: '2026-02-30T10:00:00Z' },
    422,
    'invalid-field',
    '/startAt',
  ],
  [
    'a date without an offset',
    'POST',
    '/v1/subscriptions',
    { ...subscription, startAt: '2026-02-20T10:00:00' },
    422,
    'invalid-field',
    '/startAt',
  ],
  ['an impossible anchor', 'POST', '/v1/subscriptions', { ...subscription, anchor: { day: 32 } }, 422, 'invalid-field', '/anchor/day'],
  ['an id of a subscription with a slash', 'POST', '/v1/subscriptions', { ...subscription, id: 'sub_a/b' }, 422, 'invalid-field', '/id'],
  [
    'a customer nobody knows',
    'POST',
    '/v1/subscriptions',
    { ...subscription, customerId: 'cus_nobody' },
    422,
    'customer-not-found',
    '/customerId',
  ],
  ['a plan nobody knows', 'POST', '/v1/subscriptions', { ...subscription, planId: 'plan_nothing' }, 422, 'plan-not-found', '/planId'],
  [
    'a currency the plan has no price in',
    'POST',
    '/v1/subscriptions',
    { ...subscription, currency: 'JPY' },
    422,
    'price-missing',
    '/currency',
  ],
  ['a quantity of nothing', 'POST', '/v1/subscriptions', { ...subscription, quantity: 0 }, 422, 'invalid-field', '/quantity'],
  ['a command on a subscription nobody knows', 'POST', '/v1/subscriptions/sub_nobody/cancel', {}, 404, 'subscription-not-found'],
  ['a command that does not exist', 'POST', '/v1/subscriptions/sub_nobody/explode', {}, 404, 'path-not-found'],
  ['a limit beyond the largest', 'GET', '/v1/plans?limit=1000', undefined, 422, 'invalid-parameter', '?limit'],
  ['a clock at no time', 'POST', '/v1/test-clocks', { now: 'yesterday' }, 422, 'invalid-field', '/now'],
];

test('given a running Marquee, when it receives invalid requests, then it names the fault, stores nothing and keeps running', async (t) => {
  const marquee = await runMarquee(t);
  const { client } = marquee;
  await makePlan(client, 'plan_basic');
  await makeCustomer(client, 'cus_1');
  const before = await counts(client);

  for (const [sentence, method, path, body, status, code, pointer] of bad) {
    const answer = await client.send(method, path, body);
    t.is(answer.status, status, `${sentence}: ${JSON.stringify(answer.body)}`);
    t.is(answer.body.code, code, sentence);
    t.is(answer.headers.get('content-type'), 'application/problem+json', sentence);
    t.truthy(answer.body.traceId, sentence);
    if (pointer !== undefined)
      t.true(
        answer.body.errors.some((error: { pointer: string }) => error.pointer === pointer),
        `${sentence}: ${JSON.stringify(answer.body.errors)}`,
      );
  }
  const large = await client.send('POST', '/v1/plans', JSON.stringify({ ...plan, name: { en: 'x'.repeat(5 * 1024 * 1024) } }));
  t.like({ status: large.status, code: large.body.code }, { status: 413, code: 'body-too-large' });
  const stranger = await fetch(`${marquee.url}/v1/plans`, { headers: { authorization: 'Bearer nonsense' } });
  t.is(stranger.status, 401);
  t.is((await fetch(`${marquee.url}/v1/plans`)).status, 401);

  await sidecarDoor(t, marquee);
  await actors(t, marquee);
  t.deepEqual(await counts(client), before, 'nothing was stored');
  t.true(marquee.application.isRunning && marquee.sidecar.child.isRunning);
});

const counts = async (client: Client) =>
  Promise.all(
    ['plans', 'customers', 'subscriptions', 'invoices', 'payments'].map(
      async (noun) => bodyOf(await client.get(`/v1/${noun}?limit=200`)).data.length,
    ),
  );

/** Only the sidecar may use the sidecar door, and the public door has nothing of it. */
async function sidecarDoor(t: ExecutionContext, { groups, url, sidecar }: RunningMarquee): Promise<void> {
  const inner = `http://127.0.0.1:${groups[0].appPort}`;
  for (const path of [
    '/dapr/config',
    '/dapr/subscribe',
    '/actors/Subscription/sub_1/method/get',
    '/events',
    '/internal/account/customers/cus_1',
  ]) {
    for (const headers of [{}, { 'dapr-api-token': 'guessed' }, { 'dapr-api-token': sidecar.tokens.sidecar }])
      t.is((await fetch(inner + path, { headers: headers as Record<string, string> })).status, 401, `${path} at the sidecar door`);
    t.is((await fetch(url + path)).status, 404, `${path} at the public door`);
  }
}

/** Through the sidecar only declared methods can be called, with the bodies they declare. */
async function actors(t: ExecutionContext, { sidecar }: RunningMarquee): Promise<void> {
  const call = async (id: string, method: string, body: string) => {
    const response = await fetch(`${sidecar.url}/v1.0/actors/Subscription/${id}/method/${method}`, {
      method: 'PUT',
      headers: { 'dapr-api-token': sidecar.tokens.sidecar, 'content-type': 'application/json' },
      body,
    });
    const text = await response.text();
    return { status: response.status, body: text.startsWith('{') ? JSON.parse(text) : text };
  };
  const refusal = async (method: string, body: string) => (await call('sub_bad', method, body)).body.rejection?.code;
  for (const method of ['explode', 'constructor', 'toString', '__proto__', 'methods'])
    t.is(await refusal(method, '{}'), 'method-not-found', method);
  t.is(await refusal('cancel', '{'), 'body-unreadable');
  t.is(await refusal('cancel', '{"when":"someday"}'), 'invalid-field');
  t.is(await refusal('cancel', '{}'), 'subscription-not-found');
  t.is(await refusal('start', '{"customerId":"cus_1"}'), 'invalid-field');
  t.is(
    (await fetch(`${sidecar.url}/v1.0/actors/Subscription/sub_bad/method/get`, { method: 'PUT' })).status,
    401,
    'the sidecar wants its token too',
  );
  for (const id of ['sub_a%2Fb', 'sub_a||b']) {
    const { status, body } = await call(id, 'wake', '{}');
    t.true(status >= 400 || body.ok === false, `${id}: ${status} ${JSON.stringify(body)}`);
  }
}
