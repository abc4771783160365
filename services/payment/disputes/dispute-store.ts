import type { Connection } from 'mongoose';
import type { DisputeResource } from '../../shared/contracts/dispute-resource.ts';
import type { PageQuery } from '../../shared/list.ts';
import { collectionOf, documentModel, type Page, pageOf, upsertAll } from '../../shared/mongo.ts';

type DisputeDocument = Omit<DisputeResource, 'id'> & { readonly _id: string; readonly revision: number };

export type DisputeStore = {
  /** Saves a dispute as of a revision of its payment, unless a later one is saved. */
  readonly save: (dispute: DisputeResource, revision: number) => Promise<void>;
  readonly find: (id: string) => Promise<DisputeResource | undefined>;
  readonly list: (filter: Readonly<Record<string, unknown>>, page: PageQuery) => Promise<Page<DisputeResource>>;
};

/** Disputes by their own ids: a projection of the payments that contain them. */
export function createDisputeStore(documents: Connection): DisputeStore {
  const disputes = disputeModel(documents);
  return {
    save: ({ id, ...dispute }, revision) =>
      upsertAll(disputes, [{ filter: { _id: id, revision: { $lt: revision } }, update: { $set: { ...dispute, revision } } }]),
    find: async (id) => {
      const found = await collectionOf(disputes).findOne({ _id: id });
      return found === null ? undefined : resourceOf(found);
    },
    list: async (filter, page) => {
      const { data, nextCursor } = await pageOf(disputes, filter, page);
      return { data: data.map(resourceOf), nextCursor };
    },
  };
}

const resourceOf = ({ _id: id, revision: _, ...dispute }: DisputeDocument): DisputeResource => ({ id, ...dispute });

const disputeModel = (documents: Connection) =>
  documentModel<DisputeDocument>(
    documents,
    'payment_disputes',
    {
      paymentId: String,
      invoiceId: String,
      subscriptionId: String,
      customerId: String,
      amount: Number,
      currency: String,
      reason: String,
      status: String,
      fee: {},
      evidenceDueBy: String,
      gateway: String,
      gatewayDisputeId: String,
      createdAt: String,
      settledAt: String,
      testClock: String,
      revision: Number,
    },
    [{ fields: { createdAt: -1 } }, { fields: { customerId: 1, createdAt: -1 } }, { fields: { paymentId: 1 } }],
  );
