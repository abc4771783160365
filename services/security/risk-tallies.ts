import type { Connection } from 'mongoose';
import { documentModel, insertNew } from '../shared/mongo.ts';
import { type Instant, plusMillis } from '../shared/time.ts';
import { type Counted, hasRoom, type Limit, type Mark } from './risk-limits.ts';

/** `revision` counts its changes, so that a change is made to what was read or not at all. */
type TallyDocument = { _id: string; revision: number; marks: readonly Mark[] };

/** A limit, and the id of the document that its marks are kept in. */
export type Located = { readonly id: string; readonly limit: Limit };

export type RiskTallies = ReturnType<typeof createRiskTallies>;

/** Each round of compare-and-set that is lost means that another mark was set or taken away. */
const maxRounds = 200;

/**
 * Marks in windows of time, one document a tally, read by its id. A mark is set by compare-and-set and only where there is room, so that no
 * race exceeds a limit; what holds a mark already holds it once.
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

  /** Marks that have left the window are dropped on the way. */
  const take = async ({ id, limit }: Located, by: string, now: Instant): Promise<'taken' | 'held' | 'full'> => {
    for (let round = 0; round < maxRounds; round++) {
      const tally = await read(id);
      if (!hasRoom({ limit, marks: tally.marks }, by, now)) return 'full';
      const marks = tally.marks.filter(({ at }) => at > plusMillis(now, -limit.windowMillis));
      if (marks.some((mark) => mark.by === by)) return 'held';
      if (await write(tally, [...marks, { by, at: now }])) return 'taken';
    }
    throw new Error('a tally is being changed by too many at once');
  };

  const release = async (id: string, by: string): Promise<void> => {
    await tallies.collection.updateOne({ _id: id, 'marks.by': by } as never, { $pull: { marks: { by } }, $inc: { revision: 1 } } as never);
  };

  return {
    counted: (located: readonly Located[]): Promise<Counted[]> =>
      Promise.all(located.map(async ({ id, limit }) => ({ limit, marks: (await read(id)).marks }))),
    take,
    release,
    /** A mark in each, or in none: answers the ids of those that were new, undefined where somebody was faster and one is full. */
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
