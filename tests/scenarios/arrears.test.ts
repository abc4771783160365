import test from 'ava';
import { advance, bodyOf } from '../support/api-client.ts';
import { makeCustomer, runMarquee } from '../support/marquee.ts';

type Line = { kind: string; amount: number; quantity: number };
type Invoice = { id: string; status: string; total: number; lines: Line[]; issuedAt: string };

test('given a plan that is billed in arrears, when its subscriber stays a month, buys a second seat in the next and leaves in it, then each day is billed once, after it was used', async (t) => {
  const { client } = await runMarquee(t);
  bodyOf(
    await client.post('/v1/plans', {
      id: 'plan_used',
      name: { en: 'Used' },
      billing: 'arrears',
      prices: [{ currency: 'EUR', amount: 3000, interval: { unit: 'month', count: 1 } }],
    }),
  );
  bodyOf(await client.post('/v1/test-clocks', { id: 'tc_1', now: '2026-03-01T00:00:00Z' }));
  await makeCustomer(client, 'cus_1', { testClock: 'tc_1', timezone: 'UTC' });
  const started = bodyOf(await client.post('/v1/subscriptions', { id: 'sub_1', customerId: 'cus_1', planId: 'plan_used' }));
  t.like(started, { status: 'active', billing: 'arrears', paidThrough: null, nextBillingAt: '2026-04-01T00:00:00.000Z' });
  const invoices = async (): Promise<Invoice[]> => bodyOf(await client.get('/v1/invoices?subscriptionId=sub_1')).data.reverse();
  const shown = async () =>
    (await invoices()).map(({ id, status, issuedAt, lines }) => [
      id,
      status,
      issuedAt.slice(0, 10),
      ...lines.map(({ amount, quantity }) => `${quantity}: ${amount}`),
    ]);
  t.deepEqual(await shown(), []);

  await advance(client, 'tc_1', '2026-04-01T00:00:00Z');
  const march = ['inv_sub_1_1', 'paid', '2026-04-01', '1: 3000'];
  t.deepEqual(await shown(), [march]);
  t.like(bodyOf(await client.get('/v1/subscriptions/sub_1')), { status: 'active', paidThrough: '2026-04-01T00:00:00.000Z' });

  await advance(client, 'tc_1', '2026-04-11T00:00:00Z');
  bodyOf(await client.post('/v1/subscriptions/sub_1/change', { quantity: 2, when: 'now' }));
  t.deepEqual(
    (await shown()).slice(1).map(([, ...rest]) => rest),
    [['paid', '2026-04-11', '1: 1000']],
  );

  await advance(client, 'tc_1', '2026-04-21T00:00:00Z');
  const forecast = bodyOf(await client.get('/v1/subscriptions/sub_1/forecast?until=2026-05-01T00:00:00Z'));
  t.is(forecast.invoices.at(-1).total, 4000);
  const ended = bodyOf(await client.post('/v1/subscriptions/sub_1/cancel', { when: 'now' }));
  t.like(ended, { status: 'cancelled', nextBillingAt: null });
  await advance(client, 'tc_1', '2026-06-01T00:00:00Z');
  t.deepEqual(
    (await shown()).slice(2).map(([, ...rest]) => rest),
    [['paid', '2026-04-21', '2: 2000']],
  );
  const verified = bodyOf(await client.post('/v1/subscriptions/sub_1/verify', {}));
  t.deepEqual(verified, { verified: true, invoices: 3, complaints: [], differences: [] });
});
