import type { Connection } from 'mongoose';
import type { Terms } from '../../../actors/subscription/client.ts';
import type { PageQuery } from '../../shared/list.ts';
import { documentModel, insertNew, type Page, pageOf } from '../../shared/mongo.ts';
import type { Gift } from './gift.ts';

/** `terms` are those that were bought; `purchaseOwed`: the event of the purchase is not known to be out. */
type GiftDocument = Omit<Gift, 'id'> & { _id: string; terms: Terms; codeHash: string; bodyHash: string; purchaseOwed: boolean };

export type StoredGift = Gift & Pick<GiftDocument, 'terms' | 'codeHash' | 'bodyHash' | 'purchaseOwed'>;

export type GiftStore = ReturnType<typeof openGifts>;

/** Gifts under their ids and, uniquely, under the hash of their code. Each step of a gift's life is one write that only one can make. */
export function openGifts(documents: Connection) {
  const anything = {};
  const texts = ['customerId', 'planId', 'message', 'status', 'invoiceId', 'redeemedBy', 'subscriptionId', 'testClock', 'createdAt'];
  const model = documentModel<GiftDocument>(
    documents,
    'gifts',
    {
      ...Object.fromEntries([...texts, 'codeHash', 'bodyHash'].map((name) => [name, String])),
      ...{ quantity: Number, periods: Number, failedAttempts: Number, purchaseOwed: Boolean },
      ...{ addOns: anything, interval: anything, price: anything, terms: anything },
    },
    [{ fields: { codeHash: 1 }, unique: true }],
  );
  const find = async (id: string): Promise<StoredGift | undefined> => {
    const row = (await model.findById(id).lean()) as GiftDocument | null;
    return row ? giftOf(row) : undefined;
  };
  const set = (filter: object, fields: Partial<GiftDocument>) => model.collection.updateOne(filter as never, { $set: fields } as never);

  return {
    find,
    byCode: async (codeHash: string): Promise<StoredGift | undefined> => {
      const row = (await model.findOne({ codeHash }).lean()) as GiftDocument | null;
      return row ? giftOf(row) : undefined;
    },
    list: async (filter: Record<string, unknown>, page: PageQuery): Promise<Page<StoredGift>> => {
      const { data, nextCursor } = await pageOf(model, filter, page);
      return { data: data.map((row) => giftOf(row as unknown as GiftDocument)), nextCursor };
    },
    /** Stores a gift; the same again gets the new code in place of the old one, which may never have arrived. */
    buy: async ({ id, ...gift }: StoredGift): Promise<StoredGift> => {
      const isNew = (await insertNew(model, [{ _id: id, ...gift }])).has(id);
      if (!isNew) await set({ _id: id, bodyHash: gift.bodyHash, redeemedBy: null }, { codeHash: gift.codeHash });
      return (await find(id)) as StoredGift;
    },
    owingPurchase: async (): Promise<readonly StoredGift[]> =>
      ((await model.find({ purchaseOwed: true }).lean()) as unknown as GiftDocument[]).map(giftOf),
    told: (id: string) => set({ _id: id }, { purchaseOwed: false }),
    paid: (id: string) => set({ _id: id, status: { $in: ['pending', 'payment-failed'] } }, { status: 'ready' }),
    failed: (id: string, failedAttempts: number) =>
      set(
        { _id: id, status: { $in: ['pending', 'payment-failed'] }, failedAttempts: { $lt: failedAttempts } },
        { status: 'payment-failed', failedAttempts },
      ),
    cancelled: (id: string) => set({ _id: id, redeemedBy: null }, { status: 'cancelled' }),
    /** Of two customers who race one has it. */
    redeem: (id: string, customerId: string, subscriptionId: string) =>
      set({ _id: id, status: 'ready', redeemedBy: null }, { status: 'redeemed', redeemedBy: customerId, subscriptionId }),
  };
}

const giftOf = ({ _id: id, ...gift }: GiftDocument): StoredGift => ({ id, ...gift });

/** A gift as the API shows it: never its code. */
export const giftResource = ({ terms: _t, codeHash: _c, bodyHash: _b, purchaseOwed: _p, ...gift }: StoredGift): Gift => gift;
