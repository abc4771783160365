import type { Aggregate, Clock, NextWake, Origin, Snapshot } from '../../actors/host/aggregate.ts';
import { createTurnQueue } from '../../actors/host/one-turn-at-a-time.ts';
import type { ReminderPayload } from '../../actors/host/reminders.ts';
import { createTurnTaker } from '../../actors/host/turn/take-turn.ts';
import { type MarqueeEvent, newEvent } from '../../services/shared/events.ts';
import { accept, type Result, reject } from '../../services/shared/result.ts';
import { type Instant, plusMillis } from '../../services/shared/time.ts';
import { type InMemorySidecar, sidecarInMemory } from './sidecar-in-memory.ts';

/**
 * A tab that renews every month and then awaits a payment: the smallest actor that uses all parts
 * of a turn.
 */
export type Tab = {
  readonly status: 'open' | 'pending' | 'overdue' | 'closed';
  readonly total: number;
  readonly renewsAt: Instant;
  readonly wakesAt: Instant;
};

export type TabCommand =
  | { readonly type: 'open' }
  | { readonly type: 'add'; readonly amount: number }
  | { readonly type: 'close' }
  | { readonly type: 'reopen' }
  | { readonly type: 'pay' }
  | { readonly type: 'decline' }
  | { readonly type: 'wake' };

type EventType =
  | 'tab.opened'
  | 'tab.added'
  | 'tab.renewed'
  | 'tab.paid'
  | 'tab.declined'
  | 'tab.retried'
  | 'tab.closed'
  | 'tab.reopened'
  | 'tab.quarantined'
  | 'tab.released';
export type TabEvent = { readonly type: EventType; readonly at: Instant; readonly amount?: number };

const day = 24 * 3_600_000;
const month = 30 * day;
const quarterOfAnHour = 15 * 60_000;
export const start: Instant = '2026-03-01T12:00:00.000Z';
export const renewal: Instant = plusMillis(start, month);
export const guardMillis = 60_000;
export const actor = 'Tab||tab_1';

function decide(tab: Tab | undefined, command: TabCommand, at: Instant): Result<readonly TabEvent[]> {
  const happens = (type: EventType, isSo: boolean) => accept(isSo ? [{ type, at }] : []);
  if (command.type === 'open') return happens('tab.opened', tab === undefined);
  if (!tab) return command.type === 'pay' ? accept([]) : reject('subscription-not-found', 'There is no such tab.');
  switch (command.type) {
    case 'add':
      if (tab.status === 'closed') return reject('subscription-ended', 'The tab is closed.');
      return accept([{ type: 'tab.added', at, amount: command.amount }]);
    case 'close':
      return happens('tab.closed', tab.status !== 'closed');
    case 'reopen':
      return happens('tab.reopened', tab.status === 'closed');
    case 'pay':
      return happens('tab.paid', tab.status === 'pending');
    case 'decline':
      return happens('tab.declined', tab.status === 'pending');
    case 'wake':
      if (tab.status === 'overdue') return happens('tab.retried', at >= tab.wakesAt);
      return happens('tab.renewed', tab.status === 'open' && at >= tab.renewsAt);
  }
}

export function evolve(tab: Tab | undefined, { type, at, amount = 0 }: TabEvent): Tab {
  if (type === 'tab.opened') return { status: 'open', total: 0, renewsAt: plusMillis(at, month), wakesAt: plusMillis(at, month) };
  if (!tab) throw new Error(`${type} before tab.opened`);
  switch (type) {
    case 'tab.added':
      return { ...tab, total: tab.total + amount };
    case 'tab.renewed':
      return { ...tab, status: 'pending', renewsAt: plusMillis(tab.renewsAt, month), wakesAt: plusMillis(at, quarterOfAnHour) };
    case 'tab.paid':
    case 'tab.reopened':
      return { ...tab, status: 'open', wakesAt: tab.renewsAt };
    case 'tab.declined':
      return { ...tab, status: 'overdue', wakesAt: plusMillis(at, day) };
    case 'tab.retried':
      return { ...tab, status: 'pending', wakesAt: plusMillis(at, quarterOfAnHour) };
    case 'tab.closed':
      return { ...tab, status: 'closed' };
    case 'tab.quarantined':
    case 'tab.released':
      return tab;
  }
}

export const nextWake = ({ status, wakesAt }: Tab): NextWake | undefined =>
  status === 'closed' ? undefined : { at: wakesAt, reason: status, reminder: status === 'overdue' ? 'dunning' : 'renewal' };

export const tabAggregate: Aggregate<Tab, TabCommand, TabEvent> = {
  type: 'Tab',
  reminders: ['renewal', 'dunning'],
  decide,
  evolve,
  nextWake,
  awaitsOutcome: ({ reason }) => reason === 'pending',
  violation: (_before, { total }) => (total < 0 ? 'the total is below zero' : undefined),
  toMarqueeEvent: ({ type, at }, sequence, _before, after, clock) =>
    // A tab is an aggregate of this test alone, so its events are in no contract.
    newEvent({ type, subject: 'tab_1', sequence, time: at, customerId: 'cus_1', testClock: clock?.id ?? null, data: after } as never),
};

export const call = (idempotencyKey: string | null = null, bodyHash = 'body'): Origin => ({ by: 'call', idempotencyKey, bodyHash });

/** A tab that publishes its quarantine. */
export const publishingTab: typeof tabAggregate = {
  ...tabAggregate,
  quarantineEvents: {
    quarantined: (_tab, _violation, at) => ({ type: 'tab.quarantined', at }),
    released: (_tab, at) => ({ type: 'tab.released', at }),
  },
};

/** Turns of one tab over a sidecar in memory, and a broker that stores published events. */
export function turnWorld(memory: InMemorySidecar = sidecarInMemory(start), published: MarqueeEvent[] = [], aggregate = tabAggregate) {
  const quarantined: string[] = [];
  const turns = createTurnQueue();
  let skewMillis = 0;
  let checkClock = async (): Promise<void> => undefined;
  let send = async (events: readonly MarqueeEvent[]): Promise<void> => void published.push(...events);
  const startTaker = () =>
    createTurnTaker({
      aggregate,
      sidecar: memory.sidecar,
      now: () => plusMillis(memory.now(), skewMillis),
      checkClock: () => checkClock(),
      guardMillis,
      onQuarantine: (id, violation) => quarantined.push(`${id}: ${violation}`),
      publish: async (events) => {
        if (events.length > 0) await memory.listed(`publish ${events.map(({ sequence }) => sequence).join(' ')}`, () => send(events));
      },
    });
  let taker = startTaker();

  const take = (command: TabCommand, origin: Origin = call(), clock?: Clock) =>
    turns(actor, () => taker.takeTurn('tab_1', command, origin, clock));
  const fire = (name: string, payload: ReminderPayload) => take({ type: 'wake' }, { by: 'reminder', name, ...payload });

  return {
    memory,
    published,
    quarantined,
    take,
    fire,
    release: (dropCommand = false) => turns(actor, () => taker.releaseQuarantine('tab_1', { dropCommand }, call())),
    snapshot: () => memory.stored<Snapshot<Tab>>(actor, 'agg'),
    event: (sequence: number) => memory.stored<TabEvent>(actor, `ev:${sequence}`),
    reminders: () => memory.armed(actor),
    /** Advances the time; due reminders start turns. */
    runUntil: (until: Instant) =>
      memory.runUntil(until, async (_id, name, data) => {
        await fire(name, data as ReminderPayload);
      }),
    /** A new process over the same store, without memory. */
    restart: (): void => {
      memory.onCall({});
      taker = startTaker();
    },
    /** The clock of the host is so far ahead of the scheduler's; behind it, if negative. */
    clockIsAhead: (millis: number): void => {
      skewMillis = millis;
    },
    /** The check of the host's clock. */
    clockCheckIs: (check: () => Promise<void>): void => {
      checkClock = check;
    },
    brokerSends: (next: (events: readonly MarqueeEvent[]) => Promise<void>): void => {
      send = next;
    },
    /** The calls of the turns that `run` causes. */
    callsOf: async (run: () => Promise<unknown>): Promise<readonly string[]> => {
      const from = memory.calls.length;
      await run();
      return memory.calls.slice(from);
    },
  };
}

export type TurnWorld = ReturnType<typeof turnWorld>;

/** A tab that was opened, with no event left to publish. */
export async function openTab(aggregate = tabAggregate): Promise<TurnWorld> {
  const world = turnWorld(sidecarInMemory(start), [], aggregate);
  await world.take({ type: 'open' });
  return world;
}
