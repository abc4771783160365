import test, { type ExecutionContext } from 'ava';
import { type Logger, pino } from 'pino';
import type { SubscriptionClient } from '../../actors/subscription/client.ts';
import { type Instant, plusMillis } from '../../services/shared/time.ts';
import { recordInReadModel } from '../../services/subscription/read-model.ts';
import { openStore } from '../../services/subscription/store.ts';
import { createSweeper } from '../../services/subscription/sweeper.ts';
import { startDocuments } from '../support/documents.ts';
import { noon } from '../support/money-events.ts';
import { partialEvent } from '../support/partial-event.ts';

const minute = 60_000;
const hour = 60 * minute;

/** Rows that are overdue, and sweepers whose wakes are listed. */
async function overdueSubscriptions(t: ExecutionContext) {
  const store = openStore(await startDocuments(t));
  const wakes: string[] = [];
  const alarms: string[] = [];
  let now: Instant = noon;
  let response: (id: string) => Awaited<ReturnType<SubscriptionClient['command']>> = () => quarantined;
  const client: Pick<SubscriptionClient, 'command'> = {
    command: async (id) => {
      wakes.push(id);
      return response(id);
    },
  };
  const log: Logger = pino({ level: 'error' }, { write: (line: string) => void alarms.push(line) });
  const append = (id: string, at: Instant, { sequence = 1, reason = 'renewal' as 'renewal' | 'payment-pending' } = {}) =>
    partialEvent({
      type: 'subscription.renewed',
      subject: id,
      sequence,
      data: { previous: {}, subscription: { id, status: 'active', testClock: null, createdAt: noon, nextWake: { at, reason } } },
    });
  return {
    wakes,
    alarms,
    record: (...events: ReturnType<typeof append>[]) => recordInReadModel(store, events),
    row: append,
    sweeper: () => createSweeper(store, client, () => now, log, { overdueMillis: 3 * minute, everyMillis: minute }),
    pass: (millis: number) => {
      now = plusMillis(now, millis);
    },
    respond: (next: typeof response) => {
      response = next;
    },
    now: () => now,
  };
}

const quarantined = { ok: false, rejection: { code: 'quarantined', message: 'It is quarantined.' } } as const;
const before = (millis: number): Instant => plusMillis(noon, -millis);

test('subscriptions that cannot be moved hold back no other one', async (t) => {
  const { wakes, record, row, sweeper } = await overdueSubscriptions(t);
  await record(...Array.from({ length: 450 }, (_, index) => row(`sub_${index}`, before(2 * hour))), row('sub_last', before(hour)));

  await sweeper().sweep();

  t.is(wakes.length, 451);
  t.is(new Set(wakes).size, 451);
  t.true(wakes.includes('sub_last'));
});

test('what a sweep did not move is swept again later and later, and reported from the third time on', async (t) => {
  const { wakes, alarms, record, row, sweeper, pass } = await overdueSubscriptions(t);
  await record(row('sub_1', before(hour)));
  const { sweep } = sweeper();
  for (const [millis, count] of [
    [0, 1],
    [minute, 1],
    [4 * minute, 2],
    [14 * minute, 2],
    [minute, 3],
  ] as const) {
    pass(millis);
    await sweep();
    t.is(wakes.length, count);
    t.is(alarms.length, count === 3 ? 1 : 0);
  }
  t.regex(alarms[0] ?? '', /sub_1/);
});

test('an event makes a subscription count as moved', async (t) => {
  const { wakes, record, row, sweeper } = await overdueSubscriptions(t);
  const { sweep } = sweeper();
  await record(row('sub_1', before(hour)));
  await sweep();
  await record(row('sub_1', before(10 * minute), { sequence: 2 }));
  await sweep();
  t.deepEqual(wakes, ['sub_1', 'sub_1']);
});

test('replicas share the work: each subscription is woken by one of them', async (t) => {
  const { wakes, record, row, sweeper } = await overdueSubscriptions(t);
  await record(...Array.from({ length: 300 }, (_, index) => row(`sub_${index}`, before(hour))));
  await Promise.all([sweeper().sweep(), sweeper().sweep(), sweeper().sweep()]);
  t.is(wakes.length, 300);
  t.is(new Set(wakes).size, 300);
});

test('a subscription that awaits a payment is woken when its outcome is an hour late', async (t) => {
  const { wakes, record, row, sweeper, pass } = await overdueSubscriptions(t);
  const { sweep } = sweeper();
  await record(row('sub_1', before(30 * minute), { reason: 'payment-pending' }));
  await sweep();
  t.deepEqual(wakes, []);
  pass(40 * minute);
  await sweep();
  t.deepEqual(wakes, ['sub_1']);
  pass(hour);
  await sweep();
  t.deepEqual(wakes, ['sub_1']);
});

test('a subscription that is not due, or lives on a test clock, is left alone', async (t) => {
  const { wakes, record, row, sweeper } = await overdueSubscriptions(t);
  const onClock = row('sub_2', before(hour));
  await record(row('sub_1', before(minute)), {
    ...onClock,
    data: { ...onClock.data, subscription: { ...onClock.data.subscription, testClock: 'tc_1' } },
  });
  await sweeper().sweep();
  t.deepEqual(wakes, []);
});
