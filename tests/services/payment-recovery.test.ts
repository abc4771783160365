import test from 'ava';
import { nextAttempt } from '../../services/payment/charging/payment-transitions.ts';
import { newPayment } from '../../services/payment/new-payment.ts';
import type { Payment } from '../../services/payment/payment.ts';
import { createPaymentStore } from '../../services/payment/store.ts';
import { plusMillis } from '../../services/shared/time.ts';
import { invoiceFinalised, noon, paymentMethods } from '../support/money-events.ts';
import { accountWith, paymentId as id, pausedBroker, payment, paymentOf, retryDue, settledAs } from '../support/payment-service.ts';
import { deliver } from '../support/service.ts';
import { until } from '../support/wait-until.ts';

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
      if (failures >= 0) throw new Error('the broker is unavailable');
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

for (const [status, token] of [
  ['succeeded', 'tok_ok'],
  ['declined', 'tok_declined'],
] as const)
  test(`given a payment that has ${status} and whose event was lost, when its invoice is published again, then so is the outcome`, async (t) => {
    const { service, published, gateway } = await paymentOf(t, { tokens: [token] });
    await deliver(service, invoiceFinalised());
    await settledAs(service, status);

    const follows = await deliver(service, invoiceFinalised());

    t.deepEqual(follows, [`${id}:1`]);
    t.like(published, { length: 2, 1: { id: `${id}:1`, type: `payment.${status}` } });
    t.deepEqual(published[1], published[0]);
    t.is((await gateway.ledger()).length, status === 'succeeded' ? 1 : 0);
  });

test('payments that a process left unfinished are settled by the next one that starts', async (t) => {
  const { service, published, anotherProcess, setNow, gateway } = await paymentOf(t, {
    publish: () => Promise.reject(new Error('the broker is unavailable')),
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
