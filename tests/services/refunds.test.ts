import test, { type ExecutionContext } from 'ava';
import { createGateways } from '../../services/payment/gateways/gateways.ts';
import { createRefundQueue } from '../../services/payment/refunds/refund-queue.ts';
import { createPaymentStore, type PaymentStore } from '../../services/payment/store.ts';
import type { EventData } from '../../services/shared/contracts/events.ts';
import type { MarqueeEvent } from '../../services/shared/events.ts';
import type { Service } from '../../services/shared/service.ts';
import { plusMillis } from '../../services/shared/time.ts';
import { invoiceFinalised, noon } from '../support/money-events.ts';
import { partialEvent } from '../support/partial-event.ts';
import { paymentId as id, paidWith, paymentOf, settledAs } from '../support/payment-service.ts';
import { testPlatform } from '../support/platform.ts';
import { deliver, request } from '../support/service.ts';
import { until } from '../support/wait-until.ts';

/** A successful payment, and the published events of its refunds. */
async function paid(t: ExecutionContext, token = 'tok_ok') {
  const parts = await paidWith(t, token);
  return { ...parts, refundEvents: () => parts.published.filter(({ type }) => type.startsWith('refund.')) as unknown as RefundEvent[] };
}
type RefundEvent = MarqueeEvent<'refund.*'>;

const refund = (service: Service, body: object, idempotencyKey?: string) =>
  request(service, 'post', `/v1/payments/${id}/refunds`, { body: { reason: 'sorry', ...body }, ...(idempotencyKey && { idempotencyKey }) });

const noteIssued = (changes: Partial<EventData<'credit-note.issued'>> = {}): MarqueeEvent<'credit-note.issued'> =>
  partialEvent({
    type: 'credit-note.issued',
    subject: 'cn_1',
    data: { invoiceId: 'inv_sub_1_1', subscriptionId: 'sub_1', reason: 'cancellation', refund: 500, ...changes },
  });

test('a refund is made at the gateway, is published once, and leaves the rest refundable', async (t) => {
  const { service, gateway, refundEvents } = await paid(t);

  const answer = await refund(service, { amount: 500 });

  t.like(answer, { status: 201, body: { status: 'succeeded', amount: 500, to: 'method', paymentId: id, invoiceId: 'inv_sub_1_1' } });
  t.like(refundEvents(), { length: 1, 0: { type: 'refund.succeeded', sequence: 1, data: { amount: 500, currency: 'EUR' } } });
  t.like(await refund(service, {}), { status: 201, body: { amount: 1299 } }, 'without an amount, all that is left');
  t.like(await gateway.ledger(), { length: 1, 0: { amount: 1799, refunded: 1799 } });
  t.like((await request(service, 'get', `/v1/payments/${id}/refunds`)).body, { data: [{ amount: 500 }, { amount: 1299 }] });
});

test('a repeat of the same request refunds once', async (t) => {
  const { service, gateway, refundEvents } = await paid(t);

  const responses = await Promise.all(Array.from({ length: 10 }, () => refund(service, { amount: 500 }, 'key-1')));

  t.is(new Set(responses.map(({ body }) => body.id)).size, 1);
  t.is(new Set(refundEvents().map((event) => event.id)).size, 1);
  t.like(await gateway.ledger(), [{ refunded: 500 }]);
});

test('concurrent refunds never exceed the payment', async (t) => {
  const { service, gateway } = await paid(t);

  const responses = await Promise.all(Array.from({ length: 10 }, () => refund(service, { amount: 500 })));

  const refused = responses.filter(({ status }) => status >= 300);
  t.is(refused.length, 7);
  t.true(refused.every(({ body }) => body.code === 'exceeds-refundable'));
  await until(async () => ((await gateway.ledger())[0]?.refunded ?? 0) >= 1500);
  t.like(await gateway.ledger(), [{ refunded: 1500 }]);
});

test('an unpaid payment is not refunded, and invalid input is refused with a pointer to its field', async (t) => {
  const { service } = await paymentOf(t, { tokens: ['tok_declined'] });
  await deliver(service, invoiceFinalised());
  await settledAs(service, 'declined');

  t.like(await refund(service, {}), { status: 409, body: { code: 'payment-not-succeeded' } });
  t.like(await refund(service, { amount: 0 }), { status: 422, body: { errors: [{ pointer: '/amount' }] } });
  t.like(await refund(service, { to: 'cash' }), { status: 422, body: { errors: [{ pointer: '/to' }] } });
  t.like(await request(service, 'post', '/v1/payments/pay_none/refunds', { body: { reason: 'sorry' } }), { status: 404 });
});

test('an amount above the refundable rest is refused with a pointer', async (t) => {
  const { service } = await paid(t);

  t.like(await refund(service, { amount: 1800 }), { status: 422, body: { errors: [{ pointer: '/amount', code: 'exceeds-refundable' }] } });
});

test('a pending refund is read at the gateway until it has arrived', async (t) => {
  const { service, gateway, refundEvents, setNow } = await paid(t, 'tok_refund_pending');

  const request = refund(service, { amount: 500 });
  await until(async () => (await gateway.ledger())[0]?.refunded === 500);
  setNow(plusMillis(noon, 10_000));

  t.like(await request, { status: 201, body: { status: 'succeeded' } });
  await until(() => refundEvents().length > 0);
  t.like(refundEvents(), [{ type: 'refund.succeeded', data: { amount: 500, status: 'succeeded' } }]);
});

test('a refund that the gateway refuses has failed, and its amount is refundable again', async (t) => {
  const { service, refundEvents } = await paid(t, 'tok_refund_refused');

  t.like(await refund(service, {}), { body: { status: 'failed', failureCode: 'charge_not_refundable' } });
  t.like(refundEvents(), [{ type: 'refund.failed' }]);
  t.like(await refund(service, { to: 'credit' }), { body: { status: 'succeeded', amount: 1799, to: 'credit' } });
});

test('a refund as account credit sends no request to a gateway', async (t) => {
  const { service, gateway } = await paid(t);

  t.like(await refund(service, { amount: 500, to: 'credit' }), { status: 201, body: { status: 'succeeded', to: 'credit' } });
  t.like(await gateway.ledger(), [{ refunded: 0 }]);
});

test('a credit note with a refund is refunded once, however often its event is delivered', async (t) => {
  const { service, gateway, refundEvents } = await paid(t);

  const follows = await Promise.all(Array.from({ length: 5 }, () => deliver(service, noteIssued())));
  await until(async () => refundEvents().length > 0);
  await deliver(service, noteIssued());

  t.deepEqual([...new Set(follows.flat())], ['ref_cn_1:1']);
  t.like(refundEvents()[0], { type: 'refund.succeeded', data: { creditNoteId: 'cn_1', amount: 500 } });
  t.like(await gateway.ledger(), [{ refunded: 500 }]);
});

test('a credit note above the refundable rest fails permanently, and each delivery publishes the failure again', async (t) => {
  const { service, gateway, refundEvents } = await paid(t);
  await refund(service, { amount: 1500 });

  await deliver(service, noteIssued());
  await deliver(service, noteIssued());

  t.deepEqual(
    refundEvents()
      .map((event) => `${event.id} ${event.type} ${event.data.failureCode}`)
      .slice(1),
    Array(2).fill('ref_cn_1:1 refund.failed exceeds-refundable'),
  );
  t.like(await gateway.ledger(), [{ refunded: 1500 }]);
});

test('a refund whose process died between the gateway and its event is published by another process, once', async (t) => {
  const { service, gateway, anotherProcess, published, documents } = await paid(t);
  await deliver(service, noteIssued());
  await until(async () => {
    const { data } = (await request(service, 'get', `/v1/payments/${id}/refunds`)).body as { data: { status: string }[] };
    return data[0]?.status === 'succeeded';
  });
  await documents.collection('payments').updateOne(
    { _id: id as never },
    {
      $set: { refundsOwed: true, 'refunds.0.status': 'processing', 'refunds.0.settledAt': null, 'refunds.0.gatewayRefundId': null },
    },
  );
  const before = published.length;

  await anotherProcess();
  await until(async () => published.length > before);

  t.is(published.at(-1)?.id, 'ref_cn_1:1');
  t.like(await gateway.ledger(), [{ refunded: 500 }]);
});

test('a refund may reopen its invoice, except as account credit', async (t) => {
  const { service, refundEvents } = await paid(t);

  t.like(await refund(service, { to: 'credit', reopen: true }), { status: 422, body: { errors: [{ pointer: '/reopen' }] } });
  t.deepEqual(refundEvents(), []);
  t.like(await refund(service, { reopen: true }), { status: 201, body: { status: 'succeeded', amount: 1799, reopen: true } });
  t.like(refundEvents(), [{ type: 'refund.succeeded', data: { reopen: true } }]);
  t.like(await request(service, 'post', '/v1/invoices/inv_sub_1_1/pay'), { status: 409, body: { code: 'charged-once' } });
});

test('a refund that is recorded while its payment is being read is settled soon after', async (t) => {
  const first = await paid(t);
  const documents = first.documents.useDb(first.documents.name);
  const store = createPaymentStore(documents);
  const published: MarqueeEvent[] = [];
  const platform = testPlatform({ documents, published });
  const gateways = createGateways(documents, platform.config, async () => {});
  const [read, mayAnswer] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let readings = 0;
  const find: PaymentStore['find'] = async (ids) => {
    const found = await store.find(ids);
    readings += 1;
    if (readings === 2) {
      read.resolve();
      await mayAnswer.promise;
    }
    return found;
  };
  const refundQueue = createRefundQueue(platform, { ...store, find }, gateways);
  await refundQueue.start();
  t.teardown(refundQueue.stop);
  const refundRequest = { amount: 100, to: 'method', reason: 'sorry', creditNoteId: null } as const;
  await refundQueue.record(id, { ...refundRequest, id: 'ref_1' }, noon);
  await read.promise;

  await refundQueue.record(id, { ...refundRequest, id: 'ref_2' }, noon);
  mayAnswer.resolve();

  await until(async () => published.some(({ subject }) => subject === 'ref_2'));
  t.is(new Set(published.map(({ subject }) => subject)).size, 2);
});
