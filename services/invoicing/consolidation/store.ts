import type { Connection } from 'mongoose';
import { documentModel } from '../../shared/mongo.ts';
import { changeDocument } from '../compare-and-set.ts';
import type { RenewalConsolidation } from './consolidation.ts';

export type ConsolidationStore = ReturnType<typeof createConsolidationStore>;

export function createConsolidationStore(documents: Connection) {
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
  const model = documentModel<RenewalConsolidation>(documents, 'invoicing_consolidations', fields, [
    { fields: { status: 1, testClock: 1 } },
    { fields: { customerId: 1, status: 1 } },
  ]);
  const list = async (filter: object, limit: number) =>
    (await model
      .find(filter as never)
      .limit(limit)
      .lean()) as unknown as readonly RenewalConsolidation[];

  return {
    find: async (ids: readonly string[]): Promise<readonly RenewalConsolidation[]> => list({ _id: { $in: ids } }, ids.length),
    /** Changes a consolidation by compare-and-set; `fresh` stands for one that is not there yet. */
    change: (
      fresh: RenewalConsolidation,
      decide: (consolidation: RenewalConsolidation) => RenewalConsolidation,
    ): Promise<RenewalConsolidation> => changeDocument(model, fresh, decide),
    /** Those in real time that collect, or whose invoices are not known to be out. */
    unfinished: (limit: number): Promise<readonly RenewalConsolidation[]> =>
      list({ status: { $in: ['collecting', 'closing'] }, testClock: null }, limit),
    unfinishedOf: (customerId: string): Promise<readonly RenewalConsolidation[]> =>
      list({ customerId, status: { $in: ['collecting', 'closing'] } }, 100),
  };
}
