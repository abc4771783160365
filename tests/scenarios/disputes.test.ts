import test from 'ava';
import { bodyOf, eventually } from '../support/api-client.ts';
import { makeCustomer, makePlan, runMarquee } from '../support/marquee.ts';

test('given a paid subscription, when its payment is disputed and the dispute is accepted, then access ends at that moment, and the invoice and the audit trail show it', async (t) => {
  const { client } = await runMarquee(t);
  await makePlan(client, 'plan_a', { amount: 3100 });
  await makeCustomer(client, 'cus_1', { token: 'tok_dispute', timezone: 'UTC' });
  await makeCustomer(client, 'cus_2', { token: 'tok_dispute_lost', timezone: 'UTC' });
  const subscription = async (id: string) => bodyOf(await client.get(`/v1/subscriptions/${id}`));
  const disputeOf = (id: string) =>
    eventually(`a dispute of ${id}`, async () => bodyOf(await client.get(`/v1/disputes?subscriptionId=${id}`)).data[0]);
  const invoiceOf = async (id: string) => bodyOf(await client.get(`/v1/invoices?subscriptionId=${id}`)).data[0];

  t.is(bodyOf(await client.post('/v1/subscriptions', { id: 'sub_1', customerId: 'cus_1', planId: 'plan_a' })).status, 'active');
  const dispute = await disputeOf('sub_1');
  t.like(dispute, { status: 'needs-response', subscriptionId: 'sub_1' });
  await eventually('the invoice shows it', async () => (await invoiceOf('sub_1')).amountDisputed === dispute.amount);
  t.is((await subscription('sub_1')).status, 'active');
  t.is((await client.post(`/v1/payments/${dispute.paymentId}/refunds`, { reason: 'sorry' })).body.code, 'payment-disputed');

  t.is(bodyOf(await client.post(`/v1/disputes/${dispute.id}/accept`, {})).status, 'lost');

  await eventually('the subscription is suspended', async () => (await subscription('sub_1')).status === 'paused');
  t.like(await invoiceOf('sub_1'), { status: 'paid', amountDisputed: dispute.amount, amountRefunded: 0 });
  const trail = await eventually('the trail has both', async () => {
    const { data } = bodyOf(await client.get(`/v1/audit?subject=${dispute.id}`));
    return data.length >= 2 && data;
  });
  t.deepEqual(trail.map(({ type }: { type: string }) => type).sort(), ['dispute.lost', 'dispute.opened']);
  t.deepEqual(bodyOf(await client.post('/v1/subscriptions/sub_1/verify', {})).differences, []);

  await client.post('/v1/subscriptions', { id: 'sub_2', customerId: 'cus_2', planId: 'plan_a' });
  await eventually('a loss right after the charge suspends too', async () => (await subscription('sub_2')).status === 'paused');
});
