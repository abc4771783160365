import type { Connection } from 'mongoose';
import type { Difference, NumberedDifference, Resolution } from '../../shared/contracts/difference-resource.ts';
import type { PageQuery } from '../../shared/list.ts';
import { collectionOf, documentModel, insertNew, type Page, pageOf } from '../../shared/mongo.ts';
import { type Instant, plusMillis } from '../../shared/time.ts';
import { emptySummary, type Summary } from './summary.ts';

/**
 * A comparison of all ledgers over `[from, to)`. `day`: the day to compare next; `found`: the
 * number of differences before it.
 */
export type Reconciliation = {
  readonly _id: string;
  readonly from: Instant;
  readonly to: Instant;
  readonly status: 'running' | 'done';
  readonly day: Instant;
  readonly found: number;
  readonly summary: Summary;
  /** The process that has claimed the run, and until when. */
  readonly walker: string;
  readonly leaseUntil: Instant;
  readonly requestedBy: string;
  readonly createdAt: Instant;
  readonly finishedAt: Instant | null;
};

const unresolved: Resolution = { repairedAt: null, repairedBy: null, acceptedAt: null, acceptedBy: null, note: null };
type DifferenceDocument = NumberedDifference & { readonly _id: string; readonly reconciliationId: string };

/** The fields of a run that is to be created. */
export type NewReconciliation = Pick<Reconciliation, '_id' | 'from' | 'to' | 'requestedBy' | 'createdAt'>;

export type ReconciliationStore = ReturnType<typeof createReconciliationStore>;

const leaseMillis = 60_000;

export function createReconciliationStore(documents: Connection) {
  const texts = (...names: readonly string[]) => Object.fromEntries(names.map((name) => [name, String]));
  const runModel = documentModel<Reconciliation>(
    documents,
    'reconciliations',
    {
      ...texts('from', 'to', 'status', 'day', 'walker', 'leaseUntil', 'requestedBy', 'createdAt', 'finishedAt'),
      found: Number,
      summary: {},
    },
    [{ fields: { createdAt: -1 } }, { fields: { status: 1 } }, { fields: { requestedBy: 1, to: -1 } }],
  );
  const differenceModel = documentModel<DifferenceDocument>(
    documents,
    'reconciliation_differences',
    {
      ...texts('reconciliationId', 'kind', 'gateway', 'intentId', 'refundId', 'paymentId', 'invoiceId', 'subscriptionId', 'customerId'),
      ...texts('currency', 'at', 'repair', 'repairedAt', 'repairedBy', 'acceptedAt', 'acceptedBy', 'note'),
      ...{ n: Number, gatewayAmount: Number, paymentAmount: Number, invoiceAmount: Number },
    },
    [{ fields: { reconciliationId: 1, n: 1 } }],
  );

  const runs = collectionOf(runModel);
  const differences = collectionOf(differenceModel);

  const find = async (id: string): Promise<Reconciliation | undefined> => (await runs.findOne({ _id: id })) ?? undefined;

  return {
    find,
    /** Creates a run once under its id; true if it did not exist yet. */
    create: async (created: NewReconciliation): Promise<boolean> => {
      const { from: day, createdAt } = created;
      const fresh = { ...created, day, status: 'running', found: 0, summary: emptySummary, walker: '', finishedAt: null } as const;
      return (await insertNew(runModel, [{ ...fresh, leaseUntil: createdAt }])).size === 1;
    },
    list: (page: PageQuery): Promise<Page<Reconciliation>> => pageOf(runModel, {}, page),
    /** The end of the latest window of the runs of a requester. */
    lastEndBy: async (requestedBy: string): Promise<Instant | undefined> => {
      const latest = await runs.findOne({ requestedBy }, { sort: { to: -1 } });
      return latest?.to;
    },
    /** Ids of unfinished runs that no process has claimed. */
    unclaimed: async (now: Instant): Promise<readonly string[]> => {
      const rows = await runs.find({ status: 'running', leaseUntil: { $lte: now } }).toArray();
      return rows.map(({ _id }) => _id);
    },
    /** Claims a run for a minute. Undefined if another process has claimed it, or it is done. */
    claim: async (id: string, walker: string, now: Instant): Promise<Reconciliation | undefined> => {
      const free = { _id: id, status: 'running', leaseUntil: { $lte: now } } as const;
      const { matchedCount } = await runs.updateOne(free, { $set: { walker, leaseUntil: plusMillis(now, leaseMillis) } });
      return matchedCount === 1 ? find(id) : undefined;
    },
    /** Renews the claim for a minute; false once another process has the run. */
    renew: async ({ _id, walker }: Reconciliation, now: Instant): Promise<boolean> => {
      const claimed = { _id, walker, status: 'running' } as const;
      return (await runs.updateOne(claimed, { $set: { leaseUntil: plusMillis(now, leaseMillis) } })).matchedCount === 1;
    },
    /**
     * Moves a run on to its next day, or ends it; false if another process has the run, or has
     * moved it on.
     */
    advance: async ({ _id, walker, day }: Reconciliation, after: Partial<Reconciliation>): Promise<boolean> =>
      (await runs.updateOne({ _id, walker, day, status: 'running' }, { $set: after })).matchedCount === 1,
    /** Deletes the differences of an interrupted day, which starts again. */
    deleteAfter: async (reconciliationId: string, found: number): Promise<void> => {
      await differences.deleteMany({ reconciliationId, n: { $gt: found } });
    },
    /** Saves differences, numbered after those of `after`. */
    saveDifferences: async (reconciliationId: string, after: number, found: readonly Difference[]): Promise<void> => {
      const rows = found.map((difference, index): DifferenceDocument => {
        const n = after + index + 1;
        return { ...difference, ...unresolved, _id: `${reconciliationId}|${n}`, reconciliationId, n };
      });
      await insertNew(differenceModel, rows);
    },
    difference: async (reconciliationId: string, n: string): Promise<NumberedDifference | undefined> => {
      const row = await differences.findOne({ _id: `${reconciliationId}|${n}` });
      return row === null ? undefined : numbered(row);
    },
    /** A page of a report, in the order of the numbers. */
    differences: async (reconciliationId: string, limit: number, after: number): Promise<Page<NumberedDifference>> => {
      const found = differences.find({ reconciliationId, n: { $gt: after } }).sort({ n: 1 });
      const rows = (await found.limit(limit + 1).toArray()).map(numbered);
      const data = rows.slice(0, limit);
      return { data, nextCursor: rows.length > limit ? String(data.at(-1)?.n) : null };
    },
    /** Resolves a difference once: the first writer wins. */
    resolve: async (reconciliationId: string, n: number, resolution: Partial<Resolution>): Promise<void> => {
      await differences.updateOne({ _id: `${reconciliationId}|${n}`, repairedAt: null, acceptedAt: null }, { $set: resolution });
    },
  };
}

const numbered = ({ _id, reconciliationId: _r, ...difference }: DifferenceDocument): NumberedDifference => ({
  ...unresolved,
  ...difference,
});
