import { rm } from 'node:fs/promises';
import test from 'ava';
import { DateTime } from 'luxon';
import { subscriptionClient } from '../../actors/subscription/client.ts';
import { connectSidecar } from '../../services/shared/sidecar.ts';
import { dueStart } from '../bench/due-subscription.ts';
import { bodyOf, type Client, eventually } from '../support/api-client.ts';
import { makeCustomer, makePlan, runMarquee } from '../support/marquee.ts';
import { historyViolations, moneyViolations } from '../support/system-invariants.ts';

const many = <Value>(count: number, make: (index: number) => Promise<Value>) =>
  Promise.all(Array.from({ length: count }, (_, index) => make(index)));

/** A subscription whose first period ends at the given instant. */
const endingAt = async (client: Client, id: string, end: DateTime) =>
  bodyOf(
    await client.post('/v1/subscriptions', {
      id,
      customerId: 'cus_1',
      planId: 'plan_basic',
      startAt: end.setZone('Europe/Berlin').minus({ months: 1 }).toUTC().toISO(),
    }),
  );

const renewed = (client: Client, id: string, end: DateTime) =>
  eventually(`the renewal of ${id}`, async () => {
    const { body } = await client.get(`/v1/subscriptions/${id}`);
    return body.status === 'active' && body.paidThrough > (end.toUTC().toISO() ?? '') && body;
  });

test('given a due renewal, when its reminder is delivered a hundred times at the same time, then it is charged once', async (t) => {
  const marquee = await runMarquee(t);
  const { client } = marquee;
  await makePlan(client, 'plan_basic');
  await makeCustomer(client, 'cus_1');
  const end = DateTime.now().plus({ seconds: 6 });
  await endingAt(client, 'sub_1', end);
  const reminder = () =>
    fetch(`http://127.0.0.1:${marquee.groups[0].appPort}/actors/Subscription/sub_1/method/remind/renewal`, {
      method: 'PUT',
      headers: { 'dapr-api-token': marquee.sidecar.tokens.application, 'content-type': 'application/json' },
      body: JSON.stringify({ data: { published: 0 }, dueTime: '', period: '' }),
    });
  await eventually('the end of the period', async () => DateTime.now() > end);
  const answers = await many(100, reminder);
  t.true(answers.every(({ status }) => status === 200));
  await renewed(client, 'sub_1', end);
  await eventually('books that balance', async () => (await moneyViolations(marquee, client)).length === 0);
  t.is(bodyOf(await client.get('/v1/payments?subscriptionId=sub_1')).data.length, 2);
  await eventually('every event, once', async () => (await historyViolations(client, 'sub_1')).length === 0);
});

test('given an active actor, when its sidecar is killed and restarted while the host keeps running, then it renews once', async (t) => {
  const marquee = await runMarquee(t, { environment: { MARQUEE_SWEEP_OVERDUE_SECONDS: '4', MARQUEE_SWEEP_EVERY_SECONDS: '2' } });
  const { client, sidecar } = marquee;
  await makePlan(client, 'plan_basic');
  await makeCustomer(client, 'cus_1');
  const end = DateTime.now().plus({ seconds: 6 });
  await endingAt(client, 'sub_1', end);
  await sidecar.child.kill('SIGKILL');
  t.is((await client.get('/v1/subscriptions/sub_1')).status, 503, 'without its sidecar it says so');
  await sidecar.child.restart();
  await renewed(client, 'sub_1', end);
  const changed = await client.post('/v1/subscriptions/sub_1/cancel', {});
  t.is(changed.status, 200, 'nothing stale is served: commands go on where the history stands');
  await eventually('books that balance', async () => (await moneyViolations(marquee, client)).length === 0);
  await eventually('every event, once', async () => (await historyViolations(client, 'sub_1')).length === 0);
  t.pass();
});

test('given armed reminders, when the scheduler loses all its data, then the sweeper wakes what is due', async (t) => {
  const marquee = await runMarquee(t, { environment: { MARQUEE_SWEEP_OVERDUE_SECONDS: '3', MARQUEE_SWEEP_EVERY_SECONDS: '2' } });
  const { client, backing } = marquee;
  await makePlan(client, 'plan_basic');
  await makeCustomer(client, 'cus_1');
  const end = DateTime.now().plus({ seconds: 8 });
  await endingAt(client, 'sub_1', end);
  await backing.scheduler.child.kill('SIGKILL');
  await rm(backing.scheduler.dataDir, { recursive: true, force: true });
  await backing.scheduler.child.restart();
  await renewed(client, 'sub_1', end);
  await eventually('books that balance', async () => (await moneyViolations(marquee, client)).length === 0);
  t.is(bodyOf(await client.get('/v1/payments?subscriptionId=sub_1')).data.length, 2);
});

test('given a thousand reminders due in one second, when they fire, then every subscription renews once', async (t) => {
  const marquee = await runMarquee(t, { groups: [['actors', 'auth', 'subscription', 'security']] });
  const sidecar = connectSidecar({ daprPort: marquee.sidecar.ports.http, daprToken: marquee.sidecar.tokens.sidecar });
  t.teardown(() => sidecar.close());
  const actor = subscriptionClient(sidecar);
  const startPaid = async (id: string, startAt: string) => {
    await actor.start(id, { ...dueStart(0), startAt });
    await actor.command(id, 'recordPayment', { invoiceId: `inv_${id}_1`, outcome: 'succeeded', attempt: 1 }, { fromEvent: true });
  };
  const began = performance.now();
  await many(100, (index) => startPaid(`sub_pace${index}`, DateTime.now().minus({ days: 1 }).toUTC().toISO()));
  const secondsNeeded = ((performance.now() - began) / 1000) * 10;
  const end = DateTime.now()
    .setZone('Europe/Berlin')
    .plus({ seconds: Math.ceil(secondsNeeded * 1.5) + 5 })
    .startOf('second');
  const startAt = end.minus({ months: 1 });
  await many(1000, (index) => startPaid(`sub_b${index}`, startAt.plus({ milliseconds: index }).toUTC().toISO() ?? ''));
  t.true(DateTime.now() < end, 'all of them were armed before the first was due');
  let waiting = Array.from({ length: 1000 }, (_, index) => `sub_b${index}`);
  const secondsLeft = (end.toMillis() - Date.now()) / 1000;
  await eventually(
    'a thousand renewals',
    async () => {
      if (DateTime.now() < end) return false;
      const states = await Promise.all(waiting.map((id) => actor.get(id)));
      const renewed = (index: number) => states[index]?.sequence === 4 && states[index].nextWake?.reason === 'payment-pending';
      waiting = waiting.filter((_, index) => !renewed(index));
      return waiting.length === 0;
    },
    secondsLeft + 90,
  );
  const events = await actor.history('sub_b7', 0, 10);
  t.deepEqual(
    (events as unknown as { events: { type: string }[] }).events.map(({ type }) => type),
    ['subscription.created', 'subscription.started', 'subscription.activated', 'subscription.renewal-due'],
  );
});
