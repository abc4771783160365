import type { Connection } from 'mongoose';
import { documentModel } from '../../shared/mongo.ts';
import { changeDocument } from '../compare-and-set.ts';
import type { Group } from './consolidation.ts';

export type GroupStore = ReturnType<typeof createGroupStore>;

export function createGroupStore(documents: Connection) {
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
  const model = documentModel<Group>(documents, 'invoicing_consolidations', fields, [
    { fields: { status: 1, testClock: 1 } },
    { fields: { customerId: 1, status: 1 } },
  ]);
  const list = async (filter: object, limit: number) =>
    (await model
      .find(filter as never)
      .limit(limit)
      .lean()) as unknown as readonly Group[];

  return {
    find: async (ids: readonly string[]): Promise<readonly Group[]> => list({ _id: { $in: ids } }, ids.length),
    /** Changes a group by compare-and-set; `fresh` stands for one that is not there yet. */
    change: (fresh: Group, decide: (group: Group) => Group): Promise<Group> => changeDocument(model, fresh, decide),
    /** Those in real time that collect, or whose invoices are not known to be out. */
    unfinished: (limit: number): Promise<readonly Group[]> => list({ status: { $in: ['collecting', 'closing'] }, testClock: null }, limit),
    unfinishedOf: (customerId: string): Promise<readonly Group[]> => list({ customerId, status: { $in: ['collecting', 'closing'] } }, 100),
  };
}
