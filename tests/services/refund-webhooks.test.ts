import test, { type ExecutionContext } from 'ava';
import type { RefundResource } from '../../services/shared/contracts/payment-resource.ts';
import type { MarqueeEvent } from '../../services/shared/events.ts';
import { noon } from '../support/money-events.ts';
import { paymentId as id, paidWith } from '../support/payment-service.ts';
import { request } from '../support/service.ts';
import { returnEvent, send, storedWebhooks, stripeWebhooks } from '../support/stripe-webhooks.ts';
import { until } from '../support/wait-until.ts';

/** A successful payment, and refunds made at the gateway itself. */
async function paid(t: ExecutionContext, token = 'tok_ok') {
  const parts = await paidWith(t, token, { config: { stripe: stripeWebhooks } });
  const { service, gateway, published, intentId } = parts;
  return {
    ...parts,
    refundThere: (amount: number, name = 'dashboard') => gateway.refund(name, { reference: name, intentId, amount }, noon),
    deliverWebhook: (type: string, event = `evt_${type}`) => send(service, returnEvent(event, type, intentId)),
    refunds: async () => (await request(service, 'get', `/v1/payments/${id}/refunds`)).body.data as RefundResource[],
    refund: (body: object) => request(service, 'post', `/v1/payments/${id}/refunds`, { body: { reason: 'sorry', ...body } }),
    publishedRefunds: () => published.filter(({ type }) => type.startsWith('refund.')) as unknown as MarqueeEvent<'refund.*'>[],
    handled: () => until(async () => (await storedWebhooks(service)).every(({ handledAt }) => handledAt !== null)),
  };
}

for (const type of ['refund.created', 'refund.updated', 'charge.refunded', 'charge.refund.updated'])
  test(`a refund made at the gateway is recorded, published once and counted, by ${type}`, async (t) => {
    const { refundThere, deliverWebhook, refunds, publishedRefunds, refund, handled } = await paid(t);
    await refundThere(500);

    await deliverWebhook(type);
    await deliverWebhook(type, 'evt_again');
    await until(async () => (await refunds())[0]?.status === 'succeeded');
    await handled();

    t.like(await refunds(), { length: 1, 0: { amount: 500, origin: 'gateway', to: 'method', status: 'succeeded' } });
    t.deepEqual(
      [...new Set(publishedRefunds().map((event) => `${event.type} ${event.id}`))],
      [`refund.succeeded ${(await refunds())[0]?.id}:1`],
    );
    t.like(await refund({ amount: 1300 }), { status: 422, body: { code: 'exceeds-refundable' } });
    t.like(await refund({}), { status: 201, body: { amount: 1299, origin: 'marquee' } });
  });

test('two refunds made at the gateway are two, in either order of delivery', async (t) => {
  const { refundThere, deliverWebhook, refunds } = await paid(t);
  await refundThere(500);
  await refundThere(300, 'another');

  await deliverWebhook('refund.created');

  await until(async () => (await refunds()).filter(({ status }) => status === 'succeeded').length === 2);
  t.deepEqual(
    (await refunds()).map(({ amount }) => amount),
    [500, 300],
  );
});

test('a webhook about a refund that was requested here adds none', async (t) => {
  const { deliverWebhook, refunds, refund, publishedRefunds, handled } = await paid(t);
  await refund({ amount: 500 });

  await deliverWebhook('refund.created');
  await handled();

  t.like(await refunds(), { length: 1, 0: { amount: 500, origin: 'marquee', status: 'succeeded' } });
  t.is(publishedRefunds().length, 1);
});

test('a refund that the bank returns after its success has failed, is published as failed, and is refundable again', async (t) => {
  const { deliverWebhook, refunds, refund, publishedRefunds, documents } = await paid(t);
  await refund({ amount: 500 });
  await documents.collection('simulated_gateway_intents').updateOne({}, { $set: { 'refunds.0.status': 'refused', refunded: 0 } });

  await deliverWebhook('refund.failed');
  await until(async () => (await refunds())[0]?.status === 'failed');

  t.deepEqual(
    publishedRefunds().map(({ type, sequence }) => `${type} ${sequence}`),
    ['refund.succeeded 1', 'refund.failed 2'],
  );
  t.like(await refund({}), { status: 201, body: { amount: 1799 } });
});

test('a webhook that overtakes the outcome of its own charge waits for it', async (t) => {
  const { service, deliverWebhook, refundThere, refunds, documents } = await paid(t);
  await refundThere(500);
  const payments = documents.collection('payments');
  const before = await payments.findOne({ _id: id as never });
  await payments.updateOne({ _id: id as never }, { $set: { status: 'processing', step: 'pending', lookAt: '2999-01-01T00:00:00.000Z' } });

  await deliverWebhook('charge.refunded');
  await payments.replaceOne({ _id: id as never }, before as never);

  await until(async () => (await refunds())[0]?.status === 'succeeded');
  await until(async () => (await storedWebhooks(service))[0]?.handledAt !== null);
  t.is((await refunds()).length, 1);
});

test('a webhook about a refund of a charge made elsewhere is stored and done', async (t) => {
  const { service, refunds, handled } = await paid(t);

  await send(service, returnEvent('evt_1', 'charge.refunded', 'pi_foreign'));
  await handled();

  t.deepEqual(await refunds(), []);
});
