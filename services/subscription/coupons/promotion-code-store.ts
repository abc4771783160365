import type { Connection } from 'mongoose';
import { hashOf } from '../../shared/idempotency.ts';
import type { PageQuery } from '../../shared/list.ts';
import { documentModel, insertNew, type Page, pageOf } from '../../shared/mongo.ts';
import { accept, type Result, reject } from '../../shared/result.ts';
import type { Instant } from '../../shared/time.ts';
import type { PromotionCode } from './promotion-code.ts';
import { noPlaces, openPlaces, type Places, placesFields } from './redemption-limit.ts';

type CodeDocument = Omit<PromotionCode, 'id'> & Places & { _id: string; bodyHash: string };

export type PromotionCodeStore = ReturnType<typeof openPromotionCodes>;

/** Promotion codes under their words, and who used them. */
export function openPromotionCodes(documents: Connection) {
  const texts = ['couponId', 'expiresAt', 'customerId', 'archivedAt', 'createdAt', 'bodyHash'];
  const codes = documentModel<CodeDocument>(documents, 'promotion_codes', {
    ...Object.fromEntries(texts.map((name) => [name, String])),
    ...{ maxRedemptions: Number, firstTimeOnly: Boolean },
    ...placesFields,
  });
  const row = async (id: string): Promise<CodeDocument | null> => (await codes.findById(id).lean()) as CodeDocument | null;

  return {
    ...openPlaces(documents, codes as never, 'promotion_code_redemptions'),
    find: async (id: string): Promise<PromotionCode | undefined> => {
      const found = await row(id);
      return found ? codeOf(found) : undefined;
    },
    shown: async (id: string): Promise<object | undefined> => {
      const found = await row(id);
      return found ? resourceOf(found) : undefined;
    },
    list: async (page: PageQuery): Promise<Page<object>> => {
      const { data, nextCursor } = await pageOf(codes, {}, page);
      return { data: data.map((found) => resourceOf(found as unknown as CodeDocument)), nextCursor };
    },
    /** The same creation again answers the same code; another one under its word is refused. */
    create: async ({ id, ...code }: PromotionCode, body: object): Promise<Result<{ readonly isNew: boolean }>> => {
      const bodyHash = hashOf(body);
      const isNew = (await insertNew(codes, [{ _id: id, ...code, bodyHash, ...noPlaces }])).has(id);
      if ((await row(id))?.bodyHash !== bodyHash) return reject('already-exists', `The code ${id} exists with other content.`);
      return accept({ isNew });
    },
    archive: async (id: string, at: Instant): Promise<void> => {
      await codes.collection.updateOne({ _id: id } as never, { $set: { archivedAt: at } });
    },
  };
}

const codeOf = ({ _id: id, bodyHash: _b, redeemed: _r, claiming: _c, ...code }: CodeDocument): PromotionCode => ({ id, ...code });

/** The code as operators see it, with how often it was used. */
const resourceOf = (found: CodeDocument) => {
  const { id: code, ...rest } = codeOf(found);
  return { code, ...rest, redeemed: found.redeemed };
};
