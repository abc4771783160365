import test from 'ava';
import { advance, bodyOf, type Client } from '../support/api-client.ts';
import { makeCustomer, runMarquee } from '../support/marquee.ts';

const month = { unit: 'month', count: 1 };

async function shop(client: Client) {
  const price = { currency: 'EUR', amount: 1000, interval: month, phases: [{ periods: 1, amount: 100 }] };
  bodyOf(
    await client.post('/v1/plans', {
      id: 'plan_basic',
      name: { en: 'Basic' },
      prices: [price],
      trialDays: 7,
      entitlements: { maxStreams: 2 },
    }),
  );
  bodyOf(await client.post('/v1/test-clocks', { id: 'tc_1', now: '2026-01-31T10:00:00Z' }));
  for (const id of ['cus_giver', 'cus_friend']) await makeCustomer(client, id, { testClock: 'tc_1', timezone: 'UTC' });
  bodyOf(
    await client.post('/v1/customers', {
      id: 'cus_child',
      email: 'child@example.com',
      name: 'Kim',
      country: 'DE',
      currency: 'EUR',
      locale: 'de',
      timezone: 'UTC',
      testClock: 'tc_1',
    }),
  );
}

const entitlements = async (client: Client, id: string) => bodyOf(await client.get(`/v1/customers/${id}/entitlements`));

test('given a gift of three months, when it is paid and redeemed, then its time is free, and it continues only for a customer who added a payment method', async (t) => {
  const { client } = await runMarquee(t);
  await shop(client);
  const buy = { customerId: 'cus_giver', planId: 'plan_basic', periods: 3 };
  const [first, second] = [bodyOf(await client.post('/v1/gifts', buy)), bodyOf(await client.post('/v1/gifts', buy))];
  t.like(first, { status: 'ready', price: { amount: 3000, currency: 'EUR' }, redeemedBy: null });
  t.like(bodyOf(await client.get(`/v1/invoices/${first.invoiceId}`)), {
    status: 'paid',
    total: 3000,
    customerId: 'cus_giver',
    lines: [{ kind: 'one-off' }],
  });

  const child = bodyOf(await client.post('/v1/gifts/redeem', { code: first.code, customerId: 'cus_child' }));
  t.like(child, { status: 'trialing', trialEnd: '2026-04-30T10:00:00.000Z', customerId: 'cus_child' });
  t.is(bodyOf(await client.post('/v1/gifts/redeem', { code: first.code.toLowerCase(), customerId: 'cus_child' })).id, child.id);
  t.like(await client.post('/v1/gifts/redeem', { code: first.code, customerId: 'cus_friend' }), {
    status: 422,
    body: { code: 'gift-redeemed' },
  });
  t.like(await entitlements(client, 'cus_child'), { active: true, entitlements: { maxStreams: 2 } });
  const friend = bodyOf(await client.post('/v1/gifts/redeem', { code: second.code, customerId: 'cus_friend' }));

  await advance(client, 'tc_1', '2026-05-01T00:00:00Z');

  t.like(bodyOf(await client.get(`/v1/subscriptions/${child.id}`)), { status: 'expired' });
  t.false((await entitlements(client, 'cus_child')).active);
  t.like(bodyOf(await client.get(`/v1/subscriptions/${friend.id}`)), { status: 'active' });
  t.deepEqual(bodyOf(await client.get('/v1/invoices?customerId=cus_child')).data, []);
  t.like(bodyOf(await client.get(`/v1/invoices?subscriptionId=${friend.id}`)).data, [{ total: 100, status: 'paid' }]);
  t.is(
    bodyOf(await client.post('/v1/subscriptions', { customerId: 'cus_child', planId: 'plan_basic' })).status,
    'trialing',
    'a gift takes nobody’s trial',
  );
});

test('given a gift whose payment is declined, when it is retried and paid, then it can be redeemed, and not before', async (t) => {
  const { client } = await runMarquee(t);
  await shop(client);
  const methods = bodyOf(await client.get('/v1/customers/cus_giver/payment-methods')).data;
  for (const { id } of methods) await client.send('DELETE', `/v1/customers/cus_giver/payment-methods/${id}`);
  bodyOf(await client.post('/v1/customers/cus_giver/payment-methods', { gateway: 'simulated', token: 'tok_declined', default: true }));

  const gift = bodyOf(await client.post('/v1/gifts', { id: 'gift_1', customerId: 'cus_giver', planId: 'plan_basic' }));
  t.is(gift.status, 'payment-failed');
  const redeem = () => client.post('/v1/gifts/redeem', { code: gift.code, customerId: 'cus_friend' });
  t.like(await redeem(), { status: 422, body: { code: 'gift-not-paid' } });

  bodyOf(await client.post('/v1/customers/cus_giver/payment-methods', { gateway: 'simulated', token: 'tok_ok', default: true }));
  t.like(bodyOf(await client.post(`/v1/invoices/${gift.invoiceId}/pay`)), { status: 'succeeded', amount: 1000, attempt: 2 });
  t.is((await redeem()).status, 201);

  const cancelled = bodyOf(await client.post('/v1/gifts', { customerId: 'cus_giver', planId: 'plan_basic' }));
  t.is(bodyOf(await client.post(`/v1/gifts/${cancelled.id}/cancel`)).status, 'cancelled');
  t.like(await client.post('/v1/gifts/redeem', { code: cancelled.code, customerId: 'cus_friend' }), {
    status: 422,
    body: { code: 'gift-cancelled' },
  });
  for (const [body, pointer] of [
    [{ customerId: 'cus_none', planId: 'plan_basic' }, '/customerId'],
    [{ customerId: 'cus_giver', planId: 'plan_none' }, '/planId'],
    [{ customerId: 'cus_giver', planId: 'plan_basic', periods: 0 }, '/periods'],
    [{ customerId: 'cus_giver', planId: 'plan_basic', currency: 'JPY' }, '/currency'],
  ] as const)
    t.like(await client.post('/v1/gifts', body), { status: 422, body: { errors: [{ pointer }] } });
  const report = bodyOf(await client.get('/v1/system'));
  t.is(report.deadLetters, 0);
});
