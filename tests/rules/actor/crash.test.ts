import test from 'ava';
import { later, plusMillis } from '../../../services/shared/time.ts';
import {
  call,
  evolve,
  guardMillis,
  nextWake,
  openTab,
  renewal,
  type Tab,
  type TabEvent,
  type TurnWorld,
} from '../../support/turn-world.ts';

const reminderPeriodMillis = 15 * 60_000;

type Turn = {
  readonly origin: string;
  /** Creates a world in which the turn is about to happen. */
  readonly prepare: () => Promise<TurnWorld>;
  readonly run: (world: TurnWorld) => Promise<unknown>;
  /**
   * Repeats the cause of the turn after the crash; undefined where nothing may repeat it.
   */
  readonly repeat?: (world: TurnWorld) => Promise<unknown>;
  readonly madeGoodWithinMillis: number;
  /** The status after the turn. */
  readonly leadsTo: Tab['status'];
};

const renewedTab = async () => {
  const world = await openTab();
  await world.runUntil(renewal);
  return world;
};

const lostReminder = async () => {
  const world = await openTab();
  await world.memory.runUntil(plusMillis(renewal, 1), async () => undefined);
  return world;
};

const closedTab = async () => {
  const world = await openTab();
  await world.take({ type: 'close' });
  return world;
};

const add = (world: TurnWorld) => world.take({ type: 'add', amount: 5 }, call('key-1'));
const pay = (world: TurnWorld) => world.take({ type: 'pay' }, { by: 'event' });
const decline = (world: TurnWorld) => world.take({ type: 'decline' }, { by: 'event' });
const hint = (world: TurnWorld) => world.take({ type: 'wake' }, { by: 'hint', clockNow: null });

const turns: readonly Turn[] = [
  { origin: 'a call', prepare: openTab, run: add, madeGoodWithinMillis: 2 * guardMillis, leadsTo: 'open' },
  {
    origin: 'a call that ends the tab',
    prepare: openTab,
    run: (world) => world.take({ type: 'close' }, call('key-1')),
    madeGoodWithinMillis: 2 * guardMillis,
    leadsTo: 'closed',
  },
  {
    origin: 'a reminder',
    prepare: openTab,
    run: (world) => world.runUntil(renewal),
    madeGoodWithinMillis: reminderPeriodMillis,
    leadsTo: 'pending',
  },
  { origin: 'an event', prepare: renewedTab, run: pay, repeat: pay, madeGoodWithinMillis: guardMillis, leadsTo: 'open' },
  {
    origin: 'an event that changes the reminder',
    prepare: renewedTab,
    run: decline,
    repeat: decline,
    madeGoodWithinMillis: guardMillis,
    leadsTo: 'overdue',
  },
  {
    origin: 'an event that is not repeated, without a reminder,',
    prepare: closedTab,
    run: (world) => world.take({ type: 'reopen' }, { by: 'event' }),
    madeGoodWithinMillis: 2 * guardMillis,
    leadsTo: 'open',
  },
  {
    origin: 'a keyed event that is not repeated',
    prepare: openTab,
    run: (world) => world.take({ type: 'add', amount: 5 }, { by: 'event', idempotencyKey: 'evt_1', bodyHash: 'body' }),
    madeGoodWithinMillis: 2 * guardMillis,
    leadsTo: 'open',
  },
  { origin: 'a hint', prepare: lostReminder, run: hint, repeat: hint, madeGoodWithinMillis: guardMillis, leadsTo: 'pending' },
];

/** Differences between snapshot, history and broker; none when the turn has been completed. */
function recordComplaints({ snapshot, event, published }: TurnWorld): string[] {
  const { sequence, state } = snapshot() ?? { sequence: 0, state: null };
  const history = Array.from({ length: sequence }, (_, index) => event(index + 1) as TabEvent);
  const folded = history.reduce<Tab | undefined>(evolve, undefined);
  const complaints: string[] = [];
  if (JSON.stringify(folded) !== JSON.stringify(state)) complaints.push('the snapshot is not the sum of its history');
  if (event(sequence + 1)) complaints.push('an event lies beyond the snapshot');
  const copies = new Map<string, Set<string>>();
  for (const sent of published) copies.set(sent.id, (copies.get(sent.id) ?? new Set()).add(JSON.stringify(sent)));
  for (let number = 1; number <= sequence; number += 1)
    if (!copies.has(`tab_1:${number}`)) complaints.push(`event ${number} was committed and never published`);
  for (const [id, contents] of copies) {
    if (contents.size > 1) complaints.push(`${id} was published with two contents`);
    if (Number(id.slice('tab_1:'.length)) > sequence) complaints.push(`${id} was published and never committed`);
  }
  return complaints;
}

/**
 * Faults of the reminder of the next wake. While a payment is awaited the reminder that fired may
 * repeat.
 */
function wakeComplaints({ snapshot, reminders, memory }: TurnWorld): string[] {
  const { state = null } = snapshot() ?? {};
  const wake = state ? nextWake(state) : undefined;
  if (wake === undefined) return [];
  const armed = reminders()[wake.reminder];
  if (armed === undefined) return [`${wake.reminder} is not armed`];
  const isRight = wake.reason === 'pending' || armed.due === later(wake.at, memory.now());
  return isRight ? [] : [`${wake.reminder} is armed for ${armed.due} in place of ${wake.at}`];
}

/**
 * Reminders that are no longer needed. Such a reminder only wakes the tab once in vain, and is
 * removed when it fires.
 */
function leftReminders({ snapshot, reminders }: TurnWorld): string[] {
  const { state = null } = snapshot() ?? {};
  const needed = state ? nextWake(state)?.reminder : undefined;
  return Object.keys(reminders()).filter((name) => name !== needed);
}

/** From the crash on every call of the process fails, until it is restarted. */
function crashAt({ memory }: TurnWorld, position: number, side: 'before' | 'after'): void {
  let made = 0;
  let isDead = false;
  const die = () => {
    isDead = true;
    throw new Error('the process died');
  };
  memory.onCall({
    before: () => {
      made += 1;
      if (isDead || (side === 'before' && made === position)) die();
    },
    after: () => {
      if (isDead || (side === 'after' && made === position)) die();
    },
  });
}

for (const { origin, prepare, run, repeat, madeGoodWithinMillis, leadsTo } of turns) {
  const undisturbed = await prepare();
  const statusBefore = undisturbed.snapshot()?.state?.status;
  const calls = await undisturbed.callsOf(() => run(undisturbed));

  test(`a turn that ${origin} begins leaves nothing undone`, (t) => {
    t.deepEqual([...recordComplaints(undisturbed), ...wakeComplaints(undisturbed), ...leftReminders(undisturbed)], []);
    t.is(undisturbed.snapshot()?.state?.status, leadsTo);
  });

  for (const [index, name] of calls.entries())
    for (const side of ['before', 'after'] as const)
      test(`a turn that ${origin} begins and that dies ${side} call ${index + 1}, "${name}", is completed in time`, async (t) => {
        const world = await prepare();
        crashAt(world, index + 1, side);
        await run(world).catch(() => undefined);
        world.restart();
        const isCommitted = world.snapshot()?.sequence === undisturbed.snapshot()?.sequence;
        const isRepeated = repeat !== undefined || origin === 'a reminder';
        await repeat?.(world);
        await world.runUntil(plusMillis(world.memory.now(), madeGoodWithinMillis));

        t.deepEqual([...recordComplaints(world), ...wakeComplaints(world)], []);
        t.is(world.snapshot()?.state?.status, isCommitted || isRepeated ? leadsTo : statusBefore);
        await world.runUntil(plusMillis(world.memory.now(), reminderPeriodMillis));
        t.deepEqual([...recordComplaints(world), ...wakeComplaints(world), ...leftReminders(world)], []);
      });
}

const undisturbed = await openTab();
const calls = await undisturbed.callsOf(() => add(undisturbed));

for (const [index, name] of calls.entries())
  for (const side of ['before', 'after'] as const)
    test(`a call that dies ${side} call ${index + 1}, "${name}", takes effect once when its caller repeats it`, async (t) => {
      const world = await openTab();
      crashAt(world, index + 1, side);
      await add(world).catch(() => undefined);
      world.restart();
      const repeated = await add(world);

      t.like(repeated, { ok: true, sequence: 2, eventIds: ['tab_1:2'], state: { total: 5 } });
      await world.runUntil(plusMillis(world.memory.now(), 2 * guardMillis));
      t.deepEqual([...recordComplaints(world), ...wakeComplaints(world), ...leftReminders(world)], []);
      t.like(world.snapshot(), { sequence: 2, state: { total: 5 } });
    });
