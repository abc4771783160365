import test from 'ava';
import { invoiceFinalised } from '../support/money-events.ts';
import { accountWith, paymentId as id, pausedBroker, payment, paymentOf, retryDue, settledAs } from '../support/payment-service.ts';
import { deliver, request } from '../support/service.ts';
import { until } from '../support/wait-until.ts';

test('an open invoice is recorded, acknowledged, and charged outside the delivery of its event', async (t) => {
  const { open, published, publish } = pausedBroker();
  const { service, gateway } = await paymentOf(t, { publish });

  const follows = await deliver(service, invoiceFinalised());

  t.deepEqual(follows, [`${id}:1`]);
  t.like(await payment(service), { status: 'processing', amount: 1799, attempt: 1 });
  open();
  await settledAs(service, 'succeeded');
  t.like(published, {
    length: 1,
    0: { id: `${id}:1`, type: 'payment.succeeded', data: { status: 'succeeded', attempt: 1, gateway: 'simulated' } },
  });
  t.like(await gateway.ledger(), { length: 1, 0: { reference: 'inv_sub_1_1', amount: 1799, currency: 'EUR', customerId: 'cus_1' } });
});

test('a repeated invoice, even many times at once, is charged once and has the same payment', async (t) => {
  const { service, published, gateway } = await paymentOf(t);

  const follows = await Promise.all(Array.from({ length: 20 }, () => deliver(service, invoiceFinalised())));
  await settledAs(service, 'succeeded');
  await deliver(service, invoiceFinalised());

  t.deepEqual([...new Set(follows.flat())], [`${id}:1`]);
  t.deepEqual([...new Set(published.map((event) => event.id))], [`${id}:1`], 'a repeat publishes the same event');
  t.is((await gateway.ledger()).length, 1);
});

test('invoices with nothing due, or already paid, are not charged', async (t) => {
  const { service } = await paymentOf(t);

  t.deepEqual(await deliver(service, invoiceFinalised({ amountDue: 0, status: 'paid' })), []);
  t.like(await request(service, 'get', `/v1/payments/${id}`), { status: 404, body: { code: 'payment-not-found' } });
});

for (const [token, category, declineCode] of [
  ['tok_declined', 'soft', 'insufficient_funds'],
  ['tok_stolen', 'hard', 'stolen_card'],
  ['tok_expired', 'expired-card', 'expired_card'],
  ['tok_unheard_of', 'hard', 'invalid_payment_method'],
] as const)
  test(`${token} is declined as ${category}`, async (t) => {
    const { service, published } = await paymentOf(t, { tokens: [token] });

    await deliver(service, invoiceFinalised());
    await settledAs(service, 'declined');

    t.like(published, { length: 1, 0: { type: 'payment.declined', data: { category, declineCode, attempt: 1 } } });
  });

test('a customer without a method is declined without a request to the gateway', async (t) => {
  const { service, published, documents } = await paymentOf(t, { tokens: [] });

  await deliver(service, invoiceFinalised());
  await settledAs(service, 'declined');

  t.like(published[0], { data: { category: 'no-payment-method', declineCode: null } });
  t.is(await documents.collection('simulated_gateway_intents').countDocuments(), 0);
});

test('a method that this service does not know yet is requested before a decline', async (t) => {
  const { service } = await paymentOf(t, { tokens: [], invoke: accountWith(['tok_ok']) });

  await deliver(service, invoiceFinalised());

  await t.notThrowsAsync(settledAs(service, 'succeeded'));
});

test('while the account service is unavailable no payment is declined for want of a method', async (t) => {
  let away = true;
  const { service, published } = await paymentOf(t, {
    tokens: [],
    invoke: (...calls) => (away ? Promise.reject(new Error('away')) : accountWith(['tok_ok'])(...calls)),
  });

  await deliver(service, invoiceFinalised());
  t.like(await payment(service), { status: 'processing' });
  away = false;

  await settledAs(service, 'succeeded');
  t.deepEqual(
    published.map(({ type }) => type),
    ['payment.succeeded'],
  );
});

test('a backup method is tried before the attempt counts as failed', async (t) => {
  const { service, published, gateway } = await paymentOf(t, { tokens: ['tok_stolen', 'tok_expired', 'tok_ok'] });

  await deliver(service, invoiceFinalised());
  await settledAs(service, 'succeeded');

  t.like(await payment(service), { attempt: 1, paymentMethodId: 'pm_2_2' } as object);
  t.deepEqual(
    published.map(({ type }) => type),
    ['payment.succeeded'],
  );
  t.is((await gateway.ledger()).length, 1);
});

test('when all methods are declined, the method that may work later decides the category', async (t) => {
  const { service, published } = await paymentOf(t, { tokens: ['tok_stolen', 'tok_declined', 'tok_expired'] });

  await deliver(service, invoiceFinalised());
  await settledAs(service, 'declined');

  t.like(published, { length: 1, 0: { data: { category: 'soft', declineCode: 'insufficient_funds' } } });
});

test('an immediate payment goes through the subscription, and returns the outcome', async (t) => {
  const calls: string[] = [];
  let retried: () => Promise<unknown> = async () => undefined;
  const account = accountWith(['tok_declined_until:2026-02-01T00:00:00Z']);
  const { service } = await paymentOf(t, {
    tokens: ['tok_declined_until:2026-02-01T00:00:00Z'],
    invoke: async (name, method, path) => {
      if (name === 'account') return account(name, method, path);
      if (name !== 'subscription') throw new Error('nobody else is needed');
      calls.push(`${method} ${path}`);
      await retried();
      return {};
    },
  });
  await deliver(service, invoiceFinalised());
  await settledAs(service, 'declined');
  retried = () => deliver(service, retryDue(2, '2026-02-02T00:00:00.000Z'));

  const answer = await request(service, 'post', '/v1/invoices/inv_sub_1_1/pay');

  t.deepEqual(calls, ['post subscriptions/sub_1/retry-payment']);
  t.like(answer, { status: 200, body: { status: 'succeeded', attempt: 2 } });
  t.like(await request(service, 'post', '/v1/invoices/inv_sub_1_1/pay'), { status: 409, body: { code: 'invoice-already-paid' } });
});

test('lists filter by customer, invoice and status', async (t) => {
  const { service } = await paymentOf(t);
  await deliver(service, invoiceFinalised(), invoiceFinalised({ id: 'inv_sub_2_1', subscriptionId: 'sub_2' }));
  await settledAs(service, 'succeeded');
  const list = async (query: object) =>
    ((await request(service, 'get', '/v1/payments', { query })).body.data as { id: string }[]).map((row) => row.id);

  t.deepEqual(await list({ invoiceId: 'inv_sub_2_1' }), ['pay_inv_sub_2_1']);
  t.deepEqual(await list({ subscriptionId: 'sub_1', customerId: 'cus_1' }), [id]);
  t.deepEqual(await list({ status: 'declined' }), []);
  t.like(await request(service, 'get', '/v1/payments', { query: { status: 'lost' } }), {
    status: 422,
    body: { code: 'invalid-parameter' },
  });
});

test('two hundred concurrent invoices are each charged once', async (t) => {
  const { service, published, gateway } = await paymentOf(t);
  const invoices = Array.from({ length: 200 }, (_, index) =>
    invoiceFinalised({ id: `inv_sub_${index}_1`, subscriptionId: `sub_${index}` }),
  );

  await Promise.all([deliver(service, ...invoices), deliver(service, ...invoices)]);
  await until(() => new Set(published.map(({ id }) => id)).size === 200);
  await deliver(service, ...invoices);

  t.is(new Set(published.map(({ id }) => id)).size, 200);
  const charges = await gateway.ledger();
  t.is(new Set(charges.map(({ reference }) => reference)).size, 200);
  t.is(charges.length, 200);
});
