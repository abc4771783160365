import type { Instant } from '../../../services/shared/time.ts';
import type { Clock, Origin, Snapshot } from '../aggregate.ts';
import type { Loaded, Turn } from './turn.ts';

const emptySnapshot: Snapshot<never> = {
  schemaVersion: 1,
  sequence: 0,
  published: 0,
  state: null,
  clock: null,
  answered: [],
  quarantine: null,
};

export type LoadOptions = {
  readonly now: () => Instant;
  /** Sequence that this process has published for the actor, or 0. */
  readonly knownPublished: number;
  /** The test clock that an actor is created on. */
  readonly startOnClock: Clock;
};

/**
 * First step: reads the snapshot, always from the store, because another host may have moved it on.
 * It changes nothing, so a crash here leaves everything as it was and a repeat reads again.
 */
export async function load<State, Command, Event>(
  { state, origin, aggregate }: Turn<State, Command, Event>,
  { now, knownPublished, startOnClock }: LoadOptions,
): Promise<Loaded<State>> {
  const snapshot: Snapshot<State> = (await state.read<Snapshot<State>>('agg')) ?? emptySnapshot;
  const clock = clockOf(snapshot, origin, startOnClock);
  const time = clock?.now ?? now();
  const known = publishedBefore(snapshot, origin, knownPublished);
  const isLate = clock === null && isLateOutcome(aggregate, snapshot, origin, time);
  const published = isLate ? Math.min(known, snapshot.requestedFrom?.sequence ?? snapshot.published) : known;
  return { snapshot, clock, now: time, published };
}

/** Only a hint of the actor's own test clock moves its time, and only forward. */
function clockOf<State>({ state, clock }: Snapshot<State>, origin: Origin, startOnClock: Clock): Clock {
  if (state === null) return startOnClock;
  if (!clock || origin.by !== 'hint' || origin.clockNow === null) return clock;
  return origin.clockNow > clock.now ? { id: clock.id, now: origin.clockNow } : clock;
}

/** The highest sequence that any witness knows to be published: snapshot, memory or reminder. */
const publishedBefore = <State>(snapshot: Snapshot<State>, origin: Origin, knownPublished: number): number =>
  Math.min(snapshot.sequence, Math.max(snapshot.published, knownPublished, origin.by === 'reminder' ? origin.published : 0));

/**
 * Whether the turn only checks on an outcome that has not come. Its request may have been lost, so
 * it counts as not published, even where this process has published it.
 */
function isLateOutcome<State, Command, Event>(
  { nextWake, awaitsOutcome }: Turn<State, Command, Event>['aggregate'],
  { state, quarantine }: Snapshot<State>,
  origin: Origin,
  now: Instant,
): boolean {
  const isCheck = origin.by === 'hint' || (origin.by === 'reminder' && !origin.isGuard);
  const wake = isCheck && state !== null && quarantine === null ? nextWake(state) : undefined;
  return wake !== undefined && awaitsOutcome(wake) && wake.at <= now;
}
