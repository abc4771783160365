import test, { type ExecutionContext } from 'ava';
import { createStripeGateway } from '../../services/payment/gateways/stripe/stripe-gateway.ts';
import { startDocuments } from '../support/documents.ts';
import { noon } from '../support/money-events.ts';
import { startRecordingGateway } from '../support/recording-gateway.ts';

const always = { start: '2020-01-01T00:00:00.000Z', end: '2100-01-01T00:00:00.000Z' };

async function stripe(t: ExecutionContext) {
  const server = await startRecordingGateway();
  t.teardown(server.stop);
  return createStripeGateway(await startDocuments(t), { secretKey: 'sk_test_1', apiBase: `http://127.0.0.1:${server.port}` });
}

const chargeOf = (reference: string, paymentMethod: string) => ({
  ...{ reference, amount: 1799, currency: 'EUR', customerId: 'cus_1', paymentMethod },
});

test('Stripe lists the successful charges, and their refunds', async (t) => {
  const gateway = await stripe(t);
  const outcome = await gateway.create('one', chargeOf('inv_1', 'pm_1'), noon);
  if (outcome.kind !== 'succeeded') return t.fail(outcome.kind);
  const { intentId } = outcome;
  await gateway.create('two', chargeOf('inv_2', 'pm_poor'), noon);
  await gateway.refund('back', { reference: 'ref_1', intentId, amount: 500 }, noon);

  const charges = await gateway.charges(always, null);
  const refunds = await gateway.refunds(always, null);

  t.like(charges, { rows: { length: 1, 0: { intentId, reference: 'inv_1', amount: 1799, refunded: 500, currency: 'EUR' } }, next: null });
  t.like(refunds, { rows: { length: 1, 0: { intentId, reference: 'ref_1', chargeReference: 'inv_1', amount: 500 } }, next: null });
  t.deepEqual((await gateway.charges({ start: always.start, end: noon.replace('2026', '2021') }, null)).rows, [], 'only of the period');
});

test('an intent that Stripe does not have is refused by its id, and absent by its reference', async (t) => {
  const gateway = await stripe(t);

  t.deepEqual(await gateway.lookUp(chargeOf('inv_1', 'pm_1'), 'pi_gone', noon), { kind: 'unavailable', code: 'gateway-request-refused' });
  t.deepEqual(await gateway.lookUp(chargeOf('inv_1', 'pm_1'), null, noon), { kind: 'absent' });
});
