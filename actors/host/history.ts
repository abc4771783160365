import type { MarqueeEvent } from '../../services/shared/events.ts';
import type { ActorState } from './actor-state.ts';
import type { Aggregate, Clock, Snapshot } from './aggregate.ts';

/** The events of `from + 1 .. to`, read from the actor's own history. */
export async function readEvents<Event>(state: ActorState, from: number, to: number): Promise<Event[]> {
  const rows = await Promise.all(Array.from({ length: to - from }, (_, index) => state.read<Event>(`ev:${from + index + 1}`)));
  return rows.map((row, index) => {
    if (row === undefined) throw new Error(`event ${from + index + 1} is missing`);
    return row;
  });
}

/** Committed events that may not be out: read back and folded again, so that each is published with the state it led to. */
export async function backlogOf<State, Command, Event>(
  state: ActorState,
  aggregate: Aggregate<State, Command, Event>,
  snapshot: Snapshot<State>,
  published: number,
): Promise<MarqueeEvent[]> {
  const history = await readEvents<Event>(state, 0, snapshot.sequence);
  return marqueeEvents(aggregate, history, undefined, 0, snapshot.clock).slice(published);
}

export function marqueeEvents<State, Command, Event>(
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
