import test from 'ava';
import { advance, bodyOf, eventually } from '../support/api-client.ts';
import { makeCustomer, runMarquee } from '../support/marquee.ts';

const month = { unit: 'month', count: 1 };
const content = (amount: number) => ({ name: { en: 'Basic' }, prices: [{ currency: 'EUR', amount, interval: month }] });

test('given subscribers of one version, when they are moved to another, then those who move now get one split invoice, and those who move at the next period pay the new price from then on', async (t) => {
  const { client } = await runMarquee(t);
  bodyOf(await client.post('/v1/plans', { id: 'plan_basic', ...content(3100) }));
  bodyOf(await client.post('/v1/plans', { id: 'plan_other', ...content(3100) }));
  bodyOf(await client.post('/v1/test-clocks', { id: 'tc_1', now: '2026-03-01T00:00:00Z' }));
  for (const [customer, planId] of [
    ['cus_1', 'plan_basic'],
    ['cus_2', 'plan_other'],
  ] as const) {
    await makeCustomer(client, customer, { testClock: 'tc_1', timezone: 'UTC' });
    bodyOf(await client.post('/v1/subscriptions', { id: `sub_${customer}`, customerId: customer, planId }));
    bodyOf(await client.post(`/v1/plans/${planId}/versions`, content(6200)));
  }
  await advance(client, 'tc_1', '2026-03-16T00:00:00Z');

  const moved = async (planId: string, effective: string) => {
    const body = { fromVersion: 1, toVersion: 2, effective };
    t.like(bodyOf(await client.post(`/v1/plans/${planId}/migrations/dry-run`, body)), {
      subscriptions: 1,
      byCurrency: [{ difference: 3100 }],
    });
    const { id } = bodyOf(await client.post(`/v1/plans/${planId}/migrations`, body));
    const look = async () => bodyOf(await client.get(`/v1/plans/${planId}/migrations/${id}`));
    const done = await eventually('the migration', async () => ((await look()).status === 'done' ? look() : undefined));
    t.like(done, { counts: { migrated: 1, unchanged: 0, refused: 0 } });
  };
  await moved('plan_basic', 'now');
  await moved('plan_other', 'next-period');
  await advance(client, 'tc_1', '2026-04-01T00:00:00Z');

  const invoicesOf = async (id: string) => {
    const { data } = bodyOf(await client.get(`/v1/invoices?subscriptionId=${id}`));
    return data
      .map(({ lines, total }: { lines: { kind: string; amount: number }[]; total: number }) => [
        total,
        ...lines.map(({ amount }) => amount),
      ])
      .reverse();
  };
  t.deepEqual(await invoicesOf('sub_cus_1'), [
    [3100, 3100],
    [1600, -1600, 3200],
    [6200, 6200],
  ]);
  t.deepEqual(await invoicesOf('sub_cus_2'), [
    [3100, 3100],
    [6200, 6200],
  ]);
});
