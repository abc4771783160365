import { randomBytes } from 'node:crypto';
import type { Connection } from 'mongoose';
import { documentModel, insertNew } from '../../shared/mongo.ts';
import type { Instant } from '../../shared/time.ts';
import type { CardLink } from './link.ts';

type KeyDocument = { readonly _id: string; readonly key: string; readonly createdAt: Instant };

/** A link that somebody used: for which token, and since when its method is there. */
export type LinkUse = {
  readonly _id: string;
  readonly customerId: string;
  readonly tokenDigest: string;
  readonly usedAt: Instant;
  readonly addedAt: Instant | null;
};

export type CardLinkStore = ReturnType<typeof openCardLinks>;

export function openCardLinks(documents: Connection) {
  const keys = documentModel<KeyDocument>(documents, 'account_card_link_keys', { key: String, createdAt: String });
  const uses = documentModel<LinkUse>(documents, 'account_card_link_uses', {
    customerId: String,
    tokenDigest: String,
    usedAt: String,
    addedAt: String,
  });
  let known: Buffer | undefined;

  return {
    /** The key that links are signed with, made by whoever comes first and then kept: the insert decides between processes. */
    key: async (now: Instant): Promise<Buffer> => {
      if (known) return known;
      const find = () => keys.findById('current').lean<KeyDocument>();
      if (!(await find())) await insertNew(keys, [{ _id: 'current', key: randomBytes(32).toString('base64url'), createdAt: now }]);
      known = Buffer.from((await find())?.key as string, 'base64url');
      return known;
    },
    useOf: async (linkId: string): Promise<LinkUse | undefined> => (await uses.findById(linkId).lean<LinkUse>()) ?? undefined,
    /** Takes the link for one token; answers who has it, which of two at once may be the other. */
    take: async ({ id, customerId }: CardLink, tokenDigest: string, usedAt: Instant): Promise<LinkUse> => {
      await insertNew(uses, [{ _id: id, customerId, tokenDigest, usedAt, addedAt: null }]);
      return (await uses.findById(id).orFail().lean()) as unknown as LinkUse;
    },
    /** The method is there: the link does nothing any more. */
    finish: async (linkId: string, addedAt: Instant): Promise<void> => {
      await uses.collection.updateOne({ _id: linkId as never, addedAt: null }, { $set: { addedAt } });
    },
    /** The method could not be added: the link may be used again. */
    giveBack: async (linkId: string): Promise<void> => {
      await uses.collection.deleteOne({ _id: linkId as never, addedAt: null });
    },
  };
}
