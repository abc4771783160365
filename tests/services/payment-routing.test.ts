import test, { type ExecutionContext } from 'ava';
import { type GatewayRoute, inRoutingOrder } from '../../services/payment/routing/routing.ts';
import type { MarqueeEvent } from '../../services/shared/events.ts';
import { indexesReady } from '../support/documents.ts';
import { invoiceFinalised, paymentMethods } from '../support/money-events.ts';
import { paymentId, paymentOf, settledAs } from '../support/payment-service.ts';
import { deliver, request } from '../support/service.ts';

const atSimulated = { id: 'pm_1', token: 'tok_ok', gateway: 'simulated' };
const atStripe = { id: 'pm_2', token: 'pm_card_visa', gateway: 'stripe' };
const alsoAtStripe = { id: 'pm_3', token: 'pm_card_mastercard', gateway: 'stripe' };
const german = { currency: 'EUR', country: 'DE' };

for (const [given, routes, expected] of [
  ['no route', [], ['pm_1', 'pm_2', 'pm_3']],
  ['a route for the currency', [{ gateway: 'stripe', currencies: ['EUR'] }], ['pm_2', 'pm_3', 'pm_1']],
  ['a route for another currency', [{ gateway: 'stripe', currencies: ['USD'] }], ['pm_1', 'pm_2', 'pm_3']],
  ['a route for the country', [{ gateway: 'stripe', countries: ['AT', 'DE'] }], ['pm_2', 'pm_3', 'pm_1']],
  [
    'a route that matches by currency but not by country',
    [{ gateway: 'stripe', currencies: ['EUR'], countries: ['US'] }],
    ['pm_1', 'pm_2', 'pm_3'],
  ],
  ['two matching routes', [{ gateway: 'simulated', currencies: ['EUR'] }, { gateway: 'stripe' }], ['pm_1', 'pm_2', 'pm_3']],
  ['a first route to a gateway without a method', [{ gateway: 'elsewhere' }, { gateway: 'stripe' }], ['pm_2', 'pm_3', 'pm_1']],
] as const satisfies readonly (readonly [string, readonly GatewayRoute[], readonly string[]])[])
  test(`given ${given}, the methods are tried in the order ${expected.join(', ')}`, (t) => {
    const order = inRoutingOrder([atSimulated, atStripe, alsoAtStripe], routes, german);
    t.deepEqual(
      order.map(({ id }) => id),
      [...expected],
    );
  });

test('a route by country does not fit a customer whose country is not known', (t) => {
  t.deepEqual(inRoutingOrder([atSimulated, atStripe], [{ gateway: 'stripe', countries: ['DE'] }], { currency: 'EUR', country: null }), [
    atSimulated,
    atStripe,
  ]);
});

/** A payment service with two gateways, the second of which does not respond. */
const withBoth = async (t: ExecutionContext) => {
  const stripe = { secretKey: 'sk_test_nobody', webhookSecret: undefined, apiBase: 'http://127.0.0.1:9' };
  const started = await paymentOf(t, { tokens: [], config: { stripe } });
  await indexesReady(started.documents);
  return { ...started, put: (routes: unknown) => request(started.service, 'put', '/v1/payment-routing', { body: { routes } }) };
};

const methodsAtBoth = (): MarqueeEvent<'customer.payment-method-added'> => {
  const event = paymentMethods(['tok_ok', 'pm_card_visa']);
  const [simulated, stripe] = event.data.paymentMethods;
  if (simulated === undefined || stripe === undefined) throw new Error('two methods are needed');
  return { ...event, data: { ...event.data, country: 'DE', paymentMethods: [simulated, { ...stripe, gateway: 'stripe' }] } };
};

test('a payment is routed by its currency and the country of its customer, and the other gateways are backups', async (t) => {
  const { service, documents, put } = await withBoth(t);
  await deliver(service, methodsAtBoth());
  t.is((await put([{ gateway: 'stripe', currencies: ['EUR'], countries: ['DE'] }])).status, 200);

  await deliver(service, invoiceFinalised());

  const stored = await documents.collection('payments').findOne({ _id: paymentId as never });
  t.is(stored?.gateway, 'stripe');
  t.deepEqual(
    ((stored?.methods ?? []) as { gateway: string }[]).map(({ gateway }) => gateway),
    ['stripe', 'simulated'],
  );
});

test('a payment without a matching route charges the default method first', async (t) => {
  const { service, put } = await withBoth(t);
  await deliver(service, methodsAtBoth());
  await put([{ gateway: 'stripe', currencies: ['USD'] }]);

  await deliver(service, invoiceFinalised());

  await settledAs(service, 'succeeded');
  t.pass();
});

test('a payment method is set up at the gateway to which payments of the customer are routed', async (t) => {
  const { service, put } = await withBoth(t);
  await put([{ gateway: 'simulated', countries: ['DE'] }]);
  const setUp = service.internal?.find(({ path }) => path === '/customers/:id/setup');

  const answer = await setUp?.handle({ params: { id: 'cus_1' }, body: { gateway: null, ...german } } as never);

  t.regex((answer as { body: { setupIntentId: string } }).body.setupIntentId, /^seti_/);
});

test('routes are returned as they were saved, and their change is published', async (t) => {
  const { service, put, published } = await withBoth(t);
  const routes = [{ gateway: 'simulated', currencies: ['EUR'] }];

  t.like(await request(service, 'get', '/v1/payment-routing'), { status: 200, body: { routes: [] } });
  t.like(await put(routes), { status: 200, body: { routes } });

  t.like(await request(service, 'get', '/v1/payment-routing'), { status: 200, body: { routes } });
  t.like(published, { length: 1, 0: { type: 'payment-routing.saved', sequence: 1 } });
});

for (const [fault, routes, pointer] of [
  ['a disabled gateway', [{ gateway: 'simulated' }, { gateway: 'elsewhere' }], '/routes/1/gateway'],
  ['an invalid currency', [{ gateway: 'simulated', currencies: ['EURO'] }], '/routes/0/currencies/0'],
  ['an invalid country', [{ gateway: 'simulated', countries: ['Germany'] }], '/routes/0/countries/0'],
  ['an empty list', [{ gateway: 'simulated', countries: [] }], '/routes/0/countries'],
] as const)
  test(`a route with ${fault} is refused with a pointer, and nothing is saved`, async (t) => {
    const { service, put } = await withBoth(t);
    const answer = await put(routes);
    t.is(answer.status, 422);
    t.like((answer.body.errors as object[])[0], { pointer });
    t.like(await request(service, 'get', '/v1/payment-routing'), { body: { routes: [] } });
  });
