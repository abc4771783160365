import test from 'ava';
import { advance, bodyOf, type Client } from '../support/api-client.ts';
import { makeCustomer, makePlan, runMarquee } from '../support/marquee.ts';
import { gatewayLedger } from '../support/system-invariants.ts';

const start = async (client: Client, customer: string, id: string) => {
  await makeCustomer(client, customer, { testClock: 'tc_1', timezone: 'UTC' });
  return bodyOf(await client.post('/v1/subscriptions', { id, customerId: customer, planId: 'plan_a' }));
};

test('given paid subscriptions, when they are cancelled with a refund, then the gateway refunded the money, and a credit note covers every cent of it', async (t) => {
  const marquee = await runMarquee(t);
  const { client } = marquee;
  await makePlan(client, 'plan_a', { amount: 3100 });
  bodyOf(await client.post('/v1/test-clocks', { id: 'tc_1', now: '2026-03-01T00:00:00Z' }));
  for (const each of ['part', 'full', 'later']) t.is((await start(client, `cus_${each}`, `sub_${each}`)).status, 'active');
  await advance(client, 'tc_1', '2026-03-11T00:00:00Z');

  bodyOf(await client.post('/v1/subscriptions/sub_part/cancel', { when: 'now', refund: 'prorate' }));
  bodyOf(await client.post('/v1/subscriptions/sub_full/cancel', { when: 'now', refund: 'full' }));
  bodyOf(await client.post('/v1/subscriptions/sub_later/cancel', { when: '2026-03-21T00:00:00Z', refund: 'prorate' }));
  await advance(client, 'tc_1', '2026-04-15T00:00:00Z');

  const refunded = async (subscription: string) => {
    const [invoice] = bodyOf(await client.get(`/v1/invoices?subscriptionId=${subscription}`)).data;
    const { data: notes } = bodyOf(await client.get(`/v1/invoices/${invoice.id}/credit-notes`));
    return { status: invoice.status, amountRefunded: invoice.amountRefunded, notes: notes.map(({ refund }: { refund: number }) => refund) };
  };
  t.deepEqual(await refunded('sub_part'), { status: 'partially-refunded', amountRefunded: 2100, notes: [2100] });
  t.deepEqual(await refunded('sub_full'), { status: 'refunded', amountRefunded: 3100, notes: [3100] });
  t.deepEqual(await refunded('sub_later'), { status: 'partially-refunded', amountRefunded: 1100, notes: [1100] });
  t.deepEqual((await gatewayLedger(marquee)).map(({ reference, amount, refunded: back }) => `${reference} ${amount} ${back}`).sort(), [
    'inv_sub_full_1 3100 3100',
    'inv_sub_later_1 3100 1100',
    'inv_sub_part_1 3100 2100',
  ]);
  for (const each of ['part', 'full', 'later']) {
    t.is(bodyOf(await client.get(`/v1/customers/cus_${each}/credit-balance`)).amount, 0, 'money, not credit');
    t.deepEqual(bodyOf(await client.post(`/v1/subscriptions/sub_${each}/verify`, {})).differences, []);
  }
});
