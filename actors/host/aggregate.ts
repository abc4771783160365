import type { MarqueeEvent } from '../../services/shared/events.ts';
import type { Rejection, Result } from '../../services/shared/result.ts';
import type { Instant } from '../../services/shared/time.ts';
import type { Fired } from './reminders.ts';

/** The frozen time that an actor on a test clock lives at; null for system time. Only the clock moves it. */
export type Clock = { readonly id: string; readonly now: Instant } | null;

/** A command answered lately: the same key again gets the same answer, which is the state as of `sequence`. */
export type Answered = { readonly key: string; readonly hash: string; readonly sequence: number };

/** What is stored under `agg`. Key names never change; `schemaVersion` says how to read an older one. */
export type Snapshot<State> = {
  readonly schemaVersion: 1;
  /** Number of events, each stored once under `ev:<sequence>`. */
  readonly sequence: number;
  /** Sequence known to be published when this was written; a crash may repeat a few events, never lose one. */
  readonly published: number;
  readonly state: State | null;
  readonly clock: Clock;
  readonly answered: readonly Answered[];
  /** Set when a turn would have broken an invariant: the actor then refuses everything until an operator has looked. */
  readonly quarantine: { readonly at: Instant; readonly violation: string; readonly command: unknown } | null;
};

export type NextWake = { readonly at: Instant; readonly reason: string; readonly reminder: string };

/** The rules an actor lives by: all pure. The turn around them is in `turn.ts`. */
export type Aggregate<State, Command, Event> = {
  readonly type: string;
  readonly reminders: readonly string[];
  readonly decide: (state: State | undefined, command: Command, now: Instant) => Result<readonly Event[]>;
  readonly evolve: (state: State | undefined, event: Event) => State;
  readonly nextWake: (state: State) => NextWake | undefined;
  /** Waits for something outside: a wake finds nothing to do, and the reminder that fired may simply repeat. */
  readonly isWaiting: (wake: NextWake) => boolean;
  readonly violation: (before: State | undefined, after: State, events: readonly Event[]) => string | undefined;
  readonly toMarqueeEvent: (event: Event, sequence: number, before: State | undefined, after: State, clock: Clock) => MarqueeEvent;
};

/** Where a turn comes from decides what stands behind it if it dies half-way. */
export type Origin =
  /** Its own reminder, which repeats until it is moved. `published`: what was known to be out when it was armed. */
  | ({ readonly by: 'reminder'; readonly name: string } & Fired)
  /** A delivered event: the broker delivers it again until the turn has answered. */
  | { readonly by: 'event' }
  /** A hint that changes nothing by itself (the sweeper, a test clock): whoever sends it sends it again. */
  | { readonly by: 'hint'; readonly clockNow: Instant | null }
  /** Anyone else: the turn first arms a guard. */
  | { readonly by: 'call'; readonly idempotencyKey: string | null; readonly bodyHash: string };

export type TurnAnswer<State> =
  | {
      readonly ok: true;
      readonly state: State;
      readonly clock: Clock;
      readonly sequence: number;
      /** Ids of the events this turn made, or would have made had it not been a repeat. */
      readonly eventIds: readonly string[];
    }
  | Refused;

export type Refused = { readonly ok: false; readonly rejection: Rejection };
