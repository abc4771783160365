import test from 'ava';
import { DateTime } from 'luxon';
import { bodyOf, clientWith, eventually } from '../support/api-client.ts';
import { makeCustomer, makePlan, runMarquee } from '../support/marquee.ts';

const rest = ['auth', 'account', 'dunning', 'notification', 'crm', 'localisation', 'security', 'analytics', 'subscription-analytics'];

test('given actors, subscription, payment and invoicing in four processes with four sidecars, when a period ends, then it renews through them', async (t) => {
  const { groups, client } = await runMarquee(t, { groups: [['actors'], ['subscription', ...rest], ['payment'], ['invoicing']] });
  t.deepEqual(
    groups.map(({ appId }) => appId),
    ['marquee', 'marquee-subscription', 'marquee-payment', 'marquee-invoicing'],
  );
  t.is(new Set(groups.map(({ application }) => application.pid)).size, 4);
  t.is(new Set(groups.map(({ sidecar }) => sidecar.child.pid)).size, 4);
  const [, , payment, invoicing] = groups.map(({ url }) => clientWith(url, client.token));
  if (!payment || !invoicing) throw new Error('four groups were asked for');

  await makePlan(client, 'plan_basic');
  await makeCustomer(client, 'cus_1');
  const renewsAt = DateTime.now().setZone('Europe/Berlin').plus({ seconds: 12 });
  const startAt = renewsAt.minus({ months: 1 }).toUTC().toISO();
  const started = bodyOf(await client.post('/v1/subscriptions', { id: 'sub_1', customerId: 'cus_1', planId: 'plan_basic', startAt }));
  t.true(['active', 'incomplete'].includes(started.status));

  await eventually('the renewal through four processes', async () => {
    const { body } = await client.get('/v1/subscriptions/sub_1');
    return body.status === 'active' && body.paidThrough > (renewsAt.toUTC().toISO() ?? '');
  });
  const invoices = await eventually('two paid invoices', async () => {
    const { data } = bodyOf(await invoicing.get('/v1/invoices?subscriptionId=sub_1'));
    return data.length === 2 && data.every((invoice: { status: string }) => invoice.status === 'paid') && data;
  });
  t.is(invoices.length, 2);
  const payments = bodyOf(await payment.get('/v1/payments?subscriptionId=sub_1')).data;
  t.deepEqual(
    payments.map((row: { status: string }) => row.status),
    ['succeeded', 'succeeded'],
  );
  t.is((await client.get('/v1/payments')).status, 404, 'each process offers its own services only');
  const [documentOfPayment, documentOfInvoicing] = [await payment.get('/openapi.json'), await invoicing.get('/openapi.json')];
  const { paths } = bodyOf(documentOfPayment);
  for (const path of ['/v1/payments', '/v1/invoices', '/v1/subscriptions', '/v1/system'])
    t.true(path in paths, `${path} is in the document of every process`);
  t.deepEqual(paths, bodyOf(documentOfInvoicing).paths);
});

test('given the split, when a test clock advances, then it waits for what happens in every process', async (t) => {
  const { groups, client } = await runMarquee(t, { groups: [['actors'], ['subscription', ...rest], ['payment'], ['invoicing']] });
  const invoicing = clientWith(groups[3]?.url ?? '', client.token);
  await makePlan(client, 'plan_basic');
  bodyOf(await client.post('/v1/test-clocks', { id: 'tc_1', now: '2026-01-31T10:00:00Z' }));
  await makeCustomer(client, 'cus_1', { testClock: 'tc_1' });
  bodyOf(await client.post('/v1/subscriptions', { id: 'sub_1', customerId: 'cus_1', planId: 'plan_basic' }));
  bodyOf(await client.post('/v1/test-clocks/tc_1/advance', { to: '2026-04-15T10:00:00Z' }));
  await eventually('the clock', async () => bodyOf(await client.get('/v1/test-clocks/tc_1')).status === 'ready');
  const { data } = bodyOf(await invoicing.get('/v1/invoices?subscriptionId=sub_1'));
  t.deepEqual(
    data.map((invoice: { status: string; issuedAt: string }) => `${invoice.issuedAt.slice(0, 10)} ${invoice.status}`),
    ['2026-03-31 paid', '2026-02-28 paid', '2026-01-31 paid'],
  );
});
