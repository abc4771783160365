import type { Connection } from 'mongoose';
import type { DisputeResource } from '../../shared/contracts/dispute-resource.ts';
import type { PageQuery } from '../../shared/list.ts';
import { documentModel, type Page, pageOf, upsertAll } from '../../shared/mongo.ts';

type DisputeDocument = Omit<DisputeResource, 'id'> & { readonly _id: string; readonly revision: number };

export type DisputeStore = {
  /** Shows a dispute as its payment had it at that revision, unless a later one is shown. */
  readonly keep: (dispute: DisputeResource, revision: number) => Promise<void>;
  readonly find: (id: string) => Promise<DisputeResource | undefined>;
  readonly list: (filter: Readonly<Record<string, unknown>>, page: PageQuery) => Promise<Page<DisputeResource>>;
};

/** Disputes by their own ids: a projection of the payments they are kept in. */
export function createDisputeStore(documents: Connection): DisputeStore {
  const disputes = disputeModel(documents);
  return {
    keep: ({ id, ...shown }, revision) =>
      upsertAll(disputes, [{ filter: { _id: id, revision: { $lt: revision } }, update: { $set: { ...shown, revision } } }]),
    find: async (id) => {
      const found = (await disputes.findById(id).lean()) as unknown as DisputeDocument | null;
      return found === null ? undefined : resourceOf(found);
    },
    list: async (filter, page) => {
      const { data, nextCursor } = await pageOf(disputes, filter, page);
      return { data: data.map(resourceOf), nextCursor };
    },
  };
}

const resourceOf = ({ _id: id, revision: _, ...shown }: DisputeDocument): DisputeResource => ({ id, ...shown });

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
