import test, { type ExecutionContext } from 'ava';
import { createConsolidatedStore } from '../../services/payment/charging/consolidated/consolidated-store.ts';
import { createGateways } from '../../services/payment/gateways/gateways.ts';
import { createReconciliationRunner, nightlyRun } from '../../services/payment/reconciliation/run.ts';
import { createReconciliationStore } from '../../services/payment/reconciliation/store.ts';
import { createPaymentStore } from '../../services/payment/store.ts';
import { type Ledgers, ledgersOf, reportOf } from '../support/ledgers.ts';
import { noon } from '../support/money-events.ts';
import { request } from '../support/service.ts';
import { until } from '../support/wait-until.ts';

const intents = 'simulated_gateway_intents';
const ofOne = { _id: 'pay_inv_sub_1_1' } as never;
const intentOf = async ({ gateway }: Ledgers, reference = 'inv_sub_1_1') =>
  (await gateway.ledger()).find((charge) => charge.reference === reference)?.intentId as string;

/** Three renewals of a day, paid, and known to all services. */
async function paidLedgers(t: ExecutionContext): Promise<Ledgers> {
  const ledgers = await ledgersOf(t);
  for (const n of [1, 2, 3]) await ledgers.renew(n);
  for (const n of [1, 2, 3]) await ledgers.paid(n);
  return ledgers;
}

test.serial('ledgers that agree have no differences, and the same totals on both sides', async (t) => {
  const { reconcile } = await paidLedgers(t);

  const report = await reconcile();

  t.like(report, { from: '2026-01-31T00:00:00.000Z', to: '2026-02-01T00:00:00.000Z', requestedBy: 'usr_test' });
  t.deepEqual(report.counts, { charges: 3, refunds: 0, payments: 3, invoices: 3, differences: 0 });
  t.deepEqual(report.totals, { EUR: { gatewayCharged: 5397, paymentsCharged: 5397, gatewayRefunded: 0, paymentsRefunded: 0 } });
  t.deepEqual(report.differences, { data: [], nextCursor: null });
});

type Broken = { readonly kind: string; readonly make: (ledgers: Ledgers) => Promise<unknown> };

/** Breaks ledgers that agree, and expects one difference that its repair removes. */
const mended = test.macro<
  [Broken & { readonly expected: object; readonly after?: (t: ExecutionContext, ledgers: Ledgers) => Promise<void> }]
>({
  title: (given, { kind }) => `${given} is named ${kind}, repaired by the operation, and gone in the next run`,
  exec: async (t, { kind, make, expected, after }) => {
    const ledgers = await paidLedgers(t);
    await make(ledgers);

    const report = await ledgers.reconcile();

    t.deepEqual(report.byKind, { [kind]: 1 });
    t.like(report.differences.data[0], { n: 1, kind, repairedAt: null, ...expected });
    const repaired = await ledgers.repair(report.id, 1);
    t.like(repaired, { status: 200, body: { repairedBy: 'usr_test' } });
    t.deepEqual((await ledgers.repair(report.id, 1)).body, repaired.body, 'a repeat changes nothing');
    t.deepEqual((await ledgers.reconcile()).differences.data, []);
    t.like(await ledgers.audited(`${report.id}_1`), { length: 1, 0: { type: 'reconciliation.difference-repaired', digest: { kind } } });
    await after?.(t, ledgers);
  },
});

test.serial('A payment whose document is lost', mended, {
  kind: 'charge-without-payment',
  make: ({ documents }) => documents.collection('payments').deleteOne(ofOne),
  expected: { paymentId: 'pay_inv_sub_1_1', gatewayAmount: 1799, paymentAmount: null, repair: 'record-charge' },
  after: async (t, { invoice }) => {
    t.like(await invoice(1), { status: 'paid', amountPaid: 1799 }, 'the money is counted once');
  },
});

test.serial('A payment that counts as declined though the gateway has charged it', mended, {
  kind: 'charge-without-payment',
  make: async ({ documents }) => {
    await documents.collection('payments').updateOne(ofOne, { $set: { status: 'declined', intentId: null } });
  },
  expected: { paymentId: 'pay_inv_sub_1_1', gatewayAmount: 1799, paymentAmount: 1799, repair: 'record-charge' },
  after: async (t, { invoice }) => {
    t.like(await invoice(1), { status: 'paid', amountPaid: 1799 });
  },
});

test.serial('A second charge of an invoice', mended, {
  kind: 'charged-twice',
  make: ({ gateway }) => {
    const charge = { reference: 'inv_sub_1_1', amount: 1799, currency: 'EUR', customerId: 'cus_1', paymentMethod: 'tok_ok' };
    return gateway.create('somebody:else', charge, noon);
  },
  expected: { paymentId: 'pay_inv_sub_1_1', gatewayAmount: 1799, repair: 'refund-charge' },
  after: async (t, { gateway }) => {
    const charges = (await gateway.ledger()).filter(({ reference }) => reference === 'inv_sub_1_1');
    t.deepEqual(charges.map(({ refunded }) => refunded).sort(), [0, 1799]);
  },
});

test.serial('A refund that was made at the gateway itself', mended, {
  kind: 'refund-without-record',
  make: async (ledgers) =>
    ledgers.gateway.refund('dashboard', { reference: 'by_hand', intentId: await intentOf(ledgers), amount: 500 }, noon),
  expected: { paymentId: 'pay_inv_sub_1_1', gatewayAmount: 500, paymentAmount: null, repair: 'record-refund' },
  after: async (t, { invoice }) => {
    t.like(await invoice(1), { status: 'partially-refunded', amountRefunded: 500 });
  },
});

test.serial('A refund that the gateway does not know', mended, {
  kind: 'refund-without-money',
  make: async ({ documents, payment }) => {
    await request(payment, 'post', '/v1/payments/pay_inv_sub_1_1/refunds', { body: { amount: 500, reason: 'sorry' } });
    await documents.collection(intents).updateOne({ reference: 'inv_sub_1_1' }, { $set: { refunds: [], refunded: 0 } });
  },
  expected: { paymentId: 'pay_inv_sub_1_1', gatewayAmount: null, paymentAmount: 500, repair: 'refund-again' },
});

test.serial('A payment whose invoice did not receive its event', mended, {
  kind: 'invoice-open-though-paid',
  make: async ({ lose, renew, paid }) => {
    lose((service, { type }) => service === 'invoicing' && type === 'payment.succeeded');
    await renew(4);
    await paid(4);
    lose(() => false);
  },
  expected: { invoiceId: 'inv_sub_4_1', paymentAmount: 1799, invoiceAmount: 0, repair: 'tell-payment' },
  after: async (t, { invoice }) => {
    t.like(await invoice(4), { status: 'paid', amountPaid: 1799 });
  },
});

test.serial('A payment whose subscription did not receive its event', mended, {
  kind: 'subscription-unaware',
  make: async ({ documents, lose, renew, paid }) => {
    lose((service, { type }) => service === 'subscription' && type === 'payment.succeeded');
    await renew(4);
    await paid(4);
    lose(() => false);
    const waiting = { endedAt: null, waiting: true, dunning: null, status: 'active' };
    await documents.collection('subscriptions').updateOne({ _id: 'sub_4' } as never, { $set: waiting });
  },
  expected: { subscriptionId: 'sub_4', invoiceId: 'inv_sub_4_1', repair: 'tell-payment' },
});

test.serial('An invoice that is paid, by a charge of another day, and without its payment', mended, {
  kind: 'invoice-paid-without-payment',
  make: async ({ documents }) => {
    await documents.collection('payments').deleteOne(ofOne);
    const elsewhen = { $set: { chargedAt: '2026-01-30T23:59:59.900Z' } };
    await documents.collection(intents).updateOne({ reference: 'inv_sub_1_1' }, elsewhen);
  },
  expected: { invoiceId: 'inv_sub_1_1', invoiceAmount: 1799, paymentAmount: null, repair: 'record-charge' },
});

test.serial('a payment without an outcome for more than a day is named, read and settled', async (t) => {
  const ledgers = await ledgersOf(t, ['tok_sepa_pending:2026-02-01T06:00:00Z']);
  await ledgers.renew(1);
  const processing = { status: 'processing', step: 'pending' };
  await until(async () => (await ledgers.documents.collection('payments').countDocuments(processing)) === 1);
  await ledgers.documents.collection('payments').updateOne(ofOne, { $set: { step: 'charge' } });
  t.deepEqual((await ledgers.reconcile()).byKind, {}, 'for a day it may be under way');
  ledgers.setNow('2026-02-01T12:00:01.000Z');

  const report = await ledgers.reconcile();

  t.deepEqual(report.byKind, { 'payment-stuck': 1 });
  t.is((await ledgers.repair(report.id, 1)).status, 200);
  t.deepEqual((await ledgers.reconcile()).differences.data, []);
  t.like(await ledgers.invoice(1), { status: 'paid', amountPaid: 1799 });
});

test.serial('An invoice that a subscription requested, paid, and lost', mended, {
  kind: 'invoice-missing',
  make: ({ documents }) => documents.collection('invoices').deleteOne({ _id: 'inv_sub_1_1' } as never),
  expected: { invoiceId: 'inv_sub_1_1', paymentAmount: 1799, invoiceAmount: null, repair: 'ask-again' },
  after: async (t, { invoice, gateway }) => {
    t.like(await invoice(1), { status: 'paid', amountPaid: 1799 });
    t.is((await gateway.ledger()).length, 3, 'nobody was charged');
  },
});

test.serial(
  'an invoice that is lost with its payment is restored from the charge of the gateway, and no customer is charged again',
  async (t) => {
    const ledgers = await ledgersOf(t);
    const charge = { reference: 'inv_sub_1_1', amount: 1799, currency: 'EUR', customerId: 'cus_1', paymentMethod: 'tok_ok' };
    await ledgers.gateway.create('a key that is forgotten', charge, noon);
    ledgers.lose((service, { type }) => service === 'invoicing' && type === 'subscription.renewal-due');
    await ledgers.renew(1);
    ledgers.lose(() => false);
    ledgers.setNow('2026-02-05T00:00:00.000Z');
    const report = await ledgers.reconcile();
    t.deepEqual(report.byKind, { 'charge-without-payment': 1, 'invoice-missing': 1 });

    const missing = report.differences.data.find(({ kind }: { kind: string }) => kind === 'invoice-missing').n;
    t.is((await ledgers.repair(report.id, missing)).status, 200);

    await ledgers.paid(1);
    t.like(await ledgers.invoice(1), { status: 'paid', amountPaid: 1799 });
    t.is((await ledgers.gateway.ledger()).length, 1);
    t.deepEqual((await ledgers.reconcile()).byKind, {});
  },
);

/** Differences that no operation can repair automatically. */
const forSomebody = test.macro<[Broken & { readonly expected: object }]>({
  title: (given, { kind }) => `${given} is named ${kind}, and left to somebody who accepts it and says why`,
  exec: async (t, { kind, make, expected }) => {
    const ledgers = await paidLedgers(t);
    await make(ledgers);

    const report = await ledgers.reconcile();

    t.deepEqual(report.byKind, { [kind]: 1 });
    t.like(report.differences.data[0], { kind, repair: null, ...expected });
    t.like(await ledgers.repair(report.id, 1), { status: 409, body: { code: 'no-repair' } });
    const accepted = await ledgers.accept(report.id, 1, 'settled by hand with the bank');
    t.like(accepted, { status: 200, body: { acceptedBy: 'usr_test', note: 'settled by hand with the bank', repairedAt: null } });
    t.deepEqual((await ledgers.accept(report.id, 1, 'another note')).body, accepted.body, 'the first note stays');
    t.like(await ledgers.repair(report.id, 1), { status: 409, body: { code: 'difference-accepted' } });
    const audited = await ledgers.audited(`${report.id}_1`);
    t.like(audited, {
      length: 1,
      0: { type: 'reconciliation.difference-accepted', digest: { kind, acceptedBy: 'usr_test' } },
    });
  },
});

test.serial('A payment whose charge the gateway does not know', forSomebody, {
  kind: 'payment-without-charge',
  make: ({ documents }) => documents.collection(intents).deleteOne({ reference: 'inv_sub_1_1' }),
  expected: { paymentId: 'pay_inv_sub_1_1', gatewayAmount: null, paymentAmount: 1799 },
});

test.serial('A charge of another amount', forSomebody, {
  kind: 'amount-differs',
  make: ({ documents }) => documents.collection(intents).updateOne({ reference: 'inv_sub_1_1' }, { $set: { amount: 1700 } }),
  expected: { paymentId: 'pay_inv_sub_1_1', gatewayAmount: 1700, paymentAmount: 1799 },
});

test.serial('an acceptance without a reason is refused, and so is the acceptance of a repaired difference', async (t) => {
  const ledgers = await paidLedgers(t);
  await ledgers.documents.collection('payments').deleteOne(ofOne);
  const { id } = await ledgers.reconcile();

  t.like(await ledgers.accept(id, 1, ' '), { status: 422, body: { errors: [{ pointer: '/note' }] } });
  t.like(await ledgers.accept(id, 2, 'why'), { status: 404 });
  await ledgers.repair(id, 1);
  t.like(await ledgers.accept(id, 1, 'why'), { status: 409, body: { code: 'difference-repaired' } });
});

test.serial('a charge that neither a gateway nor a payment knows is not recorded as paid', async (t) => {
  const ledgers = await paidLedgers(t);
  await ledgers.documents.collection('payments').deleteOne(ofOne);
  await ledgers.documents.collection(intents).deleteOne({ reference: 'inv_sub_1_1' });

  const report = await ledgers.reconcile();

  t.deepEqual(report.byKind, { 'invoice-paid-without-payment': 1 });
  t.like(await ledgers.repair(report.id, 1), { status: 409, body: { code: 'no-charge' } });
});

test.serial('the repair of a difference that no longer exists changes nothing', async (t) => {
  const ledgers = await paidLedgers(t);
  const before = await ledgers.documents.collection('payments').findOne(ofOne);
  await ledgers.documents.collection('payments').deleteOne(ofOne);
  const { id } = await ledgers.reconcile();
  await ledgers.documents.collection('payments').insertOne(before as never);

  t.is((await ledgers.repair(id, 1)).status, 200);

  t.deepEqual(await ledgers.documents.collection('payments').findOne(ofOne), before);
  t.like(await ledgers.invoice(1), { amountPaid: 1799 });
});

/** Another process that compares the same ledgers. */
function anotherProcess({ documents, platform }: Ledgers) {
  const connection = documents.useDb(documents.name);
  const [store, consolidatedPayments] = [createPaymentStore(connection), createConsolidatedStore(connection)];
  const parts = {
    platform: platform(),
    store,
    consolidatedPayments,
    gateways: createGateways(connection, platform().config, async () => {}),
  };
  return createReconciliationRunner(parts, createReconciliationStore(connection));
}

test.serial('of many concurrent processes one creates and completes the run of last night', async (t) => {
  const ledgers = await paidLedgers(t);
  ledgers.setNow('2026-02-01T03:00:00.000Z');

  await Promise.all(Array.from({ length: 5 }, () => anotherProcess(ledgers).resume()));

  t.like(await reportOf(ledgers.payment, 'rec_2026-01-31'), {
    requestedBy: 'nightly',
    counts: { charges: 3, payments: 3, differences: 0 },
  });
  t.is(await ledgers.documents.collection('reconciliations').countDocuments({ to: '2026-02-01T00:00:00.000Z' }), 1);
});

test.serial('a run whose process died continues in another process, and counts nothing twice', async (t) => {
  const ledgers = await paidLedgers(t);
  await ledgers.documents.collection('payments').deleteOne(ofOne);
  const { id, counts } = await ledgers.reconcile();
  const unfinished = { status: 'running', walker: 'dead', day: '2026-01-31T00:00:00.000Z', found: 0, leaseUntil: noon, finishedAt: null };
  const nothing = { charges: 0, refunds: 0, payments: 0, invoices: 0, totals: {}, differences: {} };
  await ledgers.documents.collection('reconciliations').updateOne({ _id: id } as never, { $set: { ...unfinished, summary: nothing } });

  await Promise.all(Array.from({ length: 5 }, () => anotherProcess(ledgers).resume()));

  const report = await reportOf(ledgers.payment, id);
  t.deepEqual(report.counts, counts);
  t.like(report, { byKind: { 'charge-without-payment': 1 }, differences: { data: { length: 1 } } });
});

test.serial('a window of many days is compared day by day, each payment once', async (t) => {
  const ledgers = await paidLedgers(t);

  const { body } = await request(ledgers.payment, 'post', '/v1/reconciliations', { body: { from: '2026-01-01', to: '2026-03-01' } });

  t.like(await reportOf(ledgers.payment, String(body.id)), { counts: { charges: 3, payments: 3, invoices: 3, differences: 0 } });
});

test.serial('a time range that ends before it begins, or lasts for years, is refused', async (t) => {
  const { payment } = await ledgersOf(t);
  for (const [from, to] of [
    ['2026-02-01', '2026-01-31'],
    ['2024-01-01', '2026-01-31'],
    ['yesterday', 'today'],
  ])
    t.is((await request(payment, 'post', '/v1/reconciliations', { body: { from, to } })).status, 422, `${from} to ${to}`);
});

test.serial('last night is compared from three in the morning on, as one run, whichever process begins it', (t) => {
  const january = '2026-02-01T00:00:00.000Z';
  t.is(nightlyRun('2026-02-01T02:59:59.999Z', '2026-01-31T00:00:00.000Z'), undefined);
  t.deepEqual(nightlyRun('2026-02-01T03:00:00.000Z', '2026-01-31T00:00:00.000Z'), {
    _id: 'rec_2026-01-31',
    from: '2026-01-31T00:00:00.000Z',
    to: january,
  });
  t.is(nightlyRun('2026-02-01T23:00:00.000Z', undefined)?._id, 'rec_2026-01-31');
  t.is(nightlyRun('2026-02-01T23:00:00.000Z', january), undefined);
});

test.serial('nights without a process are compared by the run of the next night', async (t) => {
  const ledgers = await paidLedgers(t);
  await ledgers.documents.collection('payments').deleteOne(ofOne);
  ledgers.setNow('2026-01-31T12:00:00.000Z');
  await anotherProcess(ledgers).resume();
  await reportOf(ledgers.payment, 'rec_2026-01-30');
  ledgers.setNow('2026-02-04T03:00:00.000Z');

  await anotherProcess(ledgers).resume();

  const report = await reportOf(ledgers.payment, 'rec_2026-02-03');
  t.like(report, { from: '2026-01-31T00:00:00.000Z', to: '2026-02-04T00:00:00.000Z', byKind: { 'charge-without-payment': 1 } });
});
