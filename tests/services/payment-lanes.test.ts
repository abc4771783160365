import test, { type ExecutionContext } from 'ava';
import { createPaymentQueue, type PaymentQueueParts } from '../../services/payment/charging/payment-queue.ts';
import { newPayment } from '../../services/payment/new-payment.ts';
import type { Payment } from '../../services/payment/payment.ts';
import { createPaymentStore } from '../../services/payment/store.ts';
import { plusMillis } from '../../services/shared/time.ts';
import { indexesReady, startDocuments } from '../support/documents.ts';
import { invoiceFinalised, noon } from '../support/money-events.ts';
import { testPlatform } from '../support/platform.ts';
import { until } from '../support/wait-until.ts';

const paymentAt = (gateway: string, index: number): Payment =>
  newPayment(invoiceFinalised({ id: `inv_${gateway}_${index}` }), [{ id: 'pm_1', token: 'tok_ok', gateway }], plusMillis(noon, index));

const many = (gateway: string, count: number) => Array.from({ length: count }, (_, index) => paymentAt(gateway, index));

/** A payment queue of two gateways, whose settlements the test decides. */
async function queueWith(t: ExecutionContext, settle: PaymentQueueParts['settle']) {
  const documents = await startDocuments(t);
  const store = createPaymentStore(documents);
  await indexesReady(documents);
  const platform = testPlatform({ documents, published: [], now: () => plusMillis(noon, 60_000) });
  const gateways = new Map([
    ['stripe', true],
    ['simulated', true],
  ]);
  const queue = createPaymentQueue({ platform, store, gateways, settle });
  t.teardown(queue.stop);
  return { store, queue };
}

test('a gateway that does not respond holds up no payment of another', async (t) => {
  const settled: string[] = [];
  const { promise: never, resolve: end } = Promise.withResolvers<'settled'>();
  const { queue } = await queueWith(t, async ({ _id, gateway }) => {
    if (gateway === 'stripe') return never;
    settled.push(_id);
    return 'settled';
  });
  t.teardown(() => end('settled'));
  queue.add(many('stripe', 6_000));

  queue.add([paymentAt('simulated', 1)]);

  await until(() => settled.length === 1);
  t.deepEqual(settled, ['pay_inv_simulated_1']);
});

test('payments of a gateway that is not configured hide no other from the sweep', async (t) => {
  const settled: string[] = [];
  const { queue, store } = await queueWith(t, async ({ _id }) => {
    settled.push(_id);
    return 'settled';
  });
  await store.insert([...many('switched_off', 20), paymentAt('simulated', 30)]);

  await queue.sweep();

  await until(() => settled.length === 1);
  t.deepEqual(settled, ['pay_inv_simulated_30']);
});

test('a sweep goes on from where the last one stopped, and begins again at the end', async (t) => {
  const { store } = await queueWith(t, async () => 'settled');
  const pending = { ...paymentAt('stripe', 9), step: 'pending', lookAt: noon } as const;
  const later = { ...paymentAt('stripe', 8), step: 'pending', lookAt: plusMillis(noon, 3_600_000) } as const;
  const sameTime = many('stripe', 5).map((payment) => ({ ...payment, processingSince: noon }));
  await store.insert([...sameTime, pending, later]);
  const now = plusMillis(noon, 60_000);
  const next = async () => (await store.unsettled.next('stripe', now, now, 2)).map(({ _id }) => _id.slice('pay_inv_stripe_'.length));

  t.deepEqual(await next(), ['0', '1', '9']);
  t.deepEqual(await next(), ['2', '3', '9']);
  t.deepEqual(await next(), ['4', '9']);
  t.deepEqual(await next(), ['0', '1', '9']);
});
