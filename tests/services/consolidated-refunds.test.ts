import test from 'ava';
import type { DisputeResource } from '../../services/shared/contracts/dispute-resource.ts';
import type { RefundResource } from '../../services/shared/contracts/payment-resource.ts';
import { invoiceFinalised, noon } from '../support/money-events.ts';
import { paymentOf } from '../support/payment-service.ts';
import { deliver, request } from '../support/service.ts';
import { returnEvent, send, storedWebhooks, stripeWebhooks } from '../support/stripe-webhooks.ts';
import { until } from '../support/wait-until.ts';

const members = [
  { invoiceId: 'inv_sub_1_1', subscriptionId: 'sub_1', amountDue: 1000 },
  { invoiceId: 'inv_sub_2_1', subscriptionId: 'sub_2', amountDue: 500 },
];
const consolidation = { id: 'con_cus_1_EUR_inclusive_2026-01-31', number: 'MQ-2026-000001', members };

test('refunds and disputes of a consolidated charge are divided over the payments of its invoices, once', async (t) => {
  const { service, gateway } = await paymentOf(t, { config: { stripe: stripeWebhooks } });
  await deliver(
    service,
    ...members.map(({ invoiceId: id, subscriptionId, amountDue }) => invoiceFinalised({ id, subscriptionId, amountDue, consolidation })),
  );
  const payment = async (id: string) => (await request(service, 'get', `/v1/payments/${id}`)).body;
  await until(
    async () => (await payment('pay_inv_sub_2_1')).status === 'succeeded' && (await payment('pay_inv_sub_1_1')).status === 'succeeded',
  );
  const [charge] = await gateway.ledger();
  const intentId = charge?.intentId ?? '';
  t.is(charge?.amount, 1500);
  const deliverWebhook = async (type: string, event = type) => {
    await send(service, returnEvent(`evt_${event}`, type, intentId));
    await until(async () => (await storedWebhooks(service)).every(({ handledAt }) => handledAt !== null));
  };
  const refunds = async (id: string) =>
    ((await request(service, 'get', `/v1/payments/${id}/refunds`)).body.data as RefundResource[]).map(({ amount }) => amount);

  await gateway.refund('there', { reference: 'there', intentId, amount: 1200 }, noon);
  await deliverWebhook('charge.refunded');
  await deliverWebhook('refund.updated');
  t.deepEqual([await refunds('pay_inv_sub_1_1'), await refunds('pay_inv_sub_2_1')], [[1000], [200]]);

  await gateway.openDispute?.(intentId, { reason: 'fraudulent', status: 'needs-response' }, noon);
  await deliverWebhook('charge.dispute.created');
  await deliverWebhook('charge.dispute.updated');

  const disputes = (await request(service, 'get', '/v1/disputes')).body.data as DisputeResource[];
  t.deepEqual(disputes.map(({ paymentId, amount }) => `${paymentId} ${amount}`).sort(), ['pay_inv_sub_1_1 1000', 'pay_inv_sub_2_1 500']);
  t.is((await payment('pay_inv_sub_1_1')).amountDisputed, 0, 'all of it had gone back');
  t.is((await payment('pay_inv_sub_2_1')).amountDisputed, 300, 'of 500 two had gone back');
});
