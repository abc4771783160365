import test from 'ava';
import { invoiceClosed, invoiceFinalised, noon } from '../support/money-events.ts';
import { partialEvent } from '../support/partial-event.ts';
import { accountWith, paymentId as id, pausedBroker, payment, paymentOf, retryDue, settledAs } from '../support/payment-service.ts';
import { deliver, request } from '../support/service.ts';
import { until } from '../support/wait-until.ts';

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
