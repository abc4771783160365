import type { MarqueeEvent } from '../../services/shared/events.ts';
import type { Result } from '../../services/shared/result.ts';
import type { Instant } from '../../services/shared/time.ts';
import type { Refusal } from './refusal.ts';
import type { ReminderPayload } from './reminders.ts';

/**
 * The frozen time of the test clock that an actor lives on; null for system time. Only that clock
 * moves it.
 */
export type Clock = { readonly id: string; readonly now: Instant } | null;

/**
 * A command answered lately: a repeat of its key gets the same response, the state as of
 * `sequence`.
 */
export type AnsweredCommand = { readonly key: string; readonly hash: string; readonly sequence: number };

/**
 * The stored value of the key `agg`. Key names never change; `schemaVersion` says how to read an
 * older one.
 */
export type Snapshot<State> = {
  readonly schemaVersion: 1;
  /** Number of events, each stored once under `ev:<sequence>`. */
  readonly sequence: number;
  /**
   * Sequence known to be published when this was written. A crash may repeat a few events, but
   * never loses one.
   */
  readonly published: number;
  readonly state: State | null;
  /**
   * While an outcome from outside is awaited: the sequence and the state before the turn that
   * requested it, so that the request is published again without reading the whole history. Absent
   * otherwise, and in older snapshots.
   */
  readonly requestedFrom?: { readonly sequence: number; readonly state: State | null };
  readonly clock: Clock;
  readonly answered: readonly AnsweredCommand[];
  /**
   * Set when a turn would have broken an invariant: the actor refuses everything until an operator
   * has released it.
   */
  readonly quarantine: Quarantine | null;
};

export type Quarantine = {
  readonly at: Instant;
  readonly violation: string;
  readonly command: unknown;
  /**
   * The commands of events since then, the one that broke the invariant among them. No one sends
   * them again, so they take effect at the release. Absent in older states, and before the first.
   */
  readonly kept?: readonly unknown[];
};

export type NextWake = { readonly at: Instant; readonly reason: string; readonly reminder: string };

/** The rules of an actor type, all of them pure functions. `turn/take-turn.ts` runs them. */
export type Aggregate<State, Command, Event> = {
  readonly type: string;
  /** Names of the reminders that the actor may have armed. */
  readonly reminders: readonly string[];
  readonly decide: (state: State | undefined, command: Command, now: Instant) => Result<readonly Event[]>;
  readonly evolve: (state: State | undefined, event: Event) => State;
  readonly nextWake: (state: State) => NextWake | undefined;
  /**
   * Whether the wake only checks on an outcome from outside: the reminder that fired may then
   * simply repeat.
   */
  readonly awaitsOutcome: (wake: NextWake) => boolean;
  /** The broken invariant in words, or undefined. */
  readonly violation: (before: State | undefined, after: State, events: readonly Event[]) => string | undefined;
  /**
   * The events of a quarantine and of its end; without them nothing is published. They
   * change nothing of the state but its time and sequence.
   */
  readonly quarantineEvents?: {
    readonly quarantined: (state: State, violation: string, now: Instant) => Event;
    readonly released: (state: State, now: Instant) => Event;
  };
  readonly toMarqueeEvent: (event: Event, sequence: number, before: State | undefined, after: State, clock: Clock) => MarqueeEvent;
};

/** The origin of a turn, which decides what repeats the turn when it dies half-way. */
export type Origin =
  /** The actor's own reminder, which repeats until it is moved. */
  | ({ readonly by: 'reminder'; readonly name: string } & ReminderPayload)
  /**
   * A delivered event: the broker delivers it again until the turn has succeeded. With a key its
   * command may be left out of the repeat, so the turn is guarded, and a repeat gets its response.
   */
  | { readonly by: 'event'; readonly idempotencyKey?: string | null; readonly bodyHash?: string }
  /**
   * A hint that changes nothing by itself, from the sweeper or a test clock: its sender repeats it.
   */
  | { readonly by: 'hint'; readonly clockNow: Instant | null }
  /** Any other caller: the turn first arms a guard. */
  | { readonly by: 'call'; readonly idempotencyKey: string | null; readonly bodyHash: string };

export type TurnResult<State> =
  | {
      readonly ok: true;
      readonly state: State;
      readonly clock: Clock;
      readonly sequence: number;
      /** Ids of the events that this turn made, or the first turn if this one is a repeat. */
      readonly eventIds: readonly string[];
    }
  | Refusal;
