import type { Connection } from 'mongoose';
import type { PageQuery } from '../../shared/list.ts';
import { documentModel, insertNew, type Page, pageOf } from '../../shared/mongo.ts';
import { type Instant, plusMillis } from '../../shared/time.ts';
import type { Difference } from './difference.ts';
import { emptySummary, type Summary } from './summary.ts';

/** One comparison of all ledgers over `[from, to)`. `day`: where it goes on; `found`: differences of the days before it. */
export type Reconciliation = {
  readonly _id: string;
  readonly from: Instant;
  readonly to: Instant;
  readonly status: 'running' | 'done';
  readonly day: Instant;
  readonly found: number;
  readonly summary: Summary;
  /** Who walks it, and until when nobody else does. */
  readonly walker: string;
  readonly leaseUntil: Instant;
  readonly requestedBy: string;
  readonly createdAt: Instant;
  readonly finishedAt: Instant | null;
};

/** What became of a difference: put right by its repair, or accepted as it is by somebody who says why. */
export type Resolution = {
  readonly repairedAt: Instant | null;
  readonly repairedBy: string | null;
  readonly acceptedAt: Instant | null;
  readonly acceptedBy: string | null;
  readonly note: string | null;
};
const unresolved: Resolution = { repairedAt: null, repairedBy: null, acceptedAt: null, acceptedBy: null, note: null };
/** A difference in its report, numbered from 1. */
export type NumberedDifference = Difference & Resolution & { readonly n: number };
type DifferenceDocument = NumberedDifference & { readonly _id: string; readonly reconciliationId: string };

export type Asked = Pick<Reconciliation, '_id' | 'from' | 'to' | 'requestedBy' | 'createdAt'>;

export type ReconciliationStore = ReturnType<typeof createReconciliationStore>;

const leaseMillis = 60_000;

export function createReconciliationStore(documents: Connection) {
  const texts = (...names: readonly string[]) => Object.fromEntries(names.map((name) => [name, String]));
  const runs = documentModel<Reconciliation>(
    documents,
    'reconciliations',
    {
      ...texts('from', 'to', 'status', 'day', 'walker', 'leaseUntil', 'requestedBy', 'createdAt', 'finishedAt'),
      found: Number,
      summary: {},
    },
    [{ fields: { createdAt: -1 } }, { fields: { status: 1 } }, { fields: { requestedBy: 1, to: -1 } }],
  );
  const differences = documentModel<DifferenceDocument>(
    documents,
    'reconciliation_differences',
    {
      ...texts('reconciliationId', 'kind', 'gateway', 'intentId', 'refundId', 'paymentId', 'invoiceId', 'subscriptionId', 'customerId'),
      ...texts('currency', 'at', 'repair', 'repairedAt', 'repairedBy', 'acceptedAt', 'acceptedBy', 'note'),
      ...{ n: Number, gatewayAmount: Number, paymentAmount: Number, invoiceAmount: Number },
    },
    [{ fields: { reconciliationId: 1, n: 1 } }],
  );

  const find = async (id: string): Promise<Reconciliation | undefined> =>
    ((await runs.findById(id).lean()) as unknown as Reconciliation | null) ?? undefined;

  return {
    find,
    /** Creates a run once under its id; true where it was not there yet. */
    create: async (asked: Asked): Promise<boolean> => {
      const { from: day, createdAt } = asked;
      const fresh = { ...asked, day, status: 'running', found: 0, summary: emptySummary, walker: '', finishedAt: null } as const;
      return (await insertNew(runs, [{ ...fresh, leaseUntil: createdAt }])).size === 1;
    },
    list: (page: PageQuery): Promise<Page<Reconciliation>> => pageOf(runs, {}, page),
    /** Where the latest window of somebody's runs ends. */
    lastEndBy: async (requestedBy: string): Promise<Instant | undefined> => {
      const latest = await runs
        .findOne({ requestedBy } as never)
        .sort({ to: -1 })
        .lean();
      return (latest as unknown as Reconciliation | null)?.to;
    },
    /** Unfinished runs that nobody walks. */
    waiting: async (now: Instant): Promise<readonly string[]> => {
      const rows = await runs.find({ status: 'running', leaseUntil: { $lte: now } } as never).lean();
      return rows.map(({ _id }) => String(_id));
    },
    /** Takes a run that nobody walks, for a minute. Undefined where somebody does, or it is done. */
    claim: async (id: string, walker: string, now: Instant): Promise<Reconciliation | undefined> => {
      const free = { _id: id, status: 'running', leaseUntil: { $lte: now } } as never;
      const { matchedCount } = await runs.collection.updateOne(free, { $set: { walker, leaseUntil: plusMillis(now, leaseMillis) } });
      return matchedCount === 1 ? find(id) : undefined;
    },
    /** Keeps it for another minute; false once it is somebody else's. */
    renew: async ({ _id, walker }: Reconciliation, now: Instant): Promise<boolean> => {
      const mine = { _id, walker, status: 'running' } as never;
      return (await runs.collection.updateOne(mine, { $set: { leaseUntil: plusMillis(now, leaseMillis) } })).matchedCount === 1;
    },
    /** The next day begins, or the run is done; false where it is somebody else's by now, or was moved on. */
    advance: async ({ _id, walker, day }: Reconciliation, after: Partial<Reconciliation>): Promise<boolean> =>
      (await runs.collection.updateOne({ _id, walker, day, status: 'running' } as never, { $set: after } as never)).matchedCount === 1,
    /** Forgets what an interrupted walk found of the day that begins again. */
    deleteAfter: async (reconciliationId: string, found: number): Promise<void> => {
      await differences.collection.deleteMany({ reconciliationId, n: { $gt: found } } as never);
    },
    keep: async (reconciliationId: string, after: number, found: readonly Difference[]): Promise<void> => {
      const rows = found.map((difference, index): DifferenceDocument => {
        const n = after + index + 1;
        return { ...difference, ...unresolved, _id: `${reconciliationId}|${n}`, reconciliationId, n };
      });
      await insertNew(differences, rows);
    },
    difference: async (reconciliationId: string, n: string): Promise<NumberedDifference | undefined> => {
      const row = (await differences.findById(`${reconciliationId}|${n}`).lean()) as unknown as DifferenceDocument | null;
      return row === null ? undefined : numbered(row);
    },
    /** A page of a report, in the order of the numbers. */
    differences: async (reconciliationId: string, limit: number, after: number): Promise<Page<NumberedDifference>> => {
      const page = differences
        .find({ reconciliationId, n: { $gt: after } } as never)
        .sort({ n: 1 })
        .limit(limit + 1);
      const rows = ((await page.lean()) as unknown as DifferenceDocument[]).map(numbered);
      const data = rows.slice(0, limit);
      return { data, nextCursor: rows.length > limit ? String(data.at(-1)?.n) : null };
    },
    /** Ends a difference once: the first to write has it. */
    end: async (reconciliationId: string, n: number, ending: Partial<Resolution>): Promise<void> => {
      const unendedOne = { _id: `${reconciliationId}|${n}`, repairedAt: null, acceptedAt: null } as never;
      await differences.collection.updateOne(unendedOne, { $set: ending } as never);
    },
  };
}

const numbered = ({ _id, reconciliationId: _r, ...difference }: DifferenceDocument): NumberedDifference => ({
  ...unresolved,
  ...difference,
});
