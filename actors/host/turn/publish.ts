import type { MarqueeEvent } from '../../../services/shared/events.ts';
import { eventsAfter, toMarqueeEvents } from '../history.ts';
import type { Decision, Loaded, Turn } from './turn.ts';

/** A caller waits for its response; a reminder or an event would only be repeated too early. */
const publishWaitMillis = { call: 500, other: 5_000 } as const;

/**
 * `isPublished` is false when the broker failed or was too slow: the reminder then publishes again.
 */
export type Published = { readonly isPublished: boolean; readonly eventIds: readonly string[] };

/**
 * Fourth step: publishes the new events, after those of earlier turns that may not be out yet. It
 * only ever publishes what is committed. A repeat publishes the same events under the same ids, and
 * consumers know them by those. Never throws: the commit remains whatever the broker does.
 */
export async function publish<State, Command, Event>(
  { aggregate, state, origin }: Turn<State, Command, Event>,
  { snapshot, clock, published }: Loaded<State>,
  { before, events }: Decision<State, Event>,
  send: (events: readonly MarqueeEvent[]) => Promise<void>,
): Promise<Published> {
  const earlier = snapshot.sequence > published ? await eventsAfter(state, aggregate, snapshot, published) : [];
  const made = toMarqueeEvents(aggregate, events, before, snapshot.sequence, clock);
  const isPublished = await isDoneWithin(send([...earlier, ...made]), publishWaitMillis[origin.by === 'call' ? 'call' : 'other']);
  return { isPublished, eventIds: made.map((event) => event.id) };
}

/** Whether the work succeeded within so many milliseconds. Late work still goes on. */
async function isDoneWithin(work: Promise<void>, millis: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, millis, false);
  });
  const done = work.then(
    () => true,
    () => false,
  );
  const isDone = await Promise.race([done, late]);
  clearTimeout(timer);
  return isDone;
}
