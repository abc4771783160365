import test from 'ava';
import { DateTime } from 'luxon';
import { type ApiResponse, bodyOf, type Client, eventually } from '../support/api-client.ts';
import { bootMarquee, makeCustomer, makePlan, type RunningMarquee } from '../support/marquee.ts';
import { historyViolations, moneyViolations } from '../support/system-invariants.ts';

/**
 * Every place in a turn and in a charge where a crash must lose nothing, and how often it is passed
 * before the process dies there.
 */
const points = [
  ['turn.after-load', 9],
  ['turn.after-guard', 7],
  ['turn.after-commit', 9],
  ['publish.before', 5],
  ['turn.after-publish', 9],
  ['turn.after-arm', 9],
  ['invoicing.after-number', 2],
  ['invoicing.after-insert', 2],
  ['invoicing.after-publish', 2],
  ['invoicing.after-payment', 2],
  ['payment.after-record', 2],
  ['payment.before-gateway', 5],
  ['payment.after-gateway', 5],
  ['payment.after-publish', 5],
] as const;

const customers = 12;
const soon = { MARQUEE_GUARD_SECONDS: '3', MARQUEE_SWEEP_OVERDUE_SECONDS: '4', MARQUEE_SWEEP_EVERY_SECONDS: '2' };
const each = <Value>(make: (index: number) => Promise<Value>) => Promise.all(Array.from({ length: customers }, (_, index) => make(index)));

let marquee: RunningMarquee & { end: () => Promise<void> };

test.before(async () => {
  marquee = await bootMarquee({ environment: soon });
  await makePlan(marquee.client, 'plan_basic');
  await makePlan(marquee.client, 'plan_premium', { amount: 1999 });
  await each((index) => makeCustomer(marquee.client, `cus_${index}`));
});

test.after.always(() => marquee?.end());

points.forEach(([point, passes], round) => {
  test.serial(
    `given renewals and commands under way, when the host is killed at ${point}, then every charge happens once and nothing is lost`,
    async (t) => {
      const renewsAt = await dueSubscriptions(round);
      // The host may reach its point before it is ready: then it was killed there, as intended.
      await marquee.application.restart({ MARQUEE_KILL_AT: `${point}:${passes}` }).catch(() => undefined);
      const started = each((index) => insist(() => start(round, index)));
      const changed = each((index) => insist(() => change(round, index)));
      await marquee.application.ended();
      await marquee.application.restart({ MARQUEE_KILL_AT: '' });
      const responses = [...(await started), ...(await changed)];

      await eventually('every renewal', async () => {
        const states = await each((index) => marquee.client.get(`/v1/subscriptions/sub_due_${round}_${index}`));
        return allAre(states, ({ body }) => body.status === 'active' && body.paidThrough > renewsAt && body.nextWake.reason === 'renewal');
      });
      await eventually('every first payment and change', async () => {
        const states = await each((index) => marquee.client.get(`/v1/subscriptions/sub_new_${round}_${index}`));
        return allAre(states, ({ body }) => body.status === 'active');
      });
      await eventually('books that balance', async () => (await moneyViolations(marquee, marquee.client)).length === 0);
      const ids = [...Array(customers).keys()].flatMap((index) => [`sub_due_${round}_${index}`, `sub_new_${round}_${index}`]);
      await eventually('every event at its consumers', async () => (await complaintsOf(ids)).length === 0);
      t.deepEqual(await moneyViolations(marquee, marquee.client), []);
      t.deepEqual(await complaintsOf(ids), []);

      const again = [...(await each((index) => start(round, index))), ...(await each((index) => change(round, index)))];
      again.forEach((response, index) => {
        t.is(response.headers.get('idempotency-replayed'), 'true');
        t.deepEqual(response.body, responses[index]?.body, 'the same key gets the same answer');
      });
    },
  );
});

/**
 * True when all are as expected; else throws the first that is not, so that a test that times out
 * names it.
 */
function allAre(states: readonly ApiResponse[], wanted: (state: ApiResponse) => boolean): true {
  const wrong = states.find((state) => !wanted(state));
  if (wrong) throw new Error(JSON.stringify(wrong.body));
  return true;
}

const complaintsOf = async (ids: readonly string[]) => (await Promise.all(ids.map((id) => historyViolations(marquee.client, id)))).flat();

/**
 * Subscriptions whose first period ends in a few seconds, when the host that will be killed has
 * restarted.
 */
async function dueSubscriptions(round: number): Promise<string> {
  const renewsAt = DateTime.now().setZone('Europe/Berlin').plus({ seconds: 9 });
  const startAt = renewsAt.minus({ months: 1 }).toUTC().toISO();
  await each(async (index) =>
    bodyOf(
      await marquee.client.post('/v1/subscriptions', {
        id: `sub_due_${round}_${index}`,
        customerId: `cus_${index}`,
        planId: 'plan_basic',
        startAt,
      }),
    ),
  );
  return renewsAt.toUTC().toISO() ?? '';
}

const start = (round: number, index: number) =>
  marquee.client.post(
    '/v1/subscriptions',
    { id: `sub_new_${round}_${index}`, customerId: `cus_${index}`, planId: 'plan_basic' },
    { 'idempotency-key': `start-${round}-${index}` },
  );

const change = (round: number, index: number) =>
  marquee.client.post(
    `/v1/subscriptions/sub_due_${round}_${index}/change`,
    { planId: 'plan_premium', when: 'period-end' },
    { 'idempotency-key': `change-${round}-${index}` },
  );

/** Repeats a request, with the same key, until it gets a response, like a client without one. */
const insist = (ask: () => ReturnType<Client['post']>) =>
  eventually('an answer', async () => {
    const response = await ask();
    bodyOf(response);
    return response;
  });
