import type { Connection } from 'mongoose';
import type { z } from 'zod';
import { hashOf } from '../../shared/idempotency.ts';
import type { PageQuery } from '../../shared/list.ts';
import { collectionOf, documentModel, insertNew, type Page, pageOf } from '../../shared/mongo.ts';
import { accept, type Result, reject } from '../../shared/result.ts';
import type { Instant } from '../../shared/time.ts';
import type { PromotionCode, promotionCodeSchema } from './promotion-code.ts';
import { noSlotsClaimed, openRedemptionLimit, type RedemptionSlots, slotFields } from './redemption-limit.ts';

type CodeDocument = Omit<PromotionCode, 'id'> & RedemptionSlots & { _id: string; bodyHash: string };
type PromotionCodeResource = z.infer<typeof promotionCodeSchema>;

export type PromotionCodeStore = ReturnType<typeof openPromotionCodes>;

/** Promotion codes under their words, and their redemptions. */
export function openPromotionCodes(documents: Connection) {
  const texts = ['couponId', 'expiresAt', 'customerId', 'archivedAt', 'createdAt', 'bodyHash'];
  const codes = documentModel<CodeDocument>(documents, 'promotion_codes', {
    ...Object.fromEntries(texts.map((name) => [name, String])),
    ...{ maxRedemptions: Number, firstTimeOnly: Boolean },
    ...slotFields,
  });
  const rowOf = (id: string): Promise<CodeDocument | null> => collectionOf(codes).findOne({ _id: id });

  return {
    ...openRedemptionLimit(documents, codes, 'promotion_code_redemptions'),
    find: async (id: string): Promise<PromotionCode | undefined> => {
      const row = await rowOf(id);
      return row ? codeOf(row) : undefined;
    },
    /** The code as the API shows it, with how often it was redeemed. */
    findResource: async (id: string): Promise<PromotionCodeResource | undefined> => {
      const row = await rowOf(id);
      return row ? resourceOf(row) : undefined;
    },
    list: async (page: PageQuery): Promise<Page<PromotionCodeResource>> => {
      const { data, nextCursor } = await pageOf(codes, {}, page);
      return { data: data.map(resourceOf), nextCursor };
    },
    /**
     * Stores a code. A repeat of the same creation changes nothing; other content under the same
     * word is rejected.
     */
    create: async ({ id, ...code }: PromotionCode, body: unknown): Promise<Result<{ readonly isNew: boolean }>> => {
      const bodyHash = hashOf(body);
      const isNew = (await insertNew(codes, [{ _id: id, ...code, bodyHash, ...noSlotsClaimed }])).has(id);
      if ((await rowOf(id))?.bodyHash !== bodyHash)
        return reject('already-exists', `A promotion code ${id} already exists with different content.`);
      return accept({ isNew });
    },
    archive: async (id: string, at: Instant): Promise<void> => {
      await collectionOf(codes).updateOne({ _id: id }, { $set: { archivedAt: at } });
    },
  };
}

const codeOf = ({ _id: id, bodyHash: _b, redeemed: _r, claiming: _c, ...code }: CodeDocument): PromotionCode => ({ id, ...code });

const resourceOf = (row: CodeDocument): PromotionCodeResource => {
  const { id: code, ...rest } = codeOf(row);
  return { code, ...rest, redeemed: row.redeemed };
};
