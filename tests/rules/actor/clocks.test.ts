import test from 'ava';
import { createClockCheck } from '../../../services/host/clock-check.ts';
import { plusMillis } from '../../../services/shared/time.ts';
import { openTab, renewal } from '../../support/turn-world.ts';

const minute = 60_000;

test('a host whose clock is a little behind the scheduler waits, and renews in time', async (t) => {
  const world = await openTab();
  world.clockIsAhead(-2_000);
  const calls = await world.callsOf(() => world.runUntil(renewal));
  t.deepEqual(calls, ['read agg', 'arm renewal']);
  await world.runUntil(plusMillis(renewal, 2_000));
  t.is(world.snapshot()?.state?.status, 'pending');
});

test('a reminder that has just fired is not armed nearer than a second ahead', async (t) => {
  const world = await openTab();
  world.clockIsAhead(-1);
  await world.runUntil(renewal);
  t.like(world.reminders().renewal, { due: plusMillis(renewal, 1_000), data: { due: renewal } });
});

test('a host whose clock is minutes behind the scheduler fails its turns', async (t) => {
  const world = await openTab();
  world.clockIsAhead(-2 * minute);
  await t.throwsAsync(world.fire('renewal', { published: 1, isGuard: false, due: renewal }), { message: /behind/ });
  t.is(world.snapshot()?.sequence, 1);
});

test('a host whose clock cannot be trusted bills nothing, and accepts no command', async (t) => {
  const world = await openTab();
  world.clockIsAhead(40 * 24 * 60 * minute);
  world.clockCheckIs(async () => {
    throw new Error('the clocks are apart');
  });
  const wake = world.take({ type: 'wake' }, { by: 'hint', clockNow: null });
  await t.throwsAsync(wake, { message: 'the clocks are apart' });
  await t.throwsAsync(world.take({ type: 'add', amount: 5 }), { message: 'the clocks are apart' });
  t.is(world.snapshot()?.sequence, 1);
});

/** A check of clocks that the test moves. */
function movedClocks() {
  const times = { wall: 1_000_000, monotonic: 0, store: 1_000_000 };
  let hasFailed = false;
  let reads = 0;
  const check = createClockCheck(
    async () => {
      reads += 1;
      if (hasFailed) throw new Error('the store is unavailable');
      return times.store;
    },
    { wall: () => times.wall, monotonic: () => times.monotonic },
  );
  return {
    check,
    reads: () => reads,
    /** The first check does not hold up its turn. */
    settle: async () => {
      await check();
      await new Promise((resolve) => setImmediate(resolve));
    },
    pass: (millis: number) => {
      for (const name of ['wall', 'monotonic', 'store'] as const) times[name] += millis;
    },
    jump: (millis: number) => {
      times.wall += millis;
    },
    storeFails: () => {
      hasFailed = true;
    },
  };
}

test('clocks that agree are compared about every half minute', async (t) => {
  const { check, settle, pass, reads } = movedClocks();
  await settle();
  for (let turns = 0; turns < 10; turns += 1) await check();
  t.is(reads(), 1);
  pass(minute);
  await settle();
  t.is(reads(), 2);
});

test('a clock that jumps is noticed immediately, and trusted again when it is set right', async (t) => {
  const { check, settle, jump } = movedClocks();
  await settle();
  jump(35 * 24 * 60 * minute);
  await t.throwsAsync(check(), { message: /apart/ });
  await t.throwsAsync(check(), { message: /apart/ });
  jump(-35 * 24 * 60 * minute);
  await t.notThrowsAsync(check());
});

test('a store that is unavailable changes nothing, unless the clock has jumped', async (t) => {
  const { check, settle, pass, jump, storeFails } = movedClocks();
  await settle();
  storeFails();
  pass(minute);
  await t.notThrowsAsync(check());
  jump(2 * minute);
  await t.throwsAsync(check());
});
