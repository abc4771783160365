import { LRUCache } from 'lru-cache';
import type { MarqueeEvent } from '../../../services/shared/events.ts';
import { passes } from '../../../services/shared/fault-points.ts';
import type { Sidecar } from '../../../services/shared/sidecar.ts';
import type { Instant } from '../../../services/shared/time.ts';
import { actorState } from '../actor-state.ts';
import type { Aggregate, Clock, Origin, TurnResult } from '../aggregate.ts';
import { remindersOf } from '../reminders.ts';
import { armGuard, armNextWake } from './arm.ts';
import { checkClocks } from './clocks.ts';
import { commit } from './commit.ts';
import { decide, respondWithoutDeciding } from './decide.ts';
import { load } from './load.ts';
import { publish } from './publish.ts';
import { quarantined, release, turnInQuarantine } from './quarantine.ts';
import type { Decision, Loaded, Turn } from './turn.ts';

export type TurnSettings<State, Command, Event> = {
  readonly aggregate: Aggregate<State, Command, Event>;
  readonly sidecar: Sidecar;
  readonly publish: (events: readonly MarqueeEvent[]) => Promise<void>;
  readonly now: () => Instant;
  /** Milliseconds from arming a guard until it fires, and between its repeats. */
  readonly guardMillis: number;
  readonly onQuarantine: (id: string, violation: string) => void;
  /** Rejects while the clock of this host cannot be trusted. Without it nothing is checked. */
  readonly checkClock?: () => Promise<void>;
};

/**
 * Takes turns of one actor type: load, decide, arm the guard, commit, publish, arm the next wake.
 * The order is the promise. From the commit on something durable repeats the turn (see Origin)
 * until the last step has ended, so a crash between any two steps is made good within the guard's
 * time, and a repeat changes nothing that is done already. A step that throws fails the turn as a
 * crash does.
 */
export function createTurnTaker<State, Command, Event>(settings: TurnSettings<State, Command, Event>) {
  const { aggregate, sidecar, guardMillis, onQuarantine } = settings;
  /**
   * Sequences that this process has published. They only spare repeats, so losing them is harmless.
   */
  const knownPublished = new LRUCache<string, number>({ max: 10_000 });

  const begin = (id: string, origin: Origin): Turn<State, Command, Event> => ({
    id,
    origin,
    aggregate,
    state: actorState(sidecar, aggregate.type, id),
    reminders: remindersOf(sidecar, aggregate.type, id, guardMillis),
  });

  const send = (id: string, sequence: number) => async (events: readonly MarqueeEvent[]) => {
    await settings.publish(events);
    knownPublished.set(id, Math.max(sequence, knownPublished.get(id) ?? 0));
  };

  const open = async (id: string, origin: Origin, startOnClock: Clock = null) => {
    const turn = begin(id, origin);
    const loaded = await load(turn, { now: settings.now, knownPublished: knownPublished.get(id) ?? 0, startOnClock });
    if (loaded.clock === null) await checkClocks(origin, loaded.now, settings.checkClock);
    passes('turn.after-load');
    return { turn, loaded };
  };

  /** The steps from the guard on, which carry out a decision. */
  const complete = async (
    turn: Turn<State, Command, Event>,
    loaded: Loaded<State>,
    decision: Decision<State, Event>,
  ): Promise<TurnResult<State>> => {
    const { id } = turn;
    const guard = await armGuard(turn, loaded, decision);
    passes('turn.after-guard');
    await commit(turn, loaded, decision);
    if (decision.quarantine && !loaded.snapshot.quarantine) onQuarantine(id, decision.quarantine.violation);
    passes('turn.after-commit');
    const { isPublished, eventIds } = await publish(turn, loaded, decision, send(id, decision.sequence));
    passes('turn.after-publish');
    await armNextWake(turn, loaded, decision, { guard, isPublished, now: settings.now() });
    passes('turn.after-arm');
    return decision.refusal ?? { ok: true, state: decision.after, clock: loaded.clock, sequence: decision.sequence, eventIds };
  };

  const takeTurn = async (id: string, command: Command, origin: Origin, startOnClock: Clock = null): Promise<TurnResult<State>> => {
    const { turn, loaded } = await open(id, origin, startOnClock);
    const { quarantine } = loaded.snapshot;
    if (quarantine) {
      const rest = await turnInQuarantine(turn, loaded, quarantine, command);
      return rest ? complete(turn, loaded, rest) : quarantined(quarantine.violation);
    }
    const response = await respondWithoutDeciding(turn, loaded);
    if (response) return response;
    const decided = await decide(turn, loaded, command, onQuarantine);
    return decided.ok ? complete(turn, loaded, decided.value) : decided;
  };

  /** Releases an actor from quarantine; one that is in none stays as it is. */
  const releaseQuarantine = async (id: string, options: { readonly dropCommand: boolean }, origin: Origin): Promise<TurnResult<State>> => {
    const { turn, loaded } = await open(id, origin);
    const decided = release(turn, loaded, options);
    return decided.ok ? complete(turn, loaded, decided.value) : decided;
  };

  return { takeTurn, releaseQuarantine, forget: (id: string) => void knownPublished.delete(id) };
}
