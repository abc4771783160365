import test from 'ava';
import { advance, bodyOf, type Client } from '../support/api-client.ts';
import { makeCustomer, makePlan, runMarquee } from '../support/marquee.ts';

const each = <Value>(count: number, make: (index: number) => Promise<Value>) =>
  Promise.all(Array.from({ length: count }, (_, index) => make(index)));

test('given fifty subscriptions on a test clock, when it advances a year, then each has twelve renewals, paid, and nothing is pending when it is ready', async (t) => {
  const { client } = await runMarquee(t);
  await makePlan(client, 'plan_basic');
  bodyOf(await client.post('/v1/test-clocks', { id: 'tc_1', now: '2026-01-31T10:00:00Z' }));
  await each(50, async (index) => {
    await makeCustomer(client, `cus_${index}`, { testClock: 'tc_1' });
    bodyOf(await client.post('/v1/subscriptions', { id: `sub_${index}`, customerId: `cus_${index}`, planId: 'plan_basic' }));
  });
  const started = performance.now();
  await advance(client, 'tc_1', '2027-01-31T09:00:00Z');
  t.log(`a year of 50 subscriptions took ${((performance.now() - started) / 1000).toFixed(1)} s`);

  await each(50, async (index) => {
    const { data } = bodyOf(await client.get(`/v1/invoices?subscriptionId=sub_${index}&limit=200`));
    t.deepEqual(
      data.map((invoice: { status: string }) => invoice.status),
      Array(12).fill('paid'),
    );
    t.deepEqual(data.map((invoice: { issuedAt: string }) => invoice.issuedAt.slice(0, 10)).sort(), [
      '2026-01-31',
      '2026-02-28',
      '2026-03-31',
      '2026-04-30',
      '2026-05-31',
      '2026-06-30',
      '2026-07-31',
      '2026-08-31',
      '2026-09-30',
      '2026-10-31',
      '2026-11-30',
      '2026-12-31',
    ]);
    const subscription = bodyOf(await client.get(`/v1/subscriptions/sub_${index}`));
    t.like(subscription, { status: 'active', nextBillingAt: '2027-01-31T10:00:00.000Z', dunning: null });
  });
  const numbers = (await pages(client, '/v1/invoices?limit=200')).map((invoice) => invoice.number).sort();
  t.is(new Set(numbers).size, 600);
  t.is(numbers.at(-1), 'MQ-2026-000600', 'numbers have no gap');
});

test('given a declining card, when the test clock passes the retries, then it retries, suspends, recovers with a new card, and loses a dispute', async (t) => {
  const { client } = await runMarquee(t);
  await makePlan(client, 'plan_basic');
  bodyOf(await client.post('/v1/test-clocks', { id: 'tc_1', now: '2026-03-01T10:00:00Z' }));
  await makeCustomer(client, 'cus_1', { testClock: 'tc_1' });
  bodyOf(await client.post('/v1/subscriptions', { id: 'sub_1', customerId: 'cus_1', planId: 'plan_basic' }));
  const card = (token: string) => client.post('/v1/customers/cus_1/payment-methods', { gateway: 'simulated', token, default: true });
  const [first] = bodyOf(await client.get('/v1/customers/cus_1/payment-methods')).data;
  bodyOf(await card('tok_declined'));
  bodyOf(await client.send('DELETE', `/v1/customers/cus_1/payment-methods/${first.id}`));
  const status = async () => bodyOf(await client.get('/v1/subscriptions/sub_1'));

  await advance(client, 'tc_1', '2026-04-01T12:00:00Z');
  t.like(await status(), {
    status: 'past-due',
    dunning: { invoiceId: 'inv_sub_1_2', attempt: 1, nextRetryAt: '2026-04-02T09:00:00.000Z' },
  });
  t.true(bodyOf(await client.get('/v1/customers/cus_1/entitlements')).active, 'access stays in grace');
  await advance(client, 'tc_1', '2026-04-08T12:00:00Z');
  t.like(await status(), { status: 'suspended', dunning: { attempt: 5 } });
  t.false(bodyOf(await client.get('/v1/customers/cus_1/entitlements')).active);
  t.like(bodyOf(await client.get('/v1/dunning/cases?subscriptionId=sub_1')).data[0], { status: 'open' });

  bodyOf(await card('tok_ok'));
  t.like(await status(), { status: 'active', dunning: null });
  t.true(bodyOf(await client.get('/v1/customers/cus_1/entitlements')).active);
  const { data } = bodyOf(await client.get('/v1/payments?subscriptionId=sub_1&limit=200'));
  t.is(data.filter((payment: { status: string }) => payment.status === 'succeeded').length, 2, 'one success per invoice');

  bodyOf(await card('tok_dispute_lost'));
  await advance(client, 'tc_1', '2026-05-01T12:00:00Z');
  t.like(bodyOf(await client.get('/v1/disputes?subscriptionId=sub_1')).data, { length: 1, 0: { status: 'lost' } });
  t.like(await status(), { status: 'paused' }, 'ready means that the lost dispute is known everywhere');
});

async function pages(client: Client, path: string): Promise<{ number: string }[]> {
  const { data, nextCursor } = bodyOf(await client.get(path));
  return nextCursor === null ? data : [...data, ...(await pages(client, `${path.replace(/&cursor=.*/, '')}&cursor=${nextCursor}`))];
}
