import type { Connection } from 'mongoose';
import type { PageQuery } from '../../shared/list.ts';
import { documentModel, insertNew, pageOf } from '../../shared/mongo.ts';
import type { Instant } from '../../shared/time.ts';
import type { GiftCard } from './gift-card.ts';

export type GiftCardStore = ReturnType<typeof createGiftCardStore>;

/** Cards under their ids and, uniquely, under the hash of their code. Each step of a card's life is one write on it that only one can make. */
export function createGiftCardStore(documents: Connection) {
  const texts = ['currency', 'expiresAt', 'note', 'codeHash', 'createdAt', 'cancelledAt', 'redeemedBy', 'redeemedAt', 'bodyHash'];
  const fields = { ...Object.fromEntries(texts.map((name) => [name, String])), amount: Number };
  const model = documentModel<GiftCard>(documents, 'gift_cards', fields, [{ fields: { codeHash: 1 }, unique: true }]);
  const untouched = { redeemedBy: null, cancelledAt: null };

  const find = async (id: string): Promise<GiftCard | undefined> => ((await model.findById(id).lean()) as GiftCard | null) ?? undefined;
  const set = async (filter: object, fields: Partial<GiftCard>): Promise<void> => {
    await model.collection.updateOne(filter as never, { $set: fields } as never);
  };

  return {
    find,
    byCode: async (codeHash: string): Promise<GiftCard | undefined> =>
      ((await model.findOne({ codeHash }).lean()) as GiftCard | null) ?? undefined,
    list: (page: PageQuery) => pageOf(model, {}, page),
    /** Stores a card; the same again gets the new code in place of the old one, which may never have arrived. */
    issue: async (card: GiftCard): Promise<GiftCard> => {
      const isNew = (await insertNew(model, [card])).has(card._id);
      if (!isNew) await set({ _id: card._id, bodyHash: card.bodyHash, ...untouched }, { codeHash: card.codeHash });
      return (await find(card._id)) as GiftCard;
    },
    cancel: (id: string, now: Instant) => set({ _id: id, ...untouched }, { cancelledAt: now }),
    /** Of two customers who race one has it. */
    redeem: (id: string, customerId: string, now: Instant) => set({ _id: id, ...untouched }, { redeemedBy: customerId, redeemedAt: now }),
  };
}
