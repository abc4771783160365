import { EventEmitter, once } from 'node:events';
import { LRUCache } from 'lru-cache';
import type { Connection } from 'mongoose';
import type { MarqueeEvent } from './events.ts';
import { collectionOf, documentModel, insertNew } from './mongo.ts';

type Handled = { _id: string; clock: string; follows: readonly string[]; createdAt: Date };

/**
 * The bookkeeping by which a test clock waits. Each consumer notes for each event on a test clock
 * that it has handled it, and which events follow from it. From the events of one step the clock
 * can thus find everything that the step causes, through every service, and knows when all of it
 * has happened.
 */
export type TestClockSettlement = {
  /**
   * Notes events as handled by this process, in one write, before they are acknowledged. A repeat
   * changes nothing.
   */
  readonly note: (handled: readonly { readonly event: MarqueeEvent; readonly follows: readonly string[] }[]) => Promise<void>;
  /**
   * True once these events and all that follows from them are handled by every consumer; false when
   * the time is over first.
   */
  readonly settled: (eventIds: readonly string[], timeoutMillis: number) => Promise<boolean>;
};

const millisBetweenLooks = 60;
const notesRemembered = 20_000;

export function createTestClockSettlement(documents: Connection, consumer: string, consumers: readonly string[]): TestClockSettlement {
  const handled = documentModel<Handled>(documents, 'test_clock_handled', { clock: String, follows: [String], createdAt: Date }, [
    { fields: { clock: 1 } },
  ]);
  /**
   * Handled events by `<event>|<consumer>`: notes of this process first, those of others after a
   * look-up.
   */
  const known = new LRUCache<string, readonly string[]>({ max: notesRemembered });
  const noted = new EventEmitter().setMaxListeners(0);

  const notesOf = (id: string): readonly (readonly string[] | undefined)[] => consumers.map((name) => known.get(`${id}|${name}`));

  const lookUp = async (ids: readonly string[]): Promise<void> => {
    const wanted = ids.flatMap((id) => consumers.map((name) => `${id}|${name}`)).filter((key) => !known.has(key));
    const rows = await collectionOf(handled)
      .find({ _id: { $in: wanted } })
      .toArray();
    for (const row of rows) known.set(row._id, row.follows);
  };

  /** Follows the events from note to note; returns those that a consumer has still to handle. */
  const missingFrom = (ids: Iterable<string>): string[] => {
    const seen = new Set(ids);
    const missing: string[] = [];
    for (const id of seen) {
      const notes = notesOf(id);
      if (notes.some((note) => note === undefined)) missing.push(id);
      else for (const follow of notes.flat()) seen.add(follow as string);
    }
    return missing;
  };

  return {
    note: async (entries) => {
      const rows = entries.flatMap(({ event: { id, testClock: clock }, follows }) =>
        clock === null ? [] : [{ _id: `${id}|${consumer}`, clock, follows, createdAt: new Date() }],
      );
      if (rows.length === 0) return;
      await insertNew(handled, rows);
      for (const { _id, follows } of rows) known.set(_id, follows);
      noted.emit('note');
    },
    settled: async (eventIds, timeoutMillis) => {
      const deadline = performance.now() + timeoutMillis;
      for (let lookedAt = performance.now(); ; ) {
        const missing = missingFrom(eventIds);
        if (missing.length === 0) return true;
        if (performance.now() > deadline) return false;
        await noteOrTimeout(noted);
        if (performance.now() - lookedAt < millisBetweenLooks) continue;
        await lookUp(missing);
        lookedAt = performance.now();
      }
    },
  };
}

/** Resolves when this process notes an event, or when it is time to look up the notes of others. */
async function noteOrTimeout(noted: EventEmitter): Promise<void> {
  await once(noted, 'note', { signal: AbortSignal.timeout(millisBetweenLooks) }).catch(() => undefined);
}
