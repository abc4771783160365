import type { Connection } from 'mongoose';
import { collectionOf, documentModel, insertNew } from '../shared/mongo.ts';
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
  const stored = collectionOf(tallies);
  const read = async (id: string): Promise<TallyDocument> => (await stored.findOne({ _id: id })) ?? { _id: id, revision: 0, marks: [] };

  const write = async ({ _id, revision }: TallyDocument, marks: readonly Mark[]): Promise<boolean> => {
    if (revision === 0) return (await insertNew(tallies, [{ _id, revision: 1, marks }])).has(_id);
    const written = await stored.updateOne({ _id, revision }, { $set: { marks, revision: revision + 1 } });
    return written.matchedCount === 1;
  };

  /** Adds a mark, and drops marks outside the time window. */
  const claim = async ({ id, limit }: Located, by: string, now: Instant): Promise<'claimed' | 'repeated' | 'full'> => {
    for (let round = 0; round < maxRounds; round++) {
      const tally = await read(id);
      if (!hasRoom({ limit, marks: tally.marks }, by, now)) return 'full';
      const marks = tally.marks.filter(({ at }) => at > plusMillis(now, -limit.windowMillis));
      if (marks.some((mark) => mark.by === by)) return 'repeated';
      if (await write(tally, [...marks, { by, at: now }])) return 'claimed';
    }
    throw new Error('the risk tally is being modified concurrently');
  };

  const release = async (id: string, by: string): Promise<void> => {
    await stored.updateOne({ _id: id, 'marks.by': by }, { $pull: { marks: { by } }, $inc: { revision: 1 } });
  };

  return {
    counted: (located: readonly Located[]): Promise<Counted[]> =>
      Promise.all(located.map(async ({ id, limit }) => ({ limit, marks: (await read(id)).marks }))),
    claim,
    release,
    /**
     * Adds a mark to each limit or to none. Returns the ids of the limits with a new mark, or
     * undefined if one of them is full.
     */
    claimAll: async (located: readonly Located[], by: string, now: Instant): Promise<string[] | undefined> => {
      const claimed: string[] = [];
      for (const one of located.filter(({ limit }) => !limit.checkOnly)) {
        const outcome = await claim(one, by, now);
        if (outcome === 'claimed') claimed.push(one.id);
        if (outcome !== 'full') continue;
        for (const id of claimed) await release(id, by);
        return undefined;
      }
      return claimed;
    },
  };
}
