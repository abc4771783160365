import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import type { Platform } from '../../services/shared/service.ts';
import { plusMillis } from '../../services/shared/time.ts';
import { invoiceClosed, invoiceFinalised, noon } from '../support/money-events.ts';
import { accountWith, pausedBroker, payment, paymentOf, settledAs } from '../support/payment-service.ts';
import { openPublicDoor } from '../support/public-door.ts';
import { deliver, request } from '../support/service.ts';
import { send, signed, storedWebhooks, stripeWebhooks } from '../support/stripe-webhooks.ts';
import { until } from '../support/wait-until.ts';

const eventOf = (id: string, type: string, reference = 'inv_sub_1_1') =>
  JSON.stringify({ id, type, object: 'event', data: { object: { object: 'payment_intent', id: 'pi_1', metadata: { reference } } } });

async function serviceWith(t: ExecutionContext, token: string, publish?: Platform['publish']) {
  const refused: string[] = [];
  const parts = await paymentOf(t, {
    tokens: [token],
    ...(publish && { publish }),
    config: { stripe: stripeWebhooks },
    observe: (_, answer) => void refused.push(answer),
  });
  return { ...parts, refused };
}

const debit = 'tok_sepa_pending:2026-02-05T12:00:00Z';

test('a debit is settled by a webhook within moments, not by the hourly sync', async (t) => {
  const { service, published, setNow } = await serviceWith(t, debit);
  await deliver(service, invoiceFinalised());
  await until(() => published.length === 1);
  setNow('2026-02-05T12:00:01.000Z');
  const payload = eventOf('evt_1', 'payment_intent.succeeded');

  t.like(await send(service, payload, signed(payload, '2026-02-05T12:00:01.000Z')), { status: 200, body: { received: true } });

  await settledAs(service, 'succeeded');
  await until(async () => (await storedWebhooks(service))[0]?.handledAt !== null);
});

test('a debit is settled by a webhook that arrives before the response that the bank has it', async (t) => {
  const { open, published, publish } = pausedBroker();
  const { service, documents, setNow } = await serviceWith(t, debit, publish);
  await deliver(service, invoiceFinalised());
  await until(async () => (await documents.collection('simulated_gateway_intents').countDocuments()) === 1);
  setNow('2026-02-05T12:00:01.000Z');
  for (const [id, reference] of [
    ['evt_1', 'inv_sub_1_1'],
    ['evt_2', 'inv_of_nobody'],
  ] as const) {
    const payload = eventOf(id, 'payment_intent.succeeded', reference);
    await send(service, payload, signed(payload, '2026-02-05T12:00:01.000Z'));
  }
  await until(async () => (await storedWebhooks(service)).some(({ id, handledAt }) => id === 'evt_2' && handledAt !== null));
  open();

  await settledAs(service, 'succeeded');
  await until(async () => (await storedWebhooks(service)).every(({ handledAt }) => handledAt !== null));
  t.deepEqual(
    published.map(({ type }) => type),
    ['payment.processing', 'payment.succeeded'],
  );
});

test('a payment that waits for its customer continues when the gateway reports their confirmation', async (t) => {
  const { service, gateway } = await serviceWith(t, 'tok_3ds');
  await deliver(service, invoiceFinalised());
  await settledAs(service, 'action-required');

  await send(service, eventOf('evt_1', 'payment_intent.succeeded'));

  await settledAs(service, 'succeeded');
  t.is((await gateway.ledger()).length, 1);
});

test('given a declined payment, when its customer pays with another card in the form that is still open, then a webhook settles it', async (t) => {
  const { service, gateway, documents, published } = await serviceWith(t, 'tok_declined');
  await deliver(service, invoiceFinalised());
  await settledAs(service, 'declined');
  const [intent] = await documents.collection('simulated_gateway_intents').find().toArray();
  await gateway.confirm('by the customer', String(intent?._id), 'tok_ok', noon);

  await send(service, eventOf('evt_1', 'payment_intent.succeeded'));
  await settledAs(service, 'succeeded');

  t.deepEqual(
    published.map(({ id, type }) => `${type} ${id}`),
    ['payment.declined pay_inv_sub_1_1:1', 'payment.succeeded pay_inv_sub_1_1:2'],
  );
  t.is((await gateway.ledger()).length, 1);
});

test('given a cancelled payment whose request arrives at the gateway late, when a webhook reports it, then the money is known', async (t) => {
  const { service, gateway, published } = await serviceWith(t, 'tok_ok');
  await deliver(service, invoiceClosed('invoice.voided'));
  const charge = { reference: 'inv_sub_1_1', amount: 1799, currency: 'EUR', customerId: 'cus_1', paymentMethod: 'tok_ok' };
  await gateway.create('inv_sub_1_1:create', charge, noon);

  await send(service, eventOf('evt_1', 'payment_intent.succeeded'));
  await settledAs(service, 'succeeded');

  t.like(published, { length: 1, 0: { type: 'payment.succeeded', data: { amount: 1799 } } });
});

test('a webhook about a declined payment that was not paid changes nothing', async (t) => {
  const { service, published } = await serviceWith(t, 'tok_declined');
  await deliver(service, invoiceFinalised());
  await settledAs(service, 'declined');

  await send(service, eventOf('evt_1', 'payment_intent.payment_failed'));
  await until(async () => (await storedWebhooks(service))[0]?.handledAt !== null);

  t.like(await payment(service), { status: 'declined', attempt: 1 });
  t.is(published.length, 1);
});

test('a webhook passes the real door byte by byte, as its signature requires', async (t) => {
  const { service, documents } = await serviceWith(t, 'tok_ok');
  const door = await openPublicDoor(service, documents);
  t.teardown(door.close);
  const payload = eventOf('evt_1', 'payment_intent.succeeded', 'Zahlung für Ö');
  const post = (signature: string) =>
    fetch(`${door.url}/v1/webhooks/stripe`, {
      method: 'POST',
      headers: { 'content-type': 'application/json; charset=utf-8', 'stripe-signature': signature },
      body: payload,
    });

  t.is((await post(signed(payload))).status, 200);
  t.is((await post(signed(`${payload} `))).status, 400);

  t.like(await storedWebhooks(service), { length: 1, 0: { id: 'evt_1' } });
});

for (const [fault, signature] of [
  ['forged', (payload: string) => signed(payload, noon, 'whsec_other')],
  ['recorded ten minutes ago', (payload: string) => signed(payload, plusMillis(noon, -600_000))],
  ['without a signature', () => ''],
] as const)
  test(`a webhook that is ${fault} is refused, counted, and not stored`, async (t) => {
    const { service, refused } = await serviceWith(t, 'tok_ok');
    const payload = eventOf('evt_1', 'payment_intent.succeeded');

    t.like(await send(service, payload, signature(payload)), { status: 400, body: { code: 'webhook-signature-invalid' } });

    t.true(refused.includes('webhook-signature-invalid'));
    t.deepEqual(await storedWebhooks(service), []);
  });

for (const [fault, payload] of [
  ['not JSON', '{'],
  ['not an event', '{"id":"evt_1"}'],
] as const)
  test(`a signed body that is ${fault} is refused, and not stored`, async (t) => {
    const { service } = await serviceWith(t, 'tok_ok');
    t.is((await send(service, payload)).status, 400);
    t.deepEqual(await storedWebhooks(service), []);
  });

test('a webhook about an object made elsewhere is stored and done', async (t) => {
  const { service } = await serviceWith(t, 'tok_ok');
  await send(service, eventOf('evt_1', 'payment_intent.succeeded', 'order_17'));
  await until(async () => (await storedWebhooks(service))[0]?.handledAt !== null);
  t.is((await storedWebhooks(service)).length, 1);
});

test('a webhook that a crash left unhandled is handled at the next start, and can be replayed', async (t) => {
  const { service, documents, anotherProcess, setNow, published } = await serviceWith(t, debit);
  await deliver(service, invoiceFinalised());
  await until(() => published.length === 1);
  await send(service, eventOf('evt_1', 'payment_intent.processing'));
  await until(async () => (await storedWebhooks(service))[0]?.handledAt !== null);
  await documents.collection('payment_webhooks').updateMany({}, { $set: { handledAt: null } });
  setNow('2026-02-05T12:00:01.000Z');

  const other = await anotherProcess();

  await settledAs(service, 'succeeded');
  t.is((await request(other, 'post', '/v1/webhooks/stripe/evt_1/replay')).status, 202);
  t.is((await request(other, 'post', '/v1/webhooks/stripe/evt_none/replay')).status, 404);
});

test('law: webhooks that are doubled, reversed, days late or before the response of the call lead to the same end', async (t) => {
  const types = ['created', 'processing', 'requires_action', 'payment_failed', 'succeeded'].map((type) => `payment_intent.${type}`);
  const order = fc.shuffledSubarray([...types, ...types], { minLength: 3 });
  await fc.assert(
    fc.asyncProperty(order, fc.boolean(), fc.constantFrom(0, 3 * 86_400_000), async (sent, isEarly, late) => {
      const { service, gateway, published, setNow } = await paymentOf(t, {
        tokens: ['tok_3ds'],
        invoke: accountWith(['tok_3ds']),
        config: { stripe: stripeWebhooks },
      });
      const all = async () => {
        const at = plusMillis(noon, late);
        setNow(at);
        for (const type of sent) {
          const payload = eventOf(`evt_${type}`, type);
          await send(service, payload, signed(payload, at));
        }
      };
      if (isEarly) await Promise.all([deliver(service, invoiceFinalised()), all()]);
      else await deliver(service, invoiceFinalised());
      await until(async () => published.length > 0);
      await until(async () => ['action-required', 'succeeded'].includes((await payment(service)).status));
      await all();
      const last = eventOf('evt_last', 'payment_intent.succeeded');
      await send(service, last, signed(last, plusMillis(noon, late)));
      await settledAs(service, 'succeeded');
      const charges = await gateway.ledger();
      if (charges.length !== 1) throw new Error(`${charges.length} charges`);
      const succeeded = new Set(published.filter(({ type }) => type === 'payment.succeeded').map(({ id }) => id));
      if (succeeded.size !== 1) throw new Error(`${succeeded.size} successes`);
    }),
    { numRuns: 12 },
  );
  t.pass();
});
