import { LRUCache } from 'lru-cache';
import { eventId, type MarqueeEvent } from '../../services/shared/events.ts';
import { passes } from '../../services/shared/fault-points.ts';
import type { Sidecar } from '../../services/shared/sidecar.ts';
import type { Instant } from '../../services/shared/time.ts';
import { type ActorState, actorState } from './actor-state.ts';
import type { Aggregate, Answered, Clock, Origin, Refused, Snapshot, TurnAnswer } from './aggregate.ts';
import { armNext, guardName } from './arming.ts';
import { backlogOf, marqueeEvents, readEvents } from './history.ts';
import { remindersOf } from './reminders.ts';

export type TurnSettings<State, Command, Event> = {
  readonly aggregate: Aggregate<State, Command, Event>;
  readonly sidecar: Sidecar;
  readonly publish: (events: readonly MarqueeEvent[]) => Promise<void>;
  readonly now: () => Instant;
  /** How far ahead the guard of a turn is armed, and how often it repeats: a crash half-way is made good by then. */
  readonly guardMillis: number;
  readonly onQuarantine: (id: string, violation: string) => void;
};

/** Somebody waits for the answer of a call; a reminder or an event would only be served twice for impatience. */
const publishWaitMillis = { called: 500, unasked: 5_000 } as const;
const answersKept = 16;

export const emptySnapshot: Snapshot<never> = {
  schemaVersion: 1,
  sequence: 0,
  published: 0,
  state: null,
  clock: null,
  answered: [],
  quarantine: null,
};

/**
 * Runs turns of one actor type: load, decide, fold, guard, commit, publish, arm the next wake, answer.
 * Something durable stands behind every step (see Origin), so that a crash at any point is made good and a repeat changes nothing.
 */
export function createTurnTaker<State, Command, Event>(settings: TurnSettings<State, Command, Event>) {
  const { aggregate, sidecar } = settings;
  /** Sequences known to be out, of actors that are awake: only spares repeats, so losing it is harmless. */
  const knownOut = new LRUCache<string, number>({ max: 10_000 });

  const take = async (id: string, command: Command, origin: Origin, startOnClock?: Clock): Promise<TurnAnswer<State>> => {
    const state = actorState(sidecar, aggregate.type, id);
    const reminders = remindersOf(sidecar, aggregate.type, id, settings.guardMillis);
    const snapshot = (await state.read<Snapshot<State>>('agg')) ?? (emptySnapshot as Snapshot<State>);
    passes('turn.after-load');
    if (snapshot.quarantine) return quarantined(snapshot.quarantine.violation);
    const clock = clockOf(snapshot, origin, startOnClock);
    const now = clock?.now ?? settings.now();
    const published = publishedBefore(snapshot, origin, knownOut.get(id) ?? 0);

    const repeat =
      origin.by === 'call' && origin.idempotencyKey ? snapshot.answered.find(({ key }) => key === origin.idempotencyKey) : undefined;
    if (repeat) return repeatAnswer(state, aggregate, snapshot, repeat, origin, id);

    const before = snapshot.state ?? undefined;
    const decision = aggregate.decide(before, command, now);
    if (!decision.ok && origin.by === 'reminder' && before === undefined) {
      await reminders.remove(origin.name);
      return decision;
    }
    if (!decision.ok) return decision;
    const events = decision.value;
    const after = events.reduce<State | undefined>(aggregate.evolve, before);
    if (after === undefined) return { ok: false, rejection: { code: 'nothing-there', message: `There is no ${aggregate.type} ${id}.` } };

    const violation = events.length > 0 ? aggregate.violation(before, after, events) : undefined;
    if (violation) return quarantine(state, snapshot, violation, command, now, id);

    const guard = origin.by === 'call' && events.length > 0 ? guardName(aggregate, before) : undefined;
    if (guard) await reminders.guard(guard, published);
    passes('turn.after-guard');

    const sequence = snapshot.sequence + events.length;
    if (events.length > 0 || clock?.now !== snapshot.clock?.now) {
      const next: Snapshot<State> = {
        schemaVersion: 1,
        sequence,
        published,
        state: after,
        clock,
        answered: remember(snapshot.answered, origin, sequence),
        quarantine: null,
      };
      await state.write({ agg: next, ...rowsOf(events, snapshot.sequence) });
    }
    passes('turn.after-commit');

    const backlog = snapshot.sequence > published ? await backlogOf(state, aggregate, snapshot, published) : [];
    const fresh = marqueeEvents(aggregate, events, before, snapshot.sequence, clock);
    const sent = settings.publish([...backlog, ...fresh]).then(() => void knownOut.set(id, Math.max(sequence, knownOut.get(id) ?? 0)));
    const out = await inTime(sent, publishWaitMillis[origin.by === 'call' ? 'called' : 'unasked']);
    passes('turn.after-publish');

    await armNext({
      aggregate,
      reminders,
      before,
      after,
      clock,
      origin,
      guard,
      out,
      made: events.length,
      published: out ? sequence : published,
      now: settings.now(),
    });
    passes('turn.after-arm');
    return { ok: true, state: after, clock, sequence, eventIds: fresh.map((event) => event.id) };
  };

  const quarantine = async (
    state: ActorState,
    snapshot: Snapshot<State>,
    violation: string,
    command: Command,
    at: Instant,
    id: string,
  ): Promise<TurnAnswer<State>> => {
    await state.write({ agg: { ...snapshot, quarantine: { at, violation, command } } });
    settings.onQuarantine(id, violation);
    return quarantined(violation);
  };

  return { take, forget: (id: string) => void knownOut.delete(id) };
}

const quarantined = (violation: string): Refused => ({
  ok: false,
  rejection: { code: 'quarantined', message: `This needs an operator: ${violation}` },
});

const clockOf = <State>(snapshot: Snapshot<State>, origin: Origin, startOnClock: Clock | undefined): Clock => {
  if (snapshot.state === null) return startOnClock ?? null;
  if (!snapshot.clock || origin.by !== 'hint' || origin.clockNow === null) return snapshot.clock;
  return origin.clockNow > snapshot.clock.now ? { id: snapshot.clock.id, now: origin.clockNow } : snapshot.clock;
};

const publishedBefore = <State>(snapshot: Snapshot<State>, origin: Origin, remembered: number): number =>
  Math.min(snapshot.sequence, Math.max(snapshot.published, remembered, origin.by === 'reminder' ? origin.published : 0));

const rowsOf = <Event>(events: readonly Event[], sequence: number): Record<string, Event> =>
  Object.fromEntries(events.map((event, index) => [`ev:${sequence + index + 1}`, event]));

const remember = (answered: readonly Answered[], origin: Origin, sequence: number): readonly Answered[] =>
  origin.by === 'call' && origin.idempotencyKey
    ? [...answered, { key: origin.idempotencyKey, hash: origin.bodyHash, sequence }].slice(-answersKept)
    : answered;

async function repeatAnswer<State, Command, Event>(
  state: ActorState,
  aggregate: Aggregate<State, Command, Event>,
  snapshot: Snapshot<State>,
  repeat: Answered,
  origin: Origin,
  id: string,
): Promise<TurnAnswer<State>> {
  if (origin.by === 'call' && origin.bodyHash !== repeat.hash)
    return { ok: false, rejection: { code: 'idempotency-key-reused', message: 'This key was used with another body.' } };
  const history = await readEvents<Event>(state, 0, repeat.sequence);
  const then = history.reduce<State | undefined>(aggregate.evolve, undefined) as State;
  return { ok: true, state: then, clock: snapshot.clock, sequence: repeat.sequence, eventIds: [eventId(id, repeat.sequence)] };
}

/** True when the broker had them within so long; else the turn still answers, and its reminder sees to the rest. */
async function inTime(sent: Promise<void>, millis: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, millis, false);
  });
  const done = sent.then(
    () => true,
    () => false,
  );
  const out = await Promise.race([done, late]);
  clearTimeout(timer);
  return out;
}
