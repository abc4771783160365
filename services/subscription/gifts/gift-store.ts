import type { Connection } from 'mongoose';
import type { Terms } from '../../../actors/subscription/client.ts';
import type { PageQuery } from '../../shared/list.ts';
import { collectionOf, documentModel, insertNew, type Page, pageOf } from '../../shared/mongo.ts';
import type { Gift } from './gift.ts';

/**
 * `terms`: those of the purchase. `purchaseOwed`: the event of the purchase may not be published
 * yet.
 */
type GiftDocument = Omit<Gift, 'id'> & { _id: string; terms: Terms; codeHash: string; bodyHash: string; purchaseOwed: boolean };

export type StoredGift = Gift & Pick<GiftDocument, 'terms' | 'codeHash' | 'bodyHash' | 'purchaseOwed'>;

export type GiftStore = ReturnType<typeof openGifts>;

/**
 * Gifts under their ids and, uniquely, under the hash of their code. Each step in the life of a
 * gift is one conditional write, so that only one of two racing requests takes it.
 */
export function openGifts(documents: Connection) {
  const anyValue = {};
  const texts = ['customerId', 'planId', 'message', 'status', 'invoiceId', 'redeemedBy', 'subscriptionId', 'testClock', 'createdAt'];
  const model = documentModel<GiftDocument>(
    documents,
    'gifts',
    {
      ...Object.fromEntries([...texts, 'codeHash', 'bodyHash'].map((name) => [name, String])),
      ...{ quantity: Number, periods: Number, failedAttempts: Number, purchaseOwed: Boolean },
      ...{ addOns: anyValue, interval: anyValue, price: anyValue, terms: anyValue },
    },
    [{ fields: { codeHash: 1 }, unique: true }, { fields: { purchaseOwed: 1, _id: 1 } }],
  );
  const collection = collectionOf(model);
  type Filter = Parameters<typeof collection.updateOne>[0];

  const findBy = async (filter: Filter): Promise<StoredGift | undefined> => {
    const row = await collection.findOne(filter);
    return row ? giftOf(row) : undefined;
  };
  const set = (filter: Filter, fields: Partial<GiftDocument>) => collection.updateOne(filter, { $set: fields });
  const isUnpaid = (id: string) => ({ _id: id, status: { $in: ['pending' as const, 'payment-failed' as const] } });

  return {
    find: (id: string) => findBy({ _id: id }),
    findByCode: (codeHash: string) => findBy({ codeHash }),
    list: async (filter: Record<string, unknown>, page: PageQuery): Promise<Page<StoredGift>> => {
      const { data, nextCursor } = await pageOf(model, filter, page);
      return { data: data.map(giftOf), nextCursor };
    },
    /**
     * Stores a gift. A repeat replaces the code, because the response with the former one may never
     * have arrived, unless the gift is redeemed.
     */
    create: async ({ id, ...gift }: StoredGift): Promise<StoredGift> => {
      const isNew = (await insertNew(model, [{ _id: id, ...gift }])).has(id);
      if (!isNew) await set({ _id: id, bodyHash: gift.bodyHash, redeemedBy: null }, { codeHash: gift.codeHash });
      return (await findBy({ _id: id })) as StoredGift;
    },
    /** Gifts whose purchase may not be published yet, in the order of their ids. */
    unpublished: async (after: string, limit: number): Promise<readonly (StoredGift & { readonly _id: string })[]> => {
      const rows = await collection
        .find({ purchaseOwed: true, _id: { $gt: after } })
        .sort({ _id: 1 })
        .limit(limit)
        .toArray();
      return rows.map((row) => ({ _id: row._id, ...giftOf(row) }));
    },
    markPublished: (id: string) => set({ _id: id }, { purchaseOwed: false }),
    markPaid: (id: string) => set(isUnpaid(id), { status: 'ready' }),
    markFailed: (id: string, failedAttempts: number) =>
      set({ ...isUnpaid(id), failedAttempts: { $lt: failedAttempts } }, { status: 'payment-failed', failedAttempts }),
    cancel: (id: string) => set({ _id: id, redeemedBy: null }, { status: 'cancelled' }),
    redeem: (id: string, customerId: string, subscriptionId: string) =>
      set({ _id: id, status: 'ready', redeemedBy: null }, { status: 'redeemed', redeemedBy: customerId, subscriptionId }),
  };
}

const giftOf = ({ _id: id, ...gift }: GiftDocument): StoredGift => ({ id, ...gift });

/** The gift as the API shows it, without its code. */
export const giftResource = ({ terms: _t, codeHash: _c, bodyHash: _b, purchaseOwed: _p, ...gift }: StoredGift): Gift => gift;
