import test from 'ava';
import { plusMillis } from '../../../services/shared/time.ts';
import { guardMillis, openTab, publishingTab, renewal, start, type TabCommand, type TurnWorld } from '../../support/turn-world.ts';

const add = (amount: number): TabCommand => ({ type: 'add', amount });
const byEvent = { by: 'event' } as const;
const publishedBy = ({ published }: TurnWorld) => published.map(({ type }) => String(type));

/** A tab whose total may not fall below a limit, which a correction of the rules lowers. */
async function limitedTab() {
  let least = 0;
  const world = await openTab({
    ...publishingTab,
    violation: (_before, { total }) => (total < least ? 'the total is too low' : undefined),
  });
  return {
    world,
    correctRules: () => {
      least = -10;
    },
  };
}

test('a quarantine is published, and nothing wakes the actor any more', async (t) => {
  const { world } = await limitedTab();
  t.like(await world.take(add(-1)), { ok: false, rejection: { code: 'quarantined' } });

  t.deepEqual(publishedBy(world), ['tab.opened', 'tab.quarantined']);
  t.deepEqual(world.reminders(), {});
  t.like(world.snapshot(), { sequence: 2, state: { total: 0 }, quarantine: { violation: 'the total is too low' } });
  await world.take(add(5));
  await world.runUntil(plusMillis(renewal, 1));
  t.is(world.snapshot()?.sequence, 2);
  t.deepEqual(world.quarantined, ['tab_1: the total is too low'], 'it is reported once');
});

for (const origin of [{ by: 'call', idempotencyKey: null, bodyHash: 'body' }, byEvent] as const)
  test(`a quarantine by a turn of ${origin.by} origin is published although the host dies after the commit`, async (t) => {
    const { world } = await limitedTab();
    world.memory.onCall({
      after: (call) => {
        if (call.startsWith('write')) throw new Error('the process died');
      },
    });
    await t.throwsAsync(world.take(add(-1), origin));
    world.restart();
    t.deepEqual(publishedBy(world), ['tab.opened']);
    await world.runUntil(plusMillis(start, 2 * guardMillis));
    t.true(publishedBy(world).includes('tab.quarantined'));
    t.deepEqual(world.reminders(), {});
  });

test('commands of events are kept in quarantine, and take effect when it ends', async (t) => {
  const { world, correctRules } = await limitedTab();
  await world.take(add(-1), byEvent);
  for (const amount of [5, 7, 5]) t.like(await world.take(add(amount), byEvent), { ok: false, rejection: { code: 'quarantined' } });

  t.like(await world.release(), { ok: false, rejection: { code: 'quarantined' } }, 'an invariant is still broken');
  t.is(world.snapshot()?.sequence, 2);
  correctRules();
  t.like(await world.release(), { ok: true, state: { total: 11 } });

  t.deepEqual(publishedBy(world), ['tab.opened', 'tab.quarantined', 'tab.added', 'tab.added', 'tab.added', 'tab.released']);
  t.like(world.snapshot(), { quarantine: null });
  t.like(world.reminders().renewal, { due: renewal });
});

test('the command that broke an invariant is left out on request', async (t) => {
  const { world } = await limitedTab();
  await world.take(add(-1), byEvent);
  await world.take(add(5), byEvent);
  t.like(await world.release(true), { ok: true, state: { total: 5 } });
});

test('a command whose caller was refused does not take effect at the release', async (t) => {
  const { world, correctRules } = await limitedTab();
  await world.take(add(-1));
  correctRules();
  t.like(await world.release(), { ok: true, state: { total: 0 } });
  t.like(await world.take(add(-1)), { ok: true, state: { total: -1 } });
});

test('the release of an actor that is in no quarantine changes nothing', async (t) => {
  const { world } = await limitedTab();
  t.like(await world.release(), { ok: true, sequence: 1 });
  t.deepEqual(publishedBy(world), ['tab.opened']);
});
