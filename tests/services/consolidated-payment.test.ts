import test, { type ExecutionContext } from 'ava';
import type { Connection } from 'mongoose';
import type { SimulatedIntent } from '../../services/payment/gateways/simulated/intents.ts';
import { createSimulatedGateway } from '../../services/payment/gateways/simulated/simulated-gateway.ts';
import { createPaymentService } from '../../services/payment/index.ts';
import type { PaymentResource } from '../../services/shared/contracts/payment-resource.ts';
import { type MarqueeEvent, newEvent } from '../../services/shared/events.ts';
import type { Platform, Service } from '../../services/shared/service.ts';
import { plusMillis } from '../../services/shared/time.ts';
import { indexesReady, startDocuments } from '../support/documents.ts';
import { invoiceFinalised, noon, paymentMethods } from '../support/money-events.ts';
import { partialEvent } from '../support/partial-event.ts';
import { accountWith } from '../support/payment-service.ts';
import { testPlatform } from '../support/platform.ts';
import { deliver, request } from '../support/service.ts';
import { until } from '../support/wait-until.ts';

const group = 'con_cus_1_EUR_inclusive_2026-01-31';
const amounts: Readonly<Record<string, number>> = { inv_sub_1_1: 1000, inv_sub_2_1: 500, inv_sub_3_1: 0 };
const subscriptionOf = (invoiceId: string): string => invoiceId.slice('inv_'.length, -'_1'.length);
const members = Object.entries(amounts).map(([invoiceId, amountDue]) => ({
  ...{ invoiceId, subscriptionId: subscriptionOf(invoiceId), amountDue },
}));
const consolidation = { id: group, number: 'MQ-2026-000001', members };

const finalised = (id: string): MarqueeEvent<'invoice.finalised'> =>
  invoiceFinalised({
    ...{ id, subscriptionId: subscriptionOf(id), amountDue: amounts[id] ?? 0, consolidation },
    status: amounts[id] === 0 ? 'paid' : 'open',
  });
const all = Object.keys(amounts).map(finalised);

const voided = (id: string): MarqueeEvent<'invoice.voided'> => {
  const { data } = finalised(id);
  return newEvent({ ...finalised(id), type: 'invoice.voided', sequence: 2, data: { ...data, status: 'void' } });
};

const retryDue = (invoiceId: string): MarqueeEvent<'subscription.retry-due'> =>
  partialEvent({ type: 'subscription.retry-due', subject: subscriptionOf(invoiceId), sequence: 12, data: { invoiceId, attempt: 2 } });

/**
 * A payment service whose customer pays by these tokens; the account service returns the current
 * ones.
 */
async function paying(t: ExecutionContext, ...tokens: readonly string[]) {
  const documents = await startDocuments(t);
  const published: MarqueeEvent<'payment.*'>[] = [];
  const setting = { tokens, now: noon, broker: async (_events: readonly MarqueeEvent[]): Promise<void> => {} };
  const invoke: Platform['invoke'] = async (...asked) => accountWith(setting.tokens)(...asked);
  const begin = async (connection: Connection): Promise<Service> => {
    const publish = async (events: readonly MarqueeEvent[]): Promise<void> => {
      await setting.broker(events);
      published.push(...(events as MarqueeEvent<'payment.*'>[]));
    };
    const platform = testPlatform({ documents: connection, published: [], publish, invoke, now: () => setting.now });
    const service = createPaymentService(platform);
    await indexesReady(connection);
    await service.start?.();
    t.teardown(() => service.stop?.());
    return service;
  };
  const service = await begin(documents);
  await deliver(service, paymentMethods(tokens));
  const intents = () => documents.collection<SimulatedIntent>('simulated_gateway_intents').find().sort({ reference: 1 }).toArray();
  const { ledger } = createSimulatedGateway(documents.useDb(documents.name));
  return { service, published, documents, setting, intents, ledger, anotherProcess: () => begin(documents.useDb(documents.name)) };
}

const payment = async (service: Service, invoiceId: string) =>
  (await request(service, 'get', `/v1/payments/pay_${invoiceId}`)).body as unknown as PaymentResource & { nextAction: unknown };
const settled = (service: Service, invoiceId: string, status: PaymentResource['status'], attempt = 1) =>
  until(async () => {
    const seen = await payment(service, invoiceId);
    return seen.status === status && seen.attempt === attempt;
  });
const bothSettled = async (service: Service, status: PaymentResource['status']) => {
  await settled(service, 'inv_sub_1_1', status);
  await settled(service, 'inv_sub_2_1', status);
};
const idsOf = (published: readonly MarqueeEvent[]) => [...new Set(published.map(({ id, type }) => `${id} ${type}`))].sort();

test('invoices of one consolidation are charged once, and each outcome has its own amount', async (t) => {
  const { service, published, ledger } = await paying(t, 'tok_ok');

  const follows = await deliver(service, ...all);
  await bothSettled(service, 'succeeded');

  t.deepEqual(follows, ['pay_inv_sub_1_1:1', 'pay_inv_sub_2_1:1']);
  t.like(await ledger(), { length: 1, 0: { reference: group, amount: 1500, currency: 'EUR', customerId: 'cus_1' } });
  t.deepEqual(idsOf(published), ['pay_inv_sub_1_1:1 payment.succeeded', 'pay_inv_sub_2_1:1 payment.succeeded']);
  t.deepEqual(published.map(({ data }) => data.amount).sort(), [1000, 500]);
  t.is((await request(service, 'get', '/v1/payments/pay_inv_sub_3_1')).status, 404, 'nothing is due of it');
});

test('repeats, in any order and by many concurrent processes, charge once', async (t) => {
  const { service, published, ledger, anotherProcess } = await paying(t, 'tok_ok');
  const other = await anotherProcess();

  await Promise.all([...all, ...all.toReversed(), ...all].map((event, index) => deliver(index % 2 ? service : other, event)));
  await bothSettled(service, 'succeeded');

  t.like(await ledger(), { length: 1, 0: { amount: 1500 } });
  t.is(idsOf(published).length, 2);
});

test('a consolidation with a single amount due is an ordinary payment', async (t) => {
  const { service, ledger } = await paying(t, 'tok_ok');
  const lonely = { ...consolidation, members: members.filter(({ invoiceId }) => invoiceId !== 'inv_sub_2_1') };
  const event = finalised('inv_sub_1_1');

  await deliver(service, { ...event, data: { ...event.data, consolidation: lonely } });
  await settled(service, 'inv_sub_1_1', 'succeeded');

  t.like(await ledger(), { length: 1, 0: { reference: 'inv_sub_1_1', amount: 1000 } });
});

test('the event of one invoice suffices to charge the whole consolidation', async (t) => {
  const { service, ledger } = await paying(t, 'tok_declined', 'tok_ok');

  await deliver(service, finalised('inv_sub_2_1'));
  await bothSettled(service, 'succeeded');

  t.like(await ledger(), { length: 1, 0: { reference: group, amount: 1500 } });
});

test('the intent of a declined charge is cancelled at the gateway, and each invoice is then retried alone', async (t) => {
  const { service, published, setting, intents, ledger } = await paying(t, 'tok_declined');
  await deliver(service, ...all);
  await bothSettled(service, 'declined');
  t.like(await intents(), { length: 1, 0: { reference: group, status: 'cancelled' } });
  t.like(await payment(service, 'inv_sub_1_1'), { category: 'soft', declineCode: 'insufficient_funds', amount: 1000 });

  setting.tokens = ['tok_ok'];
  await deliver(service, retryDue('inv_sub_1_1'));
  await settled(service, 'inv_sub_1_1', 'succeeded', 2);
  await deliver(service, retryDue('inv_sub_2_1'));
  await settled(service, 'inv_sub_2_1', 'succeeded', 2);

  const charged = (await ledger()).map(({ reference, amount }) => `${reference} ${amount}`);
  t.deepEqual(charged.sort(), ['inv_sub_1_1 1000', 'inv_sub_2_1 500']);
  t.deepEqual(idsOf(published), [
    'pay_inv_sub_1_1:1 payment.declined',
    'pay_inv_sub_1_1:2 payment.succeeded',
    'pay_inv_sub_2_1:1 payment.declined',
    'pay_inv_sub_2_1:2 payment.succeeded',
  ]);
});

test('a consolidation without a payment method is declined without a request to the gateway', async (t) => {
  const { service, intents } = await paying(t);

  await deliver(service, ...all);
  await bothSettled(service, 'declined');

  t.like(await payment(service, 'inv_sub_2_1'), { category: 'no-payment-method' });
  t.is((await intents()).length, 0);
});

test('the confirmation of any one payment confirms all', async (t) => {
  const { service, published, ledger } = await paying(t, 'tok_3ds');
  await deliver(service, ...all);
  await bothSettled(service, 'action-required');
  const [one, other] = [await payment(service, 'inv_sub_1_1'), await payment(service, 'inv_sub_2_1')];
  t.deepEqual(one.nextAction, other.nextAction, 'there is one secret');

  t.like(await request(service, 'post', '/v1/payments/pay_inv_sub_2_1/confirm'), { status: 200, body: { status: 'succeeded' } });
  await bothSettled(service, 'succeeded');

  t.like(await ledger(), { length: 1, 0: { reference: group, amount: 1500 } });
  t.deepEqual(idsOf(published), [
    'pay_inv_sub_1_1:1 payment.action-required',
    'pay_inv_sub_1_1:2 payment.succeeded',
    'pay_inv_sub_2_1:1 payment.action-required',
    'pay_inv_sub_2_1:2 payment.succeeded',
  ]);
});

test('an invoice that is retried while the charge waits for the customer is charged alone, and nothing is charged twice', async (t) => {
  const { service, setting, ledger } = await paying(t, 'tok_3ds');
  await deliver(service, ...all);
  await bothSettled(service, 'action-required');

  setting.tokens = ['tok_ok'];
  await deliver(service, retryDue('inv_sub_1_1'));
  await settled(service, 'inv_sub_1_1', 'succeeded', 2);
  await request(service, 'post', '/v1/payments/pay_inv_sub_2_1/confirm');
  await settled(service, 'inv_sub_2_1', 'declined');
  t.like(await payment(service, 'inv_sub_2_1'), { category: 'soft', declineCode: 'intent_cancelled' });
  await deliver(service, retryDue('inv_sub_2_1'));
  await settled(service, 'inv_sub_2_1', 'succeeded', 2);

  t.deepEqual((await ledger()).map(({ reference }) => reference).sort(), ['inv_sub_1_1', 'inv_sub_2_1']);
});

test('an invoice that is voided before the charge is not part of the charge', async (t) => {
  const { service, ledger } = await paying(t, 'tok_ok');
  await deliver(service, voided('inv_sub_2_1'));

  await deliver(service, ...all);
  await settled(service, 'inv_sub_1_1', 'succeeded');

  t.like(await ledger(), { length: 1, 0: { reference: group, amount: 1000 } });
  t.like(await payment(service, 'inv_sub_2_1'), { status: 'cancelled' });
});

test('an invoice that is voided while the charge waits for the customer has the money published as its payment, and the others are paid', async (t) => {
  const { service, published, ledger, intents } = await paying(t, 'tok_3ds');
  await deliver(service, ...all);
  await bothSettled(service, 'action-required');

  await deliver(service, voided('inv_sub_1_1'));
  await settled(service, 'inv_sub_1_1', 'cancelled');
  await request(service, 'post', '/v1/payments/pay_inv_sub_2_1/confirm');
  await bothSettled(service, 'succeeded');

  t.like(await intents(), { length: 1, 0: { status: 'succeeded' } });
  t.like(await ledger(), { length: 1, 0: { amount: 1500 } });
  t.true(idsOf(published).includes('pay_inv_sub_1_1:2 payment.succeeded'), 'late money becomes credit');
});

test('when all invoices are voided while the charge waits, its intent is cancelled', async (t) => {
  const { service, intents } = await paying(t, 'tok_3ds');
  await deliver(service, ...all);
  await bothSettled(service, 'action-required');

  await deliver(service, voided('inv_sub_1_1'), voided('inv_sub_2_1'));
  await until(async () => (await intents())[0]?.status === 'cancelled');

  t.like(await payment(service, 'inv_sub_2_1'), { status: 'cancelled' });
});

for (const [outcome, token, status] of [
  ['success', 'tok_ok', 'succeeded'],
  ['decline', 'tok_declined', 'declined'],
  ['request for authentication', 'tok_3ds', 'action-required'],
] as const)
  test(`given a process that dies between the gateway and the events of a ${outcome}, when the next process starts, then it publishes the outcome once`, async (t) => {
    const { service, published, setting, intents, anotherProcess } = await paying(t, token);
    const { promise: reached, resolve: reach } = Promise.withResolvers<void>();
    setting.broker = async () => {
      reach();
      await new Promise(() => {});
    };
    await deliver(service, ...all);
    await reached;
    setting.broker = async () => {};
    setting.now = plusMillis(noon, 60_000);
    setting.tokens = ['tok_stolen'];

    await anotherProcess();
    await bothSettled(service, status);

    t.is((await intents()).length, 1);
    t.deepEqual(idsOf(published), [`pay_inv_sub_1_1:1 payment.${status}`, `pay_inv_sub_2_1:1 payment.${status}`]);
  });

test('given a process that dies between the documents, when the next process starts, then the other payment has the same outcome', async (t) => {
  const { service, documents, published, ledger, setting, anotherProcess } = await paying(t, 'tok_ok');
  await deliver(service, ...all);
  await bothSettled(service, 'succeeded');
  const before = { $set: { status: 'processing', sequence: 0, settledAt: null, intentId: null } } as never;
  await documents.collection('payments').updateOne({ _id: 'pay_inv_sub_2_1' } as never, before);
  setting.now = plusMillis(noon, 60_000);

  await anotherProcess();
  await bothSettled(service, 'succeeded');

  t.is((await ledger()).length, 1);
  t.deepEqual(idsOf(published), ['pay_inv_sub_1_1:1 payment.succeeded', 'pay_inv_sub_2_1:1 payment.succeeded']);
});

test('given a crash that left one payment unmarked as waiting, when the customer confirms the other, then both are paid under the next number', async (t) => {
  const { service, documents, published, ledger } = await paying(t, 'tok_3ds');
  await deliver(service, ...all);
  await bothSettled(service, 'action-required');
  const before = {
    $set: { status: 'processing', sequence: 0, settledAt: null, intentId: null, clientSecret: null, category: null },
  } as never;
  await documents.collection('payments').updateOne({ _id: 'pay_inv_sub_1_1' } as never, before);

  await request(service, 'post', '/v1/payments/pay_inv_sub_2_1/confirm');
  await bothSettled(service, 'succeeded');

  t.is((await ledger()).length, 1);
  t.true(idsOf(published).includes('pay_inv_sub_1_1:2 payment.succeeded'));
});

test('after the idempotency keys have expired, the outcome is only read', async (t) => {
  const { service, published, setting, ledger, anotherProcess } = await paying(t, 'tok_ok');
  setting.broker = () => new Promise(() => {});
  await deliver(service, ...all);
  await until(async () => (await ledger()).length === 1);
  setting.broker = async () => {};
  setting.now = plusMillis(noon, 24 * 3_600_000);

  await anotherProcess();
  await bothSettled(service, 'succeeded');

  t.is((await ledger()).length, 1);
  t.is(idsOf(published).length, 2);
});
