import type { MarqueeEvent } from '../../services/shared/events.ts';
import type { ActorState } from './actor-state.ts';
import type { Aggregate, Clock, Snapshot } from './aggregate.ts';

const readsAtOnce = 64;

/** The events `from + 1 .. to` of the actor's history, in order. Throws when one is missing. */
export async function readEvents<Event>(state: ActorState, from: number, to: number): Promise<Event[]> {
  const events: Event[] = [];
  for (let first = from + 1; first <= to; first += readsAtOnce) {
    const count = Math.min(readsAtOnce, to - first + 1);
    const rows = await Promise.all(Array.from({ length: count }, (_, index) => state.read<Event>(`ev:${first + index}`)));
    for (const [index, row] of rows.entries()) {
      if (row === undefined) throw new Error(`event ${first + index} is missing`);
      events.push(row);
    }
  }
  return events;
}

/**
 * The committed events after a sequence, in their published form, each with the state that it led
 * to. Reads the history only from where the snapshot knows a state.
 */
export async function eventsAfter<State, Command, Event>(
  state: ActorState,
  aggregate: Aggregate<State, Command, Event>,
  snapshot: Snapshot<State>,
  sequence: number,
): Promise<MarqueeEvent[]> {
  const { requestedFrom, clock } = snapshot;
  const known = requestedFrom && requestedFrom.sequence <= sequence ? requestedFrom : { sequence: 0, state: null };
  const events = await readEvents<Event>(state, known.sequence, snapshot.sequence);
  return toMarqueeEvents(aggregate, events, known.state ?? undefined, known.sequence, clock).slice(sequence - known.sequence);
}

/**
 * Events in their published form. The first has the sequence after `sequence` and happened to
 * `start`.
 */
export function toMarqueeEvents<State, Command, Event>(
  aggregate: Aggregate<State, Command, Event>,
  events: readonly Event[],
  start: State | undefined,
  sequence: number,
  clock: Clock,
): MarqueeEvent[] {
  let before = start;
  return events.map((event, index) => {
    const after = aggregate.evolve(before, event);
    const published = aggregate.toMarqueeEvent(event, sequence + index + 1, before, after, clock);
    before = after;
    return published;
  });
}
