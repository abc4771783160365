import type { mongo } from 'mongoose';
import type { Instant } from '../../shared/time.ts';
import type { Payment } from '../payment.ts';

/** What is swept, in the order of one field: the oldest first, or by id. */
type Kind = {
  readonly field: 'processingSince' | 'lookAt' | '_id';
  readonly filter: (before: Instant, now: Instant) => mongo.Filter<Payment>;
};

const kinds: Readonly<Record<'overdue' | 'pending' | 'cancelled', Kind>> = {
  overdue: {
    field: 'processingSince',
    filter: (before) => ({ status: 'processing', lookAt: null, processingSince: { $lt: before } }),
  },
  pending: { field: 'lookAt', filter: (_before, now) => ({ status: 'processing', lookAt: { $gt: '', $lte: now } }) },
  cancelled: { field: '_id', filter: () => ({ cancelOwed: true }) },
};

type Position = { readonly at: string; readonly id: string };

/** The rows behind a position in the order of a field, then id. */
const behind = (field: Kind['field'], position: Position | undefined): mongo.Filter<Payment> =>
  position === undefined
    ? {}
    : { $or: [{ [field]: { $gt: position.at } }, { [field]: position.at, _id: { $gt: position.id } }] as mongo.Filter<Payment>[] };

export type UnsettledSweep = {
  /**
   * The next payments of a gateway that have had no outcome since before `before`, whose look-up is
   * due, or that are to be cancelled there: at most `limit` of each. It goes on from where the last
   * call stopped and begins again at the end, so that many which cannot be settled hide no other.
   */
  readonly next: (gateway: string, before: Instant, now: Instant, limit: number) => Promise<readonly Payment[]>;
};

/** Sweeps the unsettled payments of each gateway. A process begins at the beginning. */
export function createUnsettledSweep(payments: mongo.Collection<Payment>): UnsettledSweep {
  const positions = new Map<string, Position>();
  const nextOf = async (gateway: string, name: string, { field, filter }: Kind, before: Instant, now: Instant, limit: number) => {
    const key = `${gateway}:${name}`;
    const conditions = [{ gateway } as mongo.Filter<Payment>, filter(before, now), behind(field, positions.get(key))];
    const rows = await payments
      .find({ $and: conditions })
      .sort({ [field]: 1, _id: 1 })
      .limit(limit)
      .toArray();
    const last = rows.at(-1);
    if (last === undefined || rows.length < limit) positions.delete(key);
    else positions.set(key, { at: last[field] ?? '', id: last._id });
    return rows;
  };
  return {
    next: async (gateway, before, now, limit) => {
      const found = Object.entries(kinds).map(([name, kind]) => nextOf(gateway, name, kind, before, now, limit));
      return (await Promise.all(found)).flat();
    },
  };
}
