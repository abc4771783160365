import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { DateTime } from 'luxon';
import { bodyOf, eventually } from '../support/api-client.ts';
import { makeCustomer, makePlan, type RunningMarquee, runMarquee } from '../support/marquee.ts';
import { historyViolations, moneyViolations } from '../support/system-invariants.ts';

/**
 * Makes PostgreSQL refuse every write while it allows reads: a turn gets as far as its commit.
 * Resolves when the change is effective.
 */
async function takeWrites({ backing, dataDir, sidecar }: RunningMarquee, allowed: boolean): Promise<void> {
  const setting = `default_transaction_read_only = ${allowed ? 'off' : 'on'}\n`;
  await appendFile(join(dataDir, 'postgres', 'data', 'postgresql.auto.conf'), setting);
  backing.postgres.child.signal('SIGHUP');
  await eventually(`writes ${allowed ? 'taken' : 'refused'}`, async () => {
    const { status } = await fetch(`${sidecar.url}/v1.0/state/statestore`, {
      method: 'POST',
      headers: { 'dapr-api-token': sidecar.tokens.sidecar, 'content-type': 'application/json' },
      body: JSON.stringify([{ key: 'probe', value: 1 }]),
    });
    return (status === 204) === allowed;
  });
}

test('given a state store that refuses writes, when a turn fails at its commit, then nothing of it remains, and its repeat takes effect once', async (t) => {
  const marquee = await runMarquee(t, { environment: { MARQUEE_GUARD_SECONDS: '2' } });
  const { client } = marquee;
  await makePlan(client, 'plan_basic');
  await makePlan(client, 'plan_premium', { amount: 1799 });
  await makeCustomer(client, 'cus_1');
  const end = DateTime.now().plus({ seconds: 25 });
  const startAt = end.setZone('Europe/Berlin').minus({ months: 1 }).toUTC().toISO();
  bodyOf(await client.post('/v1/subscriptions', { id: 'sub_1', customerId: 'cus_1', planId: 'plan_basic', startAt }));
  const paid = await eventually('a paid start', async () => {
    const { body } = await client.get('/v1/subscriptions/sub_1');
    return body.status === 'active' && body;
  });
  const history = async () => bodyOf(await client.get('/v1/subscriptions/sub_1/events')).data;
  const before = await history();
  const upgrade = () => client.post('/v1/subscriptions/sub_1/change', { planId: 'plan_premium' }, { 'idempotency-key': 'upgrade-1' });

  await takeWrites(marquee, false);
  const failed = await client.post('/v1/subscriptions/sub_1/cancel', {});
  t.true(failed.status >= 500);
  t.is(failed.headers.get('content-type'), 'application/problem+json');
  t.true((await upgrade()).status >= 500);
  t.deepEqual(bodyOf(await client.get('/v1/subscriptions/sub_1')), paid, 'the subscription is what it was');
  t.deepEqual(await history(), before, 'and nothing is recorded');

  await takeWrites(marquee, true);
  const upgraded = await eventually('a repeat that is served', async () => {
    const answer = await upgrade();
    return answer.status === 200 && answer.body;
  });
  t.is(upgraded.planId, 'plan_premium');
  t.deepEqual((await upgrade()).body, upgraded);
  t.is((await history()).filter(({ type }: { type: string }) => type === 'subscription.changed').length, 1);
  t.is(upgraded.cancelAt, null, 'the cancellation that failed is not made up for');

  const due = end.toUTC().toISO() ?? '';
  await eventually('the renewal, though the failed turn had moved its reminder', async () => {
    const { body } = await client.get('/v1/subscriptions/sub_1');
    return body.status === 'active' && body.paidThrough > due;
  });
  await eventually('books that balance', async () => (await moneyViolations(marquee, client)).length === 0);
  await eventually('every event, once', async () => (await historyViolations(client, 'sub_1')).length === 0);
});
