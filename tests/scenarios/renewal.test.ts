import test from 'ava';
import { DateTime } from 'luxon';
import { bodyOf, eventually } from '../support/api-client.ts';
import { makeCustomer, makePlan, runMarquee } from '../support/marquee.ts';

test('given a period that ends in seconds, when its reminder fires on the real scheduler, then the renewal is invoiced, charged and known to every service', async (t) => {
  const { client } = await runMarquee(t);
  await makePlan(client, 'plan_basic');
  await makeCustomer(client, 'cus_1');
  const zone = 'Europe/Berlin';
  const renewsAt = DateTime.now().setZone(zone).plus({ seconds: 8 });
  const startAt = renewsAt.minus({ months: 1 });
  t.is(startAt.plus({ months: 1 }).toMillis(), renewsAt.toMillis(), 'the clock is on a day that every month has');

  const started = bodyOf(
    await client.post('/v1/subscriptions', { id: 'sub_1', customerId: 'cus_1', planId: 'plan_basic', startAt: startAt.toUTC().toISO() }),
  );
  t.is(started.status, 'active', 'the first payment came before the answer');
  t.is(started.nextWake.reason, 'renewal');

  const renewed = await eventually('the renewal', async () => {
    const { body } = await client.get('/v1/subscriptions/sub_1');
    return body.paidThrough > renewsAt.toUTC().toISO() && body;
  });
  t.is(renewed.status, 'active');
  t.is(renewed.currentPeriod.start, renewsAt.toUTC().toISO());

  const invoices = await eventually('two paid invoices', async () => {
    const { data } = bodyOf(await client.get('/v1/invoices?subscriptionId=sub_1'));
    return data.length === 2 && data.every((invoice: { status: string }) => invoice.status === 'paid') && data;
  });
  t.deepEqual(invoices.map((invoice: { id: string }) => invoice.id).sort(), ['inv_sub_1_1', 'inv_sub_1_2']);
  const payments = bodyOf(await client.get('/v1/payments?subscriptionId=sub_1')).data;
  t.deepEqual(
    payments.map((payment: { status: string; amount: number }) => [payment.status, payment.amount]),
    [
      ['succeeded', 1099],
      ['succeeded', 1099],
    ],
  );

  await eventually('a receipt, a contact, revenue, the audit trail and access', async () => {
    const messages = bodyOf(await client.get('/v1/notifications?customerId=cus_1')).data;
    const contact = await client.get('/v1/crm/contacts/cus_1');
    const audit = bodyOf(await client.get('/v1/audit?subject=sub_1')).data;
    const access = bodyOf(await client.get('/v1/customers/cus_1/entitlements'));
    return (
      messages.length >= 2 &&
      contact.status === 200 &&
      audit.length === renewed.sequence &&
      access.active &&
      access.until === renewed.currentPeriod.end
    );
  });
  const system = bodyOf(await client.get('/v1/system'));
  t.like(system, { ready: true, deadLetters: 0 });
  t.regex(system.sidecar.runtimeVersion, /^1\./);
  t.like(system.services.subscription, { subscriptions: 1, overdue: 0, nextWakes: [{ id: 'sub_1', status: 'active', reason: 'renewal' }] });
});
