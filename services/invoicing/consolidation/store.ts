import type { Connection, mongo } from 'mongoose';
import { collectionOf, documentModel } from '../../shared/mongo.ts';
import type { PageOfRows } from '../../shared/sweep.ts';
import { changeDocument } from '../compare-and-set.ts';
import type { RenewalConsolidation } from './consolidation.ts';

export type ConsolidationStore = ReturnType<typeof createConsolidationStore>;

const fields = {
  customerId: String,
  currency: String,
  taxBehaviour: String,
  day: String,
  timezone: String,
  testClock: String,
  expected: [String],
  requests: [{}],
  status: String,
  closedBy: String,
  closedAt: String,
  basis: {},
  createdAt: String,
  revision: Number,
};

const unfinished: mongo.Filter<RenewalConsolidation> = { status: { $in: ['collecting', 'closing'] } };

export function createConsolidationStore(documents: Connection) {
  const model = documentModel<RenewalConsolidation>(documents, 'invoicing_consolidations', fields, [
    { fields: { status: 1, testClock: 1, _id: 1 } },
    { fields: { customerId: 1, status: 1 } },
  ]);
  const list = (filter: mongo.Filter<RenewalConsolidation>, limit: number): Promise<readonly RenewalConsolidation[]> =>
    collectionOf(model).find<RenewalConsolidation>(filter).limit(limit).toArray();

  return {
    find: (ids: readonly string[]) => list({ _id: { $in: [...ids] } }, ids.length),
    /**
     * Applies a pure change by compare-and-set; `fresh` stands for a document that does not exist
     * yet.
     */
    change: (fresh: RenewalConsolidation, decide: (consolidation: RenewalConsolidation) => RenewalConsolidation) =>
      changeDocument(model, fresh, decide),
    /**
     * Those in real time that still collect renewals, or whose invoices may not be published, in
     * the order of their ids.
     */
    unfinished:
      (status: 'collecting' | 'closing'): PageOfRows<RenewalConsolidation> =>
      (after, limit) =>
        collectionOf(model)
          .find<RenewalConsolidation>({ status, testClock: null, _id: { $gt: after } })
          .sort({ _id: 1 })
          .limit(limit)
          .toArray(),
    unfinishedOf: (customerId: string) => list({ ...unfinished, customerId }, 100),
  };
}
