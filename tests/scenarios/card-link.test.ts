import test from 'ava';
import { advance, bodyOf } from '../support/api-client.ts';
import { makeCustomer, makePlan, runMarquee } from '../support/marquee.ts';

type Notification = { readonly template: string; readonly body: string };

test('given a renewal that fails, when the bank renews the card, then the payment is retried immediately; and when the customer adds a new card through the link, then the payment is retried immediately and succeeds, and the dry run and the summary count the case', async (t) => {
  const { client } = await runMarquee(t);
  await makePlan(client, 'plan_basic');
  bodyOf(await client.post('/v1/test-clocks', { id: 'tc_1', now: '2026-01-15T00:00:00Z' }));
  await makeCustomer(client, 'cus_1', { testClock: 'tc_1', timezone: 'UTC' });
  bodyOf(await client.post('/v1/subscriptions', { id: 'sub_1', customerId: 'cus_1', planId: 'plan_basic' }));
  const [method] = bodyOf(await client.get('/v1/customers/cus_1/payment-methods')).data;
  bodyOf(await client.post('/v1/customers/cus_1/payment-methods', { gateway: 'simulated', token: 'tok_declined', default: true }));
  bodyOf(await client.send('DELETE', `/v1/customers/cus_1/payment-methods/${method.id}`));

  await advance(client, 'tc_1', '2026-02-17T00:00:00Z');
  t.is(bodyOf(await client.get('/v1/subscriptions/sub_1')).status, 'past-due');
  const [failing] = bodyOf(await client.get('/v1/customers/cus_1/payment-methods')).data;
  bodyOf(await client.send('PATCH', `/v1/customers/cus_1/payment-methods/${failing.id}`, { card: { expYear: 2041 } }));
  t.is(bodyOf(await client.get('/v1/dunning/cases?subscriptionId=sub_1')).data[0].attempts.at(-1).at, '2026-02-17T00:00:00.000Z');

  const told: Notification[] = bodyOf(await client.get('/v1/notifications?customerId=cus_1&channel=email')).data;
  const link = /https?:\S+\/v1\/update-card\/\S+/.exec(told.find(({ template }) => template === 'payment-failed.retry')?.body ?? '')?.[0];
  const page = await fetch(String(link), { headers: { accept: 'text/html' } });
  t.is(page.status, 200);
  t.regex(await page.text(), /<h1>Update your card<\/h1>/);

  const given = await fetch(String(link), { method: 'POST', body: new URLSearchParams({ token: 'tok_ok' }) });
  t.is(given.status, 200);
  t.regex(await given.text(), /<h1>Thank you<\/h1>/);

  t.is(bodyOf(await client.get('/v1/subscriptions/sub_1')).status, 'active');
  t.like(bodyOf(await client.get('/v1/dunning/cases?subscriptionId=sub_1')).data, [
    { status: 'recovered', attempts: [{ attempt: 1 }, { attempt: 2 }, { attempt: 3 }] },
  ]);
  t.like(bodyOf(await client.get('/v1/dunning/summary?testClock=tc_1')), { opened: 1, recovered: 1, attemptsPerRecovery: 4 });
  const tried = bodyOf(
    await client.post('/v1/dunning/policies/dry-run', {
      policy: { retryDays: [], graceDays: 1, suspendAfterDays: 1 },
      testClock: 'tc_1',
    }),
  );
  t.like(tried, { cases: 1, differing: 1, retries: { before: 1, after: 0 }, recovered: { givenUp: 1 } });
});
