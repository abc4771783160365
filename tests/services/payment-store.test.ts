import test, { type ExecutionContext } from 'ava';
import { authenticated } from '../../services/payment/charging/payment-transitions.ts';
import { newPayment } from '../../services/payment/new-payment.ts';
import type { Payment } from '../../services/payment/payment.ts';
import { createPaymentStore } from '../../services/payment/store.ts';
import { indexesReady, startDocuments } from '../support/documents.ts';
import { invoiceFinalised, noon } from '../support/money-events.ts';
import { paymentId as id } from '../support/payment-service.ts';

/** A stored payment, and the collection that its store writes to. */
async function stored(t: ExecutionContext, changes: Partial<Payment>) {
  const documents = await startDocuments(t);
  const store = createPaymentStore(documents);
  await indexesReady(documents);
  const payment: Payment = { ...newPayment(invoiceFinalised(), null, noon), ...changes };
  await store.insert([payment]);
  const read = async () => (await store.find([id])).get(id) as Payment;
  return { store, payment, read, collection: documents.model('payments').collection };
}

test('given a payment whose customer confirms while it is being cancelled, when both have written, then it is cancelled', async (t) => {
  const { store, payment, read, collection } = await stored(t, { status: 'action-required', sequence: 1, intentId: 'pi_1' });
  const updateMany = collection.updateMany.bind(collection);
  let writes = 0;
  collection.updateMany = async (...parameters: Parameters<typeof updateMany>) => {
    const result = await updateMany(...parameters);
    writes += 1;
    if (writes === 1) await store.replace(payment, authenticated(payment, noon, noon));
    return result;
  };

  await store.cancel([id]);

  t.like(await read(), { status: 'processing', step: 'authentication', cancelAsked: true });
});

test('the methods of an attempt are fixed once, by the first process that reads them', async (t) => {
  const { store, payment, read } = await stored(t, {});
  const withMethods = (token: string): Payment => ({ ...payment, methods: [{ id: 'pm_1', token, gateway: 'simulated' }] });

  t.true(await store.replace(payment, withMethods('tok_ok')));
  t.false(await store.replace(payment, withMethods('tok_declined')));

  t.like(await read(), { methods: [{ token: 'tok_ok' }] });
});
