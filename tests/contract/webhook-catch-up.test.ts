import { randomUUID } from 'node:crypto';
import test, { type ExecutionContext } from 'ava';
import type { Connection } from 'mongoose';
import { createStripeGateway } from '../../services/payment/gateways/stripe/stripe-gateway.ts';
import { createPaymentService } from '../../services/payment/index.ts';
import { indexesReady, startDocuments } from '../support/documents.ts';
import { startLocalstripe, startStripeMock } from '../support/gateway-servers.ts';
import { noon } from '../support/money-events.ts';
import { testPlatform } from '../support/platform.ts';
import { page, serveStripe } from '../support/stripe-server.ts';
import { storedWebhooks, webhookSecret } from '../support/stripe-webhooks.ts';
import { until } from '../support/wait-until.ts';

const secretKey = 'sk_test_contract';
const server = startLocalstripe();
const mock = startStripeMock();

/** As the app does it, straight at the server. */
async function post(path: string, fields: Readonly<Record<string, string>>): Promise<{ readonly id: string }> {
  const { url } = await server;
  const headers = { authorization: `Bearer ${secretKey}` };
  const answer = await fetch(`${url}/v1/${path}`, { method: 'POST', headers, body: new URLSearchParams(fields) });
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
  return (await answer.json()) as { id: string };
}

/** A charge that nobody hears of: no webhook endpoint is registered there. */
async function charge(documents: Connection): Promise<void> {
  const gateway = createStripeGateway(documents.useDb(documents.name), { secretKey, apiBase: (await server).url });
  const card = { 'card[number]': '4242424242424242', 'card[exp_month]': '12', 'card[exp_year]': '2030', 'card[cvc]': '123' };
  const { id: paymentMethod } = await post('payment_methods', { type: 'card', ...card });
  const customerId = `cus_${randomUUID()}`;
  await gateway.verify(customerId, paymentMethod);
  const reference = `inv_${randomUUID()}`;
  const outcome = await gateway.create(
    `${reference}:create`,
    { reference, amount: 1799, currency: 'EUR', customerId, paymentMethod },
    noon,
  );
  if (outcome.kind !== 'succeeded') throw new Error(outcome.kind);
}

/** The payment service as a process has it that begins now. */
async function begin(t: ExecutionContext, documents: Connection, apiBase?: string) {
  const stripe = { secretKey, apiBase: apiBase ?? (await server).url, webhookSecret };
  const service = createPaymentService(testPlatform({ documents, published: [], config: { stripe } }));
  await indexesReady(documents);
  await service.start?.();
  t.teardown(() => service.stop?.());
  return service;
}

const reach = async (documents: Connection) =>
  String((await documents.collection('payment_webhook_reaches').findOne({ _id: 'stripe' as never }))?.through ?? '');

test.serial(
  'events that Stripe published while Marquee was stopped are stored and handled at the next start, from all pages, but only those about payments',
  async (t) => {
    const documents = await startDocuments(t);
    for (let index = 0; index < 120; index += 1) await post('customers', { description: `before it ${index}` });
    await charge(documents);

    const service = await begin(t, documents);
    await until(async () => (await storedWebhooks(service)).some(({ handledAt }) => handledAt !== null));

    const types = (await storedWebhooks(service)).map(({ type }) => type);
    t.true(types.includes('payment_intent.succeeded'));
    t.false(types.some((type) => type.startsWith('customer.')));
  },
);

test.serial('events that were read once are not read again at the next start, and later ones are', async (t) => {
  const documents = await startDocuments(t);
  await charge(documents);
  const first = await begin(t, documents);
  await until(async () => (await reach(documents)) !== '');
  await until(async () => (await storedWebhooks(first)).length > 0);
  await until(async () => (await reach(documents)) > new Date(Date.now() - 60_000).toISOString());
  const before = await storedWebhooks(first);
  await first.stop?.();
  await charge(documents);

  const second = await begin(t, documents.useDb(documents.name));
  await until(async () => (await storedWebhooks(second)).length > before.length);

  const after = await storedWebhooks(second);
  t.is(after.length, before.length + 1);
  t.deepEqual(
    after.filter(({ id }) => before.some((known) => known.id === id)).map(({ id }) => id),
    before.map(({ id }) => id),
  );
});

test.serial('while Stripe is unavailable no event counts as read', async (t) => {
  const documents = await startDocuments(t);
  const service = await begin(t, documents, 'http://127.0.0.1:1');
  await service.stop?.();

  t.is(await reach(documents), '');
});

test.serial(
  'an outage half-way loses no event: complete pages count as read, and the others are read again (over a stand-in for Stripe’s list, because neither local server fails on demand)',
  async (t) => {
    const documents = await startDocuments(t);
    const asked: number[] = [];
    let failing = true;
    const event = (id: string) => ({ id, object: 'event', type: 'charge.updated', data: { object: { object: 'charge', metadata: {} } } });
    const apiBase = await serveStripe(t, (_, query) => {
      asked.push(Number(query.get('created[gte]')));
      if (asked.length <= 2) return page([event(`evt_${asked.length}`)]);
      return failing ? undefined : page([event('evt_late')]);
    });
    const first = await begin(t, documents, apiBase);
    await until(() => asked.length >= 3);
    await first.stop?.();
    const reached = await reach(documents);
    failing = false;

    const second = await begin(t, documents.useDb(documents.name), apiBase);
    await until(async () => (await storedWebhooks(second)).some(({ id }) => id === 'evt_late'));

    t.is(
      asked.find((_, index) => index > 2 && asked[index] === asked[2]),
      asked[2],
      'the hour that failed is asked for again',
    );
    t.true(Date.parse(reached) < Date.now() - 2 * 24 * 3_600_000, 'only two hours of three days counted');
    t.deepEqual((await storedWebhooks(second)).map(({ id }) => id).sort(), ['evt_1', 'evt_2', 'evt_late']);
  },
);

test.serial('Stripe’s own description accepts the request for events', async (t) => {
  const gateway = createStripeGateway(await startDocuments(t), { secretKey, apiBase: (await mock).url });

  const pages = gateway.eventsBetween?.('2026-01-31T12:00:00.000Z', '2026-01-31T13:00:00.000Z');
  const first = await pages?.[Symbol.asyncIterator]().next();

  t.like(first?.value?.[0], { object: 'event' });
});
