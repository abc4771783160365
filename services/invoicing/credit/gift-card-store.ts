import type { Connection, mongo } from 'mongoose';
import type { PageQuery } from '../../shared/list.ts';
import { collectionOf, documentModel, insertNew, pageOf } from '../../shared/mongo.ts';
import type { Instant } from '../../shared/time.ts';
import type { GiftCard } from './gift-card.ts';

export type GiftCardStore = ReturnType<typeof createGiftCardStore>;

/**
 * Gift cards under their ids and, uniquely, under the hash of their code. Each step in the life of
 * a card is one conditional write, so that only one of two racing requests can make it.
 */
export function createGiftCardStore(documents: Connection) {
  const texts = ['currency', 'expiresAt', 'note', 'codeHash', 'createdAt', 'cancelledAt', 'redeemedBy', 'redeemedAt', 'bodyHash'];
  const fields = { ...Object.fromEntries(texts.map((name) => [name, String])), amount: Number };
  const model = documentModel<GiftCard>(documents, 'gift_cards', fields, [{ fields: { codeHash: 1 }, unique: true }]);
  const cards = collectionOf(model);
  const unused = { redeemedBy: null, cancelledAt: null };

  const find = async (id: string): Promise<GiftCard | undefined> => (await cards.findOne<GiftCard>({ _id: id })) ?? undefined;
  const set = async (filter: mongo.Filter<GiftCard>, changes: Partial<GiftCard>): Promise<void> => {
    await cards.updateOne(filter, { $set: changes });
  };

  return {
    find,
    byCode: async (codeHash: string): Promise<GiftCard | undefined> => (await cards.findOne<GiftCard>({ codeHash })) ?? undefined,
    list: (page: PageQuery) => pageOf(model, {}, page),
    /**
     * Stores a card. A repeat replaces the code, because the response with the first one may be
     * lost.
     */
    issue: async (card: GiftCard): Promise<GiftCard> => {
      const isNew = (await insertNew(model, [card])).has(card._id);
      if (!isNew) await set({ _id: card._id, bodyHash: card.bodyHash, ...unused }, { codeHash: card.codeHash });
      return (await find(card._id)) as GiftCard;
    },
    cancel: (id: string, now: Instant) => set({ _id: id, ...unused }, { cancelledAt: now }),
    /** Of two customers who race, one receives the card. */
    redeem: (id: string, customerId: string, now: Instant) => set({ _id: id, ...unused }, { redeemedBy: customerId, redeemedAt: now }),
  };
}
