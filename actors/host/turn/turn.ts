import type { Instant } from '../../../services/shared/time.ts';
import type { ActorState } from '../actor-state.ts';
import type { Aggregate, Clock, Origin, Quarantine, Snapshot } from '../aggregate.ts';
import type { Refusal } from '../refusal.ts';
import type { Reminders } from '../reminders.ts';

/** One turn: its actor, its origin, and the sidecar's state and reminders of that actor. */
export type Turn<State, Command, Event> = {
  readonly id: string;
  readonly origin: Origin;
  readonly aggregate: Aggregate<State, Command, Event>;
  readonly state: ActorState;
  readonly reminders: Reminders;
};

/** The actor as the turn found it. */
export type Loaded<State> = {
  readonly snapshot: Snapshot<State>;
  /** The clock that the actor lives on in this turn; null for system time. */
  readonly clock: Clock;
  /** Domain time of the turn: the test clock's, else the system's. */
  readonly now: Instant;
  /** Events up to this sequence are known to be published. */
  readonly published: number;
};

/** The new events of a turn, and the state before and after them. */
export type Decision<State, Event> = {
  readonly before: State | undefined;
  readonly after: State;
  readonly events: readonly Event[];
  /** Sequence of the last event, after this turn. */
  readonly sequence: number;
  /** The quarantine after this turn. While there is one, nothing wakes the actor. */
  readonly quarantine: Quarantine | null;
  /** The response to the caller where its command broke an invariant. */
  readonly refusal?: Refusal;
};
