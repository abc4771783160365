import test, { type ExecutionContext } from 'ava';
import { newPayment } from '../../services/payment/new-payment.ts';
import { createPaymentStore } from '../../services/payment/store.ts';
import type { Platform } from '../../services/shared/service.ts';
import { plusMillis } from '../../services/shared/time.ts';
import { invoiceFinalised, noon } from '../support/money-events.ts';
import { paidWith, pausedBroker, payment, paymentOf, settledAs } from '../support/payment-service.ts';
import { until } from '../support/wait-until.ts';

const minutes = 60_000;
const hours = 60 * minutes;
const methods = [{ id: 'pm_1', token: 'tok_ok', gateway: 'simulated' }];
const charge = { reference: 'inv_sub_1_1', amount: 1799, currency: 'EUR', customerId: 'cus_1', paymentMethod: 'tok_ok' };

type Found = {
  readonly after: number;
  readonly cancelAsked: boolean;
  readonly sentAfter?: number;
  readonly publish?: Platform['publish'];
};

/** A process that finds a charge which was sent at noon without a response. */
async function withCharge(t: ExecutionContext, found: Found) {
  const responses: string[] = [];
  const parts = await paymentOf(t, { observe: (_gateway, response) => void responses.push(response) });
  const { insert } = createPaymentStore(parts.documents.useDb(parts.documents.name));
  const sent = { ...newPayment(invoiceFinalised(), methods, noon), lastSentAt: plusMillis(noon, found.sentAfter ?? 0) };
  await insert([{ ...sent, cancelAsked: found.cancelAsked }]);
  parts.setNow(plusMillis(noon, found.after));
  return { ...parts, responses, service: await parts.anotherProcess(found.publish) };
}

for (const [given, found] of [
  ['a voided invoice whose charge was sent a minute ago', { after: minutes, cancelAsked: true }],
  ['a charge of yesterday that was sent again a minute ago', { after: 23 * hours, sentAfter: 23 * hours - minutes, cancelAsked: false }],
] as const)
  test(`given ${given}, when the gateway does not know it yet, then nothing is concluded, and its money is found when it arrives`, async (t) => {
    const { service, responses, gateway } = await withCharge(t, found);
    await until(() => responses.includes('in-progress'));
    t.like(await payment(service), { status: 'processing' });

    await gateway.create('inv_sub_1_1:create', charge, noon);

    await settledAs(service, 'succeeded');
  });

test('given a voided invoice whose charge was sent long ago, when the gateway does not know it, then the payment is cancelled', async (t) => {
  const { service } = await withCharge(t, { after: 12 * minutes, cancelAsked: true });
  await settledAs(service, 'cancelled');
  t.pass();
});

test('a charge that is sent again minutes later is noted before it is sent', async (t) => {
  const { open, publish } = pausedBroker();
  const { service, documents } = await withCharge(t, { after: 5 * minutes, cancelAsked: false, publish });
  const noted = plusMillis(noon, 5 * minutes);

  await until(async () => (await documents.collection('payments').countDocuments({ lastSentAt: noted })) === 1);

  open();
  await settledAs(service, 'succeeded');
  t.pass();
});

test('a refund that was sent a moment before its key is forgotten fails only when it can no longer arrive', async (t) => {
  const { documents, anotherProcess, setNow } = await paidWith(t, 'tok_ok');
  const refund = {
    ...{ id: 'ref_1', amount: 100, to: 'method', reason: 'sorry', creditNoteId: null, status: 'processing', gatewayRefundId: null },
    ...{ failureCode: null, settledAt: null, requestedAt: noon, processingSince: noon, looks: 0 },
    lastSentAt: plusMillis(noon, 23 * hours - minutes),
  };
  const payments = documents.collection('payments');
  await payments.updateOne({}, { $set: { refunds: [refund], refundsOwed: true } });
  setNow(plusMillis(noon, 23 * hours));
  await anotherProcess();
  await until(async () => (await payments.findOne())?.refunds[0].looks > 0);
  t.is((await payments.findOne())?.refunds[0].status, 'processing');

  setNow(plusMillis(noon, 25 * hours));

  await until(async () => (await payments.findOne())?.refunds[0].failureCode === 'never_received');
});
