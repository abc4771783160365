import test from 'ava';
import { nextAttempt } from '../../services/payment/charging/payment-transitions.ts';
import { newPayment, type Payment } from '../../services/payment/payment.ts';
import { createPaymentStore } from '../../services/payment/store.ts';
import type { MarqueeEvent } from '../../services/shared/events.ts';
import { plusMillis } from '../../services/shared/time.ts';
import { invoiceFinalised, noon, paymentMethods } from '../support/money-events.ts';
import { partialEvent } from '../support/partial-event.ts';
import { accountWith, paymentId as id, pausedBroker, payment, paymentOf, retryDue, settledAs } from '../support/payment-service.ts';
import { deliver, request } from '../support/service.ts';
import { until } from '../support/wait-until.ts';

const invoiceClosed = (type: 'invoice.voided' | 'invoice.marked-uncollectible'): MarqueeEvent<'invoice.*'> => ({
  ...invoiceFinalised({ status: type === 'invoice.voided' ? 'void' : 'uncollectible' }),
  id: 'inv_sub_1_1:2',
  sequence: 2,
  type,
});

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

test('a retry confirms the same intent again with the current methods', async (t) => {
  let tokens = ['tok_declined'];
  const { service, published, documents, gateway } = await paymentOf(t, { tokens, invoke: (...calls) => accountWith(tokens)(...calls) });
  await deliver(service, invoiceFinalised());
  await settledAs(service, 'declined');
  tokens = ['tok_ok'];

  const follows = await deliver(service, retryDue(2));
  await settledAs(service, 'succeeded', 2);

  t.deepEqual(follows, [`${id}:2`]);
  t.deepEqual(
    published.map(({ id, type, data }) => [id, type, data.attempt]),
    [
      [`${id}:1`, 'payment.declined', 1],
      [`${id}:2`, 'payment.succeeded', 2],
    ],
  );
  t.is(await documents.collection('simulated_gateway_intents').countDocuments(), 1);
  t.is((await gateway.ledger()).length, 1);
});

test('a repeated retry charges nothing again, and publishes its outcome again', async (t) => {
  const { service, published, gateway } = await paymentOf(t, { tokens: ['tok_declined_until:2026-02-01T00:00:00Z'] });
  await deliver(service, invoiceFinalised());
  await settledAs(service, 'declined');
  const later = '2026-02-02T00:00:00.000Z';

  await deliver(service, retryDue(2, later));
  await settledAs(service, 'succeeded', 2);
  await deliver(service, retryDue(2, later));
  await deliver(service, retryDue(3, later));

  t.deepEqual([...new Set(published.map(({ id }) => id))], [`${id}:1`, `${id}:2`]);
  t.deepEqual(published[3], published[1]);
  t.is((await gateway.ledger()).length, 1);
});

test('a retry that overtakes its invoice, or the outcome before it, is delivered again', async (t) => {
  const { open, publish } = pausedBroker();
  const { service } = await paymentOf(t, { tokens: ['tok_declined'], publish });

  await t.throwsAsync(deliver(service, retryDue(2)), { message: /does not exist yet/ });
  await deliver(service, invoiceFinalised());

  await t.throwsAsync(deliver(service, retryDue(2)), { message: /earlier attempt/ });
  open();
});

test('a charge whose response was lost is settled later, and made once', async (t) => {
  const { service, published, gateway } = await paymentOf(t, { tokens: ['tok_timeout'] });

  await deliver(service, invoiceFinalised());
  await settledAs(service, 'succeeded');

  t.deepEqual(
    published.map(({ type }) => type),
    ['payment.succeeded'],
  );
  t.is((await gateway.ledger()).length, 1);
});

test('an outcome that could not be published is published later, and charged once', async (t) => {
  let failures = 2;
  const attempted: string[] = [];
  const { service, gateway } = await paymentOf(t, {
    publish: async (events) => {
      failures -= 1;
      if (failures >= 0) throw new Error('the broker is away');
      attempted.push(...events.map((event) => event.id));
    },
  });

  await deliver(service, invoiceFinalised());
  await settledAs(service, 'succeeded');

  t.deepEqual(attempted, [`${id}:1`]);
  t.is((await gateway.ledger()).length, 1);
});

test('a payment whose write had no response is charged when its event is delivered again', async (t) => {
  const { service, documents, gateway } = await paymentOf(t);
  const { insert } = createPaymentStore(documents.useDb(documents.name));
  await insert([newPayment(invoiceFinalised(), [{ id: 'pm_1', token: 'tok_ok', gateway: 'simulated' }], noon)]);

  await deliver(service, invoiceFinalised());

  await settledAs(service, 'succeeded');
  t.is((await gateway.ledger()).length, 1);
});

test('a retry whose write had no response is made when its event is delivered again', async (t) => {
  const { service, documents, gateway } = await paymentOf(t, { tokens: ['tok_declined_until:2026-02-01T00:00:00Z'] });
  const store = createPaymentStore(documents.useDb(documents.name));
  await deliver(service, invoiceFinalised());
  await settledAs(service, 'declined');
  const later = '2026-02-02T00:00:00.000Z';
  const failed = (await store.find([id])).get(id) as Payment;
  await store.replace(failed, nextAttempt(failed, 2, later, noon));

  await deliver(service, retryDue(2, later));

  await settledAs(service, 'succeeded', 2);
  t.is((await gateway.ledger()).length, 1);
});

test('payments that a process left unfinished are settled by the next one that starts', async (t) => {
  const { service, published, anotherProcess, setNow, gateway } = await paymentOf(t, {
    publish: () => Promise.reject(new Error('the broker is away')),
  });
  await deliver(service, invoiceFinalised());
  await until(async () => (await gateway.ledger()).length === 1);
  await service.stop?.();
  t.like(await payment(service), { status: 'processing' });

  setNow(plusMillis(noon, 60_000));
  const next = await anotherProcess();
  await settledAs(next, 'succeeded');

  t.deepEqual(
    published.map(({ id, type }) => [id, type]),
    [[`${id}:1`, 'payment.succeeded']],
  );
  t.is((await gateway.ledger()).length, 1);
});

test('after 23 hours an outcome is only read, and never requested again', async (t) => {
  const { service, published, anotherProcess, setNow, gateway } = await paymentOf(t, {
    tokens: [],
    invoke: () => Promise.reject(new Error('away')),
  });
  await deliver(service, invoiceFinalised());
  await service.stop?.();

  setNow(plusMillis(noon, 23 * 3_600_000));
  await deliver(service, paymentMethods(['tok_ok']));
  const next = await anotherProcess();
  await settledAs(next, 'declined');

  t.like(published, { length: 1, 0: { data: { category: 'soft', declineCode: 'never_received' } } });
  t.deepEqual(await gateway.ledger(), []);
});

test('given an invoice of days ago whose payment document is lost, when it is published again, then its charge is found and no other is made', async (t) => {
  const { service, gateway, setNow } = await paymentOf(t);
  const charge = { reference: 'inv_sub_1_1', amount: 1799, currency: 'EUR', customerId: 'cus_1', paymentMethod: 'tok_ok' };
  await gateway.create('a key that is forgotten', charge, noon);
  setNow(plusMillis(noon, 3 * 24 * 3_600_000));

  await deliver(service, invoiceFinalised());

  await settledAs(service, 'succeeded');
  t.is((await gateway.ledger()).length, 1);
});

for (const [invoice, tokens] of [
  ['an invoice of days ago without a charge', ['tok_ok']],
  ['an invoice of days ago with a declined charge', ['tok_declined', 'tok_ok']],
] as const)
  test(`${invoice} is charged once`, async (t) => {
    const { service, gateway, setNow } = await paymentOf(t, { tokens });
    setNow(plusMillis(noon, 3 * 24 * 3_600_000));

    await deliver(service, invoiceFinalised());

    await settledAs(service, 'succeeded');
    t.is((await gateway.ledger()).length, 1);
  });

test('a payment that requires action waits for the customer, and succeeds once confirmed', async (t) => {
  const { service, published, gateway } = await paymentOf(t, { tokens: ['tok_3ds'] });
  await deliver(service, invoiceFinalised());
  await settledAs(service, 'action-required');
  const { nextAction } = (await payment(service)) as unknown as { nextAction: { clientSecret: string } };

  const confirmed = await request(service, 'post', `/v1/payments/${id}/confirm`);
  const again = await request(service, 'post', `/v1/payments/${id}/confirm`);

  t.true(nextAction.clientSecret.length > 0);
  t.like(confirmed, { status: 200, body: { status: 'succeeded', attempt: 1, nextAction: null } });
  t.deepEqual(again.body, confirmed.body);
  t.deepEqual(
    published.map(({ id, type }) => [id, type]),
    [
      [`${id}:1`, 'payment.action-required'],
      [`${id}:2`, 'payment.succeeded'],
    ],
  );
  t.false(JSON.stringify(published).includes(nextAction.clientSecret));
  t.is((await gateway.ledger()).length, 1);
});

test('the confirmation of a payment that does not wait for the customer is 409', async (t) => {
  const { service } = await paymentOf(t, { tokens: ['tok_declined'] });
  await deliver(service, invoiceFinalised());
  await settledAs(service, 'declined');

  t.like(await request(service, 'post', `/v1/payments/${id}/confirm`), { status: 409, body: { code: 'payment-not-waiting' } });
  t.like(await request(service, 'post', '/v1/payments/pay_none/confirm'), { status: 404 });
});

for (const type of ['invoice.voided', 'invoice.marked-uncollectible'] as const) {
  test(`${type} ends a failed payment, in this service and at the gateway`, async (t) => {
    const { service, gateway } = await paymentOf(t, { tokens: ['tok_declined'] });
    await deliver(service, invoiceFinalised());
    await settledAs(service, 'declined');

    await deliver(service, invoiceClosed(type));
    await deliver(service, invoiceClosed(type));

    t.like(await payment(service), { status: 'cancelled' });
    await until(async () => (await gateway.lookUp({ reference: 'inv_sub_1_1', customerId: 'cus_1' }, null, noon)).kind === 'cancelled');
    t.pass();
  });

  test(`${type} that overtakes its invoice prevents every charge of it`, async (t) => {
    const { service, published, gateway } = await paymentOf(t);

    await deliver(service, invoiceClosed(type));
    await deliver(service, invoiceFinalised());

    t.like(await payment(service), { status: 'cancelled' });
    t.deepEqual(published, []);
    t.deepEqual(await gateway.ledger(), []);
  });
}

test('a successful payment stays successful when its invoice is voided', async (t) => {
  const { service } = await paymentOf(t);
  await deliver(service, invoiceFinalised());
  await settledAs(service, 'succeeded');

  await deliver(service, invoiceClosed('invoice.voided'));

  t.like(await payment(service), { status: 'succeeded' });
});

test('a decline after its invoice was voided ends the payment', async (t) => {
  const { open, published, publish } = pausedBroker();
  const { service } = await paymentOf(t, { tokens: ['tok_declined'], publish });
  await deliver(service, invoiceFinalised());

  await deliver(service, invoiceClosed('invoice.voided'));
  t.like(await payment(service), { status: 'processing' });
  open();
  await settledAs(service, 'cancelled');

  t.deepEqual(
    published.map(({ type }) => type),
    ['payment.declined'],
  );
});

test('a retry of an ended payment is published as declined, so that its subscription does not wait permanently', async (t) => {
  const { service, published, gateway } = await paymentOf(t, { tokens: ['tok_declined'] });
  await deliver(service, invoiceFinalised());
  await settledAs(service, 'declined');
  await deliver(service, invoiceClosed('invoice.voided'));

  await deliver(service, retryDue(2));
  await settledAs(service, 'cancelled', 2);

  t.like(published[1], { id: `${id}:2`, type: 'payment.declined', data: { attempt: 2 } });
  t.deepEqual(await gateway.ledger(), []);
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

test('on a test clock the outcome counts as handled only once it can be read', async (t) => {
  const { service, published } = await paymentOf(t);
  await deliver(service, invoiceFinalised({ testClock: 'tc_1' }));
  await until(() => published.length === 1);

  await deliver(service, ...published);

  t.like(await payment(service), { status: 'succeeded' });
});

test('a debit that its bank processes for days is published as processing, only read, and succeeds when it arrives', async (t) => {
  const { service, published, gateway, anotherProcess, setNow } = await paymentOf(t, { tokens: ['tok_sepa_pending:2026-02-05T12:00:00Z'] });
  await deliver(service, invoiceFinalised());
  await until(() => published.length === 1);
  t.like(await payment(service), { status: 'processing', settledAt: null });

  setNow('2026-02-05T12:00:00.000Z');
  await anotherProcess();
  await settledAs(service, 'succeeded');

  t.deepEqual(
    published.map(({ id: event, type }) => `${type} ${event}`),
    [`payment.processing ${id}:1`, `payment.succeeded ${id}:2`],
  );
  t.is((await gateway.ledger()).length, 1);
});

test('on a test clock a debit delays nothing, and is read when the clock arrives', async (t) => {
  let clock = noon;
  const tokens = ['tok_sepa_pending:2026-02-05T12:00:00Z'];
  const account = accountWith(tokens);
  const { service, published } = await paymentOf(t, {
    tokens,
    invoke: async (name, method, path) => (name === 'subscription' ? { now: clock } : account(name, method, path)),
  });
  const arrives = (now: string) => {
    clock = now;
    return deliver(service, partialEvent({ type: 'test-clock.arrived', subject: 'tc_1', sequence: 9, customerId: '', data: {} }));
  };
  const follows = await deliver(service, invoiceFinalised({ testClock: 'tc_1' }));
  await until(() => published.length === 1);
  await deliver(service, ...published);
  t.deepEqual(
    published.map((event) => event.id),
    follows,
  );

  await arrives('2026-02-06T00:00:00.000Z');
  await settledAs(service, 'succeeded');

  t.like(published[1], { type: 'payment.succeeded', time: '2026-02-06T00:00:00.000Z' });
});

test('two hundred concurrent invoices are each charged once', async (t) => {
  const { service, published, gateway } = await paymentOf(t);
  const invoices = Array.from({ length: 200 }, (_, index) =>
    invoiceFinalised({ id: `inv_sub_${index}_1`, subscriptionId: `sub_${index}` }),
  );

  await Promise.all([deliver(service, ...invoices), deliver(service, ...invoices)]);
  await until(() => published.length === 200);

  t.is(new Set(published.map(({ id }) => id)).size, 200);
  const charges = await gateway.ledger();
  t.is(new Set(charges.map(({ reference }) => reference)).size, 200);
  t.is(charges.length, 200);
});
