import type { Connection } from 'mongoose';
import { documentModel, insertNew } from '../shared/mongo.ts';
import { type Instant, plusMillis } from '../shared/time.ts';
import { type Counted, hasRoom, type Limit, type Mark } from './risk-limits.ts';

/** `revision` counts the changes, so that a write applies only to the revision it read. */
type TallyDocument = { _id: string; revision: number; marks: readonly Mark[] };

/** A limit and the id of the document with its marks. */
export type Located = { readonly id: string; readonly limit: Limit };

export type RiskTallies = ReturnType<typeof createRiskTallies>;

/** The number of lost compare-and-set rounds after which a write fails. */
const maxRounds = 200;

/**
 * Stores the marks of each limit in one document. A mark is added by compare-and-set and only if
 * the limit has room, so no race exceeds a limit. A repeat adds no second mark.
 */
export function createRiskTallies(documents: Connection) {
  const tallies = documentModel<TallyDocument>(documents, 'risk_tallies', { revision: Number, marks: [Object] });
  const read = async (id: string): Promise<TallyDocument> =>
    ((await tallies.findById(id).lean()) as TallyDocument | null) ?? { _id: id, revision: 0, marks: [] };

  const write = async ({ _id, revision }: TallyDocument, marks: readonly Mark[]): Promise<boolean> => {
    if (revision === 0) return (await insertNew(tallies, [{ _id, revision: 1, marks }])).has(_id);
    const written = await tallies.collection.updateOne({ _id, revision } as never, { $set: { marks, revision: revision + 1 } } as never);
    return written.matchedCount === 1;
  };

  /** Adds a mark, and drops marks outside the time window. */
  const take = async ({ id, limit }: Located, by: string, now: Instant): Promise<'taken' | 'held' | 'full'> => {
    for (let round = 0; round < maxRounds; round++) {
      const tally = await read(id);
      if (!hasRoom({ limit, marks: tally.marks }, by, now)) return 'full';
      const marks = tally.marks.filter(({ at }) => at > plusMillis(now, -limit.windowMillis));
      if (marks.some((mark) => mark.by === by)) return 'held';
      if (await write(tally, [...marks, { by, at: now }])) return 'taken';
    }
    throw new Error('the risk tally is being modified concurrently');
  };

  const release = async (id: string, by: string): Promise<void> => {
    await tallies.collection.updateOne({ _id: id, 'marks.by': by } as never, { $pull: { marks: { by } }, $inc: { revision: 1 } } as never);
  };

  return {
    counted: (located: readonly Located[]): Promise<Counted[]> =>
      Promise.all(located.map(async ({ id, limit }) => ({ limit, marks: (await read(id)).marks }))),
    take,
    release,
    /**
     * Adds a mark to each limit or to none. Returns the ids of the limits with a new mark, or
     * undefined if one of them is full.
     */
    takeAll: async (located: readonly Located[], by: string, now: Instant): Promise<string[] | undefined> => {
      const taken: string[] = [];
      for (const one of located.filter(({ limit }) => !limit.checkOnly)) {
        const outcome = await take(one, by, now);
        if (outcome === 'taken') taken.push(one.id);
        if (outcome !== 'full') continue;
        for (const id of taken) await release(id, by);
        return undefined;
      }
      return taken;
    },
  };
}
