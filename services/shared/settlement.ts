import { setTimeout as pause } from 'node:timers/promises';
import type { Connection } from 'mongoose';
import type { MarqueeEvent } from './events.ts';
import { documentModel, insertNew } from './mongo.ts';

type Handled = { _id: string; clock: string; follows: readonly string[]; createdAt: Date };

/**
 * What a test clock waits for. Each consumer notes of each event on a test clock that it has handled it, and which events follow.
 * From the events of one step the clock can so reach everything that the step causes, through every service, and know when all of
 * it has happened.
 */
export type Settlement = {
  /** Notes events as handled by this process, before they are acknowledged. A repeat changes nothing. */
  readonly note: (event: MarqueeEvent, follows: readonly string[]) => Promise<void>;
  /** True once these events and all that follows from them are handled by every consumer; false when the time is over first. */
  readonly settled: (eventIds: readonly string[], timeoutMillis: number) => Promise<boolean>;
};

export function createSettlement(documents: Connection, consumer: string, consumers: readonly string[]): Settlement {
  const handled = documentModel<Handled>(documents, 'test_clock_handled', { clock: String, follows: [String], createdAt: Date }, [
    { fields: { clock: 1 } },
  ]);

  const followersOf = async (ids: readonly string[]): Promise<{ missing: string[]; follows: string[] }> => {
    const notes = await handled.find({ _id: { $in: ids.flatMap((id) => consumers.map((name) => `${id}|${name}`)) } } as never).lean();
    const counts = new Map<string, number>();
    for (const { _id } of notes) {
      const id = _id.slice(0, _id.lastIndexOf('|'));
      counts.set(id, (counts.get(id) ?? 0) + 1);
    }
    const done = (id: string) => counts.get(id) === consumers.length;
    const follows = notes.filter(({ _id }) => done(_id.slice(0, _id.lastIndexOf('|')))).flatMap((note) => note.follows);
    return { missing: ids.filter((id) => !done(id)), follows };
  };

  return {
    note: async (event, follows) => {
      if (event.testClock === null) return;
      await insertNew(handled, [{ _id: `${event.id}|${consumer}`, clock: event.testClock, follows, createdAt: new Date() }]);
    },
    settled: async (eventIds, timeoutMillis) => {
      const deadline = performance.now() + timeoutMillis;
      const seen = new Set(eventIds);
      let frontier = [...seen];
      for (let wait = 4; frontier.length > 0; wait = Math.min(wait * 1.5, 50)) {
        const { missing, follows } = await followersOf(frontier);
        const fresh = [...new Set(follows)].filter((id) => !seen.has(id));
        for (const id of fresh) seen.add(id);
        frontier = [...missing, ...fresh];
        if (frontier.length === 0) return true;
        if (performance.now() > deadline) return false;
        if (fresh.length === 0) await pause(wait);
        else wait = 4;
      }
      return true;
    },
  };
}
