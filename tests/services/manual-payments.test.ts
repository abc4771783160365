import test, { type ExecutionContext } from 'ava';
import { createFundsApplier, offlineFunds } from '../../services/invoicing/apply-funds.ts';
import { createInvoicingService } from '../../services/invoicing/index.ts';
import type { AppliedFunds } from '../../services/invoicing/invoice.ts';
import { createInvoiceStore } from '../../services/invoicing/store.ts';
import type { MarqueeEvent } from '../../services/shared/events.ts';
import { voidRefundIdOf } from '../../services/shared/ids.ts';
import { indexesReady, startDocuments } from '../support/documents.ts';
import { customerCreated, invoiceFinalised, noon, paymentSettled, refundSettled, renewalDue } from '../support/money-events.ts';
import { paymentId, paymentOf, retryDue, settledAs } from '../support/payment-service.ts';
import { testPlatform } from '../support/platform.ts';
import { deliver, request } from '../support/service.ts';
import { until } from '../support/wait-until.ts';
import { workedCaseTest } from '../support/worked-cases.ts';

const invoiceId = 'inv_sub_1_1';

/**
 * An open invoice of EUR 12.00, and a payment service that lets its payment be lowered, or does
 * not.
 */
async function openInvoice(t: ExecutionContext, agrees: () => boolean = () => true) {
  const documents = await startDocuments(t);
  const published: MarqueeEvent[] = [];
  const service = createInvoicingService(testPlatform({ documents, published, invoke: async () => ({ agreed: agrees() }) }));
  await indexesReady(documents);
  await deliver(service, customerCreated());
  await deliver(service, renewalDue({ lines: [{ amount: 1200 }] }));
  return {
    service,
    documents,
    publishedTypes: () => published.map(({ type }) => type).filter((type) => type !== 'invoice.finalised'),
    invoice: async () => (await request(service, 'get', `/v1/invoices/${invoiceId}`)).body,
    voided: (body: object) => request(service, 'post', `/v1/invoices/${invoiceId}/void`, { body }),
    balance: async () => (await request(service, 'get', '/v1/customers/cus_1/credit-balance')).body.amount,
    record: (body: object, idempotencyKey?: string) =>
      request(service, 'post', `/v1/invoices/${invoiceId}/payments`, {
        body: { reference: 'RF18 5390', ...body },
        ...(idempotencyKey && { idempotencyKey }),
      }),
  };
}

test('a bank transfer of the amount due pays the invoice, with its reference and proof', async (t) => {
  const { record, invoice, publishedTypes } = await openInvoice(t);

  const response = await record({ amount: 1200, proof: 'statement-7.pdf', receivedAt: '2026-02-03T00:00:00Z' });

  t.like(response, { status: 201, body: { status: 'paid', amountPaid: 1200, amountRemaining: 0 } });
  t.like((await invoice()).settlements, [
    { kind: 'manual', amount: 1200, receipt: { method: 'bank-transfer', reference: 'RF18 5390', proof: 'statement-7.pdf' } },
  ]);
  t.deepEqual(publishedTypes(), ['invoice.payment-recorded', 'invoice.paid']);
});

test('a partial payment leaves the rest due, and the same key records it once', async (t) => {
  const { record, invoice, publishedTypes } = await openInvoice(t);

  for (let times = 0; times < 3; times += 1) t.like(await record({ amount: 300 }, 'key-1'), { status: 201, body: { status: 'open' } });

  t.like(await invoice(), { amountPaid: 300, amountDue: 1200, amountRemaining: 900 });
  t.is(new Set(publishedTypes()).size, 1);
  t.like(await record({ amount: 900 }), { body: { status: 'paid', amountPaid: 1200 } });
});

test('a charge after a partial offline payment pays the rest, and an overpayment becomes credit', async (t) => {
  const { record, invoice, service, balance } = await openInvoice(t);
  await record({ amount: 300 });

  const late = paymentSettled(invoiceId, 'succeeded', { amount: 1200 });
  await deliver(service, late);
  await deliver(service, late);

  t.like(await invoice(), { status: 'paid', amountPaid: 1500, amountRemaining: 0 });
  t.is(await balance(), 300);
});

test('a void of a partially paid invoice returns the part as credit, once', async (t) => {
  const { record, invoice, voided, balance } = await openInvoice(t);
  await record({ amount: 300 });

  for (let times = 0; times < 2; times += 1) await voided({});

  t.like(await invoice(), { status: 'void', amountPaid: 300, amountRemaining: 0 });
  t.is(await balance(), 300);
});

test('a void refunds the requested amount and returns the rest as credit, with goodwill on request', async (t) => {
  const { record, invoice, balance, voided } = await openInvoice(t);
  await record({ amount: 300 });

  t.like(await voided({ refund: 200, credit: 400 }), { status: 200, body: { status: 'void', givenBack: { credit: 400, refund: 200 } } });
  t.like(
    await voided({ refund: 300 }),
    { status: 200, body: { givenBack: { credit: 400, refund: 200 } } },
    'a repeat returns nothing more',
  );

  t.is(await balance(), 400);
  t.like(await invoice(), { amountRemaining: 0 });
});

for (const [fault, body, code, pointer] of [
  ['more money than was paid', { refund: 301 }, 'exceeds-paid', '/refund'],
  ['more than the total', { refund: 300, credit: 901 }, 'exceeds-total', '/credit'],
  ['less than was paid', { refund: 100, credit: 199 }, 'keeps-paid', '/credit'],
  ['a negative amount', { refund: -1 }, 'invalid-request', '/refund'],
] as const)
  test(`a void that would return ${fault} is refused with a pointer, and the invoice stays open`, async (t) => {
    const { record, invoice, balance, voided } = await openInvoice(t);
    await record({ amount: 300 });
    const response = await voided(body);
    t.is(response.status, 422);
    t.like((response.body.errors as object[])[0], { pointer }, code);
    t.like(await invoice(), { status: 'open', givenBack: null });
    t.is(await balance(), 0);
  });

test('a refund of a void that fails becomes credit, once', async (t) => {
  const { record, service, balance, voided } = await openInvoice(t);
  await record({ amount: 300 });
  await voided({ refund: 300 });
  const failed = refundSettled({ status: 'failed', amount: 300, id: voidRefundIdOf(invoiceId), reason: 'void' });

  await deliver(service, failed, failed);

  t.is(await balance(), 300);
});

workedCaseTest('LG-25', async (t, { steps, expect, given: { plans, tax } }) => {
  const [, { params: received } = {}, { params: requested } = {}] = steps;
  const total = (plans.M?.price as number) * (1 + (tax?.rate ?? 0) / 100);
  const [, given, forgone] = expect;
  const { record, voided, balance } = await openInvoice(t);
  await record({ amount: Number(received?.amount) });

  const back = { credit: Number(requested?.credit), refund: Number(requested?.refund) };
  t.like(await voided(back), { status: 200, body: { status: 'void', total, amountRemaining: 0, givenBack: back } });

  t.is(back.credit + back.refund, given?.amount as number);
  t.is(total - back.credit - back.refund, forgone?.amount as number, 'nobody owes the rest');
  t.is(await balance(), back.credit);
});

test('no offline payment is recorded while the payment is under way', async (t) => {
  const { record, invoice } = await openInvoice(t, () => false);

  t.like(await record({ amount: 300 }), { status: 409, body: { code: 'payment-under-way' } });
  t.like(await invoice(), { status: 'open', amountPaid: 0, settlements: [] });
});

test('concurrent offline payments never exceed the amount due', async (t) => {
  const { record, invoice } = await openInvoice(t);

  const responses = await Promise.all(Array.from({ length: 8 }, () => record({ amount: 500 })));

  const recorded = responses.filter(({ status }) => status === 201).length;
  t.true(recorded >= 1 && recorded <= 2);
  t.like(await invoice(), { amountPaid: recorded * 500, amountRemaining: 1200 - recorded * 500 });
});

test('an offline payment that exceeds what a concurrent one left is refused', async (t) => {
  const { record, invoice, documents } = await openInvoice(t);
  const connection = documents.useDb(documents.name);
  const invoices = createInvoiceStore(connection);
  const before = (await invoices.find([invoiceId])).get(invoiceId);
  if (before === undefined) return t.fail();
  await record({ amount: 700 });

  const applier = createFundsApplier(
    testPlatform({ documents: connection, published: [], invoke: async () => ({ agreed: true }) }),
    invoices,
  );
  const late: AppliedFunds = { id: 'pay_late', kind: 'manual', amount: 700, at: noon, receipt: null };
  await applier.apply(before, { id: late.id, at: noon, manual: late }, offlineFunds(late));

  t.like(await invoice(), { status: 'open', amountPaid: 700, amountRemaining: 500 });
});

for (const [fault, body, code, pointer] of [
  ['more than is due', { amount: 1201 }, 'exceeds-due', '/amount'],
  ['nothing', { amount: 0 }, 'invalid-request', '/amount'],
  ['no reference', { amount: 1, reference: '' }, 'invalid-request', '/reference'],
] as const)
  test(`an offline payment of ${fault} is refused with a pointer, and nothing is recorded`, async (t) => {
    const { record, invoice } = await openInvoice(t);
    const response = await record(body);
    t.is(response.status, 422);
    t.like((response.body.errors as object[])[0], { pointer }, code);
    t.like(await invoice(), { amountPaid: 0 });
  });

test('the next start completes an offline payment that a crash interrupted', async (t) => {
  let isAway = true;
  const { record, service, invoice, publishedTypes } = await openInvoice(t, () => {
    if (isAway) throw new Error('payment is unavailable');
    return true;
  });
  await t.throwsAsync(record({ amount: 1200 }), { message: 'payment is unavailable' });

  isAway = false;
  await service.start?.();
  await service.start?.();

  t.like(await invoice(), { status: 'paid', amountPaid: 1200 });
  t.deepEqual([...new Set(publishedTypes())], ['invoice.payment-recorded', 'invoice.paid']);
});

const owe = async (service: Parameters<typeof request>[0], amount: number) => {
  const route = service.internal?.find(({ path }) => path === '/payments/:id/owe');
  const response = await route?.handle({ params: { id: paymentId }, body: { amount } } as never);
  return (response as { body: { agreed: boolean } } | undefined)?.body.agreed;
};

test('a failed payment that is lowered ends its intent and charges the rest with another one', async (t) => {
  const { service, gateway, documents } = await paymentOf(t, { tokens: ['tok_declined_until:2026-02-01T00:00:00Z'] });
  await deliver(service, invoiceFinalised());
  await settledAs(service, 'declined');

  t.true(await owe(service, 1000));
  t.true(await owe(service, 1000), 'a repeat finds it so');
  await deliver(service, retryDue(2, '2026-02-02T00:00:00.000Z'));
  await settledAs(service, 'succeeded', 2);

  t.like(await gateway.ledger(), { length: 1, 0: { reference: 'inv_sub_1_1.2', amount: 1000 } });
  const intents = await documents.collection('simulated_gateway_intents').find({}).toArray();
  t.deepEqual(intents.map(({ amount, status }) => `${amount} ${status}`).sort(), ['1000 succeeded', '1799 cancelled']);
});

test('a payment that is under way or has succeeded cannot be lowered', async (t) => {
  const { service } = await paymentOf(t);
  t.false(await owe(service, 1000));
  await deliver(service, invoiceFinalised());
  await settledAs(service, 'succeeded');

  t.false(await owe(service, 1000));
  t.false(await owe(service, 0));
});

test('an offline payment can be refunded, and its refund is only recorded', async (t) => {
  const { service, published, gateway } = await paymentOf(t);
  const settlement = { id: 'pay_hand', kind: 'manual', amount: 300, at: noon, receipt: null } as const;
  const recorded = { ...invoiceFinalised({ settlements: [settlement] }), type: 'invoice.payment-recorded' } as const;
  await deliver(service, recorded, recorded);

  t.like((await request(service, 'get', '/v1/payments/pay_hand')).body, { gateway: 'manual', status: 'succeeded', amount: 300 });
  const response = await request(service, 'post', '/v1/payments/pay_hand/refunds', { body: { reason: 'sent twice' } });
  t.like(response, { status: 201, body: { status: 'succeeded', amount: 300 } });
  await until(async () => published.length > 0);
  t.deepEqual([...new Set(published.map(({ type }) => type))], ['refund.succeeded']);
  t.deepEqual(await gateway.ledger(), []);
});

test('an offline payment that a void returns is one refund, however often the event is delivered', async (t) => {
  const { service, published } = await paymentOf(t);
  const settlement = { id: 'pay_hand', kind: 'manual', amount: 300, at: noon, receipt: null } as const;
  const voided = invoiceFinalised({ settlements: [settlement], status: 'void', givenBack: { credit: 0, refund: 300 } });
  await t.throwsAsync(deliver(service, { ...voided, type: 'invoice.voided' }), { message: /has no successful payment yet/ });

  await deliver(service, { ...voided, type: 'invoice.payment-recorded' });
  await deliver(service, { ...voided, type: 'invoice.voided' }, { ...voided, type: 'invoice.voided' });

  await until(async () => published.length > 0);
  t.deepEqual([...new Set(published.map(({ id }) => id))], [`${voidRefundIdOf(invoiceId)}:1`]);
  t.like(published[0], { type: 'refund.succeeded', data: { amount: 300, paymentId: 'pay_hand', creditNoteId: null } });
});
