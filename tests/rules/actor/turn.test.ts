import { mock } from 'node:test';
import test from 'ava';
import type { Origin } from '../../../actors/host/aggregate.ts';
import type { MarqueeEvent } from '../../../services/shared/events.ts';
import { plusMillis } from '../../../services/shared/time.ts';
import { sidecarInMemory } from '../../support/sidecar-in-memory.ts';
import { actor, call, guardMillis, openTab, renewal, start, type TabCommand, type TurnWorld, turnWorld } from '../../support/turn-world.ts';

const open: TabCommand = { type: 'open' };
const add = (amount: number): TabCommand => ({ type: 'add', amount });
const wake: TabCommand = { type: 'wake' };
const hint: Origin = { by: 'hint', clockNow: null };

const pendingTab = async (): Promise<TurnWorld> => {
  const world = await openTab();
  await world.runUntil(renewal);
  return world;
};

test('a call loads, arms its guard, commits, publishes and arms the next wake, in this order', async (t) => {
  const world = await openTab();
  t.deepEqual(await world.callsOf(() => world.take(add(5))), ['read agg', 'guard renewal', 'write agg ev:2', 'publish 2', 'arm renewal']);
});

test('a reminder or an event needs no guard, because it is delivered again automatically', async (t) => {
  const world = await openTab();
  const fired = await world.callsOf(() => world.runUntil(renewal));
  t.deepEqual(
    fired,
    ['read agg', 'write agg ev:2', 'publish 2'],
    'and the reminder that fired goes on repeating while a payment is awaited',
  );
  const declined = await world.callsOf(() => world.take({ type: 'decline' }, { by: 'event' }));
  t.deepEqual(declined, ['read agg', 'write agg ev:3', 'publish 3', 'arm dunning', 'remove renewal']);
});

test('a turn without events writes nothing', async (t) => {
  const world = await openTab();
  t.deepEqual(await world.callsOf(() => world.take(open)), ['read agg', 'arm renewal']);
  t.deepEqual(await world.callsOf(() => world.take(wake, hint)), ['read agg', 'arm renewal']);
});

test('a rejection writes nothing and arms nothing', async (t) => {
  const world = await openTab();
  await world.take({ type: 'close' });
  const calls = await world.callsOf(async () => t.like(await world.take(add(5)), { ok: false, rejection: { code: 'subscription-ended' } }));
  t.deepEqual(calls, ['read agg']);
});

test('the snapshot and its events are written together, each event once', async (t) => {
  const world = await openTab();
  await world.take(add(5));
  t.like(world.snapshot(), { sequence: 2, state: { total: 5 }, quarantine: null });
  t.deepEqual(world.event(1), { type: 'tab.opened', at: start });
  t.deepEqual(world.event(2), { type: 'tab.added', at: start, amount: 5 });
  t.is(world.event(3), undefined);
});

test('the same idempotency key gets the response of the first turn, and changes nothing', async (t) => {
  const world = await openTab();
  const first = await world.take(add(5), call('key-1'));
  await world.take(add(7), call('key-2'));
  const calls = await world.callsOf(async () => t.deepEqual(await world.take(add(5), call('key-1')), first));
  t.deepEqual(calls, ['read agg', 'read ev:1', 'read ev:2']);
  t.like(world.snapshot(), { sequence: 3, state: { total: 12 } });
});

test('the same key of an event changes nothing either', async (t) => {
  const world = await openTab();
  const keyed: Origin = { by: 'event', idempotencyKey: 'evt_1', bodyHash: 'body' };
  const first = await world.take(add(5), keyed);
  t.deepEqual(await world.take(add(5), keyed), first);
  t.like(world.snapshot(), { sequence: 2, state: { total: 5 } });
});

test('the same idempotency key with another body is refused', async (t) => {
  const world = await openTab();
  await world.take(add(5), call('key-1', 'one body'));
  t.like(await world.take(add(7), call('key-1', 'another body')), { ok: false, rejection: { code: 'idempotency-key-reused' } });
  t.like(world.snapshot(), { sequence: 2, state: { total: 5 } });
});

test('a turn without an idempotency key takes effect each time', async (t) => {
  const world = await openTab();
  await world.take(add(5));
  await world.take(add(5));
  t.like(world.snapshot(), { sequence: 3, state: { total: 10 } });
});

test('a turn that would break an invariant is refused, and its events are stored for an operator', async (t) => {
  const world = await openTab();
  const before = world.snapshot();
  const calls = await world.callsOf(async () => t.like(await world.take(add(-1)), { ok: false, rejection: { code: 'quarantined' } }));
  t.deepEqual(calls, ['read agg', 'write agg'], 'nothing is published, and no event is stored');
  const quarantine = { at: start, violation: 'the total is below zero', command: { type: 'add', amount: -1 } };
  t.deepEqual(world.snapshot(), { ...(before as NonNullable<typeof before>), quarantine });
  t.deepEqual(world.quarantined, ['tab_1: the total is below zero']);
});

test('a quarantined actor refuses every command, and leaves its reminders to be delivered again', async (t) => {
  const world = await openTab();
  await world.take(add(-1));
  for (const command of [add(5), wake, { type: 'close' } as const])
    t.like(await world.take(command), { ok: false, rejection: { code: 'quarantined' } });
  await world.runUntil(plusMillis(renewal, 1));
  t.is(world.snapshot()?.sequence, 1);
  t.deepEqual(Object.keys(world.reminders()), ['renewal']);
  t.is(world.quarantined.length, 1, 'it is reported once');
});

test('events that a broker refuses are committed, and published by the guard', async (t) => {
  const world = await openTab();
  world.brokerSends(() => Promise.reject(new Error('the broker is down')));
  const calls = await world.callsOf(async () => t.like(await world.take(add(5)), { ok: true, sequence: 2 }));
  t.is(calls.at(-1), 'guard renewal', 'the guard stays in place of the next wake');
  t.like(world.reminders().renewal, { due: plusMillis(start, guardMillis), data: { published: 1, isGuard: true } });

  world.brokerSends(async (events) => void world.published.push(...events));
  await world.runUntil(plusMillis(start, guardMillis));
  t.deepEqual(
    world.published.map(({ id }) => id),
    ['tab_1:1', 'tab_1:2'],
  );
  t.like(world.reminders().renewal, { due: renewal, data: { published: 2, isGuard: false } });
});

test('a guard repeats every minute while the broker is unavailable', async (t) => {
  const world = await openTab();
  world.brokerSends(() => Promise.reject(new Error('the broker is down')));
  await world.take(add(5));
  await world.runUntil(plusMillis(start, 30 * guardMillis));
  t.like(world.reminders().renewal, { due: plusMillis(start, 31 * guardMillis), data: { isGuard: true } });
});

test.serial('a caller waits half a second for a slow broker, then has its response while the guard stays armed', async (t) => {
  const world = await openTab();
  let arrive = (): void => undefined;
  world.brokerSends(
    (events) =>
      new Promise((resolve) => {
        arrive = () => {
          world.published.push(...events);
          resolve();
        };
      }),
  );
  mock.timers.enable({ apis: ['setTimeout'] });
  try {
    const taken = world.take(add(5));
    for (let rest = 0; rest < 1_000; rest += 1) await undefined;
    t.is(world.memory.calls.at(-1), 'publish 2');
    mock.timers.tick(499);
    t.false(await Promise.race([taken.then(() => true), Promise.resolve(false)]));
    mock.timers.tick(1);
    t.like(await taken, { ok: true, sequence: 2 });
  } finally {
    mock.timers.reset();
  }
  t.like(world.reminders().renewal, { data: { isGuard: true } });
  arrive();
  world.brokerSends(async (events) => {
    world.published.push(...events);
  });
  await world.runUntil(plusMillis(start, guardMillis));
  t.deepEqual(new Set(world.published.map(({ id }) => id)), new Set(['tab_1:1', 'tab_1:2']));
});

test('an event that this process has published is not published again', async (t) => {
  const world = await openTab();
  const first = await world.callsOf(() => world.take(add(5)));
  const second = await world.callsOf(() => world.take(add(7)));
  t.deepEqual([first[3], second[3]], ['publish 2', 'publish 3']);
});

test('a restarted process publishes again the events that the snapshot does not mark as published', async (t) => {
  const world = await openTab();
  await world.take(add(5));
  world.restart();
  const calls = await world.callsOf(() => world.take(add(7)));
  t.deepEqual(
    calls.filter((name) => name.startsWith('publish')),
    ['publish 2 3'],
  );
  t.is(world.published.filter(({ id }) => id === 'tab_1:2').length, 2);
  const [one, other] = world.published.filter(({ id }) => id === 'tab_1:2') as [MarqueeEvent, MarqueeEvent];
  t.deepEqual(one, other, 'a repeat has the same id and the same content');
});

test('a reminder records which events were published when it was armed, and prevents a repeat', async (t) => {
  const world = await openTab();
  await world.take(add(5));
  world.restart();
  const calls = await world.callsOf(() => world.runUntil(renewal));
  t.deepEqual(calls, ['read agg', 'write agg ev:3', 'publish 3']);
});

test('turns of one actor never interleave', async (t) => {
  const world = await openTab();
  const alone = await world.callsOf(() => world.take(add(1)));
  const calls = await world.callsOf(() => Promise.all([world.take(add(2)), world.take(add(3)), world.take(add(4))]));
  const expected = [3, 4, 5].flatMap((sequence) => alone.map((name) => name.replace('2', String(sequence))));
  t.deepEqual(calls, expected);
  t.like(world.snapshot(), { sequence: 5, state: { total: 10 } });
});

test('the same key a hundred times in parallel takes effect once', async (t) => {
  const world = await openTab();
  const responses = await Promise.all(Array.from({ length: 100 }, () => world.take(add(5), call('key-1'))));
  t.is(new Set(responses.map((response) => JSON.stringify(response))).size, 1);
  t.like(world.snapshot(), { sequence: 2, state: { total: 5 } });
});

test('a turn that fails does not block the next one', async (t) => {
  const world = await openTab();
  world.memory.refuseNextWrite(500, 'the store is down');
  const [failed, next] = await Promise.allSettled([world.take(add(1)), world.take(add(2))]);
  t.deepEqual([failed.status, next.status], ['rejected', 'fulfilled']);
  t.like(world.snapshot(), { sequence: 2, state: { total: 2 } });
});

for (const [reason, status, text] of [
  ['the store finds an ETag that does not match', 500, 'ERR_ACTOR_STATE_TRANSACTION_SAVE: possible etag mismatch'],
  ['another host has the actor', 400, 'ERR_ACTOR_INSTANCE_MISSING'],
] as const)
  test(`a commit that is refused because ${reason} fails the turn, and its repeat takes effect once`, async (t) => {
    const world = await openTab();
    const before = world.snapshot();
    world.memory.refuseNextWrite(status, text);
    await t.throwsAsync(world.take(add(5), call('key-1')), { message: new RegExp(text) });
    t.deepEqual(world.snapshot(), before);
    t.is(world.event(2), undefined);
    t.deepEqual(
      world.published.map(({ id }) => id),
      ['tab_1:1'],
      'nothing of it is published',
    );
    t.like(world.reminders().renewal, { data: { isGuard: true } }, 'the guard stands behind it');

    t.like(await world.take(add(5), call('key-1')), { ok: true, sequence: 2 });
    await world.take(add(5), call('key-1'));
    t.like(world.snapshot(), { sequence: 2, state: { total: 5 } });
  });

test('a host that has lost its actor decides again on the state that the other host has written', async (t) => {
  const first = await openTab();
  const second = turnWorld(first.memory.anotherHost(), first.published);
  t.like(await second.take(add(7)), { ok: true, sequence: 2 });
  t.like(await first.take(add(5)), { ok: true, sequence: 3, state: { total: 12 } });
});

test('an ETag that does not match refuses the whole transaction', async (t) => {
  const { sidecar, stored } = sidecarInMemory(start);
  const write = (key: string, etag?: string) => ({ operation: 'upsert', request: { key, value: 1, ...(etag && { etag }) } });
  const path = '/v1.0/actors/Tab/tab_1/state';
  t.is((await sidecar.within('POST', path, [write('agg')])).status, 204);
  t.is((await sidecar.within('POST', path, [write('ev:1'), write('agg', '7')])).status, 500);
  t.is(stored(actor, 'ev:1'), undefined);
  t.is((await sidecar.within('POST', path, [write('ev:1'), write('agg', '1')])).status, 204);
});

test('an actor that ends removes every reminder', async (t) => {
  const world = await openTab();
  await world.take({ type: 'close' });
  t.deepEqual(world.reminders(), {});
});

test('a reminder of an actor that was never created is removed', async (t) => {
  const world = turnWorld();
  await world.fire('renewal', { published: 0, isGuard: true });
  t.deepEqual(world.memory.calls, ['read agg', 'remove renewal']);
});

test('a command to an actor that was never created is refused when the rules return no event', async (t) => {
  const world = turnWorld();
  t.like(await world.take({ type: 'pay' }), { ok: false, rejection: { code: 'nothing-there', message: 'There is no Tab tab_1.' } });
});

test('a guard that fires while a payment is awaited moves on to the next wake', async (t) => {
  const world = await pendingTab();
  await world.fire('renewal', { published: 2, isGuard: true });
  t.like(world.reminders().renewal, { due: plusMillis(renewal, 15 * 60_000), data: { isGuard: false } });
});

test('while an outcome is awaited the request is published again, less and less often, from its own events', async (t) => {
  const world = await openTab();
  for (let amount = 1; amount <= 5; amount += 1) await world.take(add(amount));
  await world.runUntil(renewal);
  await world.take(add(6));
  const quarter = 15 * 60_000;
  const hour = 4 * quarter;
  let now = renewal;
  for (const [millis, next] of [
    [quarter, hour],
    [hour, 6 * hour],
    [6 * hour, 24 * hour],
    [24 * hour, 24 * hour],
  ] as const) {
    world.restart();
    now = plusMillis(now, millis);
    const calls = await world.callsOf(() => world.runUntil(now));
    t.deepEqual(calls.slice(-5), ['read agg', 'read ev:7', 'read ev:8', 'publish 7 8', 'arm renewal']);
    t.like(world.reminders().renewal, { due: plusMillis(now, next) });
  }
  await world.take({ type: 'pay' }, { by: 'event' });
  t.false('requestedFrom' in (world.snapshot() ?? {}));
});

test('a hint while an outcome is late publishes the request again and arms a reminder', async (t) => {
  const world = await pendingTab();
  await world.memory.runUntil(plusMillis(renewal, 3_600_000), async () => undefined);
  const calls = await world.callsOf(() => world.take(wake, hint));
  t.deepEqual(calls, ['read agg', 'read ev:2', 'publish 2', 'arm renewal']);
});

test('on a test clock only its hints advance the time, and no reminder stays armed', async (t) => {
  const world = turnWorld();
  const frozen = '2030-01-01T00:00:00.000Z';
  const clock = { id: 'tc_1', now: frozen };
  t.like(await world.take(open, call(), clock), { ok: true, clock });
  t.deepEqual(world.reminders(), {});
  t.is(world.published[0]?.testClock, 'tc_1');

  const ahead = plusMillis(frozen, 40 * 24 * 3_600_000);
  t.like(await world.take(wake, { by: 'hint', clockNow: ahead }), { ok: true, clock: { now: ahead }, state: { status: 'pending' } });
  t.like(await world.take(wake, { by: 'hint', clockNow: frozen }), { ok: true, clock: { now: ahead } }, 'time never goes back');
  t.deepEqual(world.reminders(), {});
});
