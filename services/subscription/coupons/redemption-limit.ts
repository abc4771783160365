import { randomUUID } from 'node:crypto';
import type { Connection, Model } from 'mongoose';
import { documentModel, insertNew } from '../../shared/mongo.ts';

/** A place that was taken for a redemption which may not be written yet; each taking has a token of its own. */
type Claim = { readonly redemption: string; readonly token: string };

/** What is redeemed a limited number of times keeps this on its document. `redeemed` counts places taken. */
export type Places = { readonly redeemed: number; readonly claiming: readonly Claim[] };

export const noPlaces: Places = { redeemed: 0, claiming: [] };
export const placesFields = { redeemed: Number, claiming: {} };

/** `token` names the place that it stands on. */
type RedemptionDocument = { _id: string; of: string; subscriptionId: string; token: string };
type Limited = { readonly id: string; readonly maxRedemptions?: number | undefined };

const redemptionId = (id: string, subscriptionId: string): string => `${id}|${subscriptionId}`;

/**
 * Who redeemed what. A place is taken by one atomic write that counts it and notes a claim to it, only while there is one left and nobody
 * claims one for the same redemption; then the redemption is written under its derived id with the claim's token, and the claim is dropped.
 * So a repeat, also one after a crash in between, goes on with the claim or finds the redemption; a claim that came too late, for a
 * redemption that stands on another one, is given back by whoever drops it. No race exceeds the limit.
 */
export function openPlaces(documents: Connection, owners: Model<Places & { _id: string }>, collection: string) {
  const fields = { of: String, subscriptionId: String, token: String };
  const redemptions = documentModel<RedemptionDocument>(documents, collection, fields, [{ fields: { of: 1 } }]);

  const holds = async (id: string, subscriptionId: string): Promise<boolean> =>
    (await redemptions.countDocuments({ _id: redemptionId(id, subscriptionId) } as never)) === 1;

  /** The token of a place for this redemption: a new one, or one that is claimed already. Undefined when none is left. */
  const claim = async ({ id, maxRedemptions }: Limited, redemption: string): Promise<string | undefined> => {
    const room = maxRedemptions === undefined ? {} : { redeemed: { $lt: maxRedemptions } };
    const filter = { _id: id, 'claiming.redemption': { $ne: redemption }, ...room } as never;
    const token = randomUUID();
    const update = { $inc: { redeemed: 1 }, $push: { claiming: { redemption, token } } } as never;
    if ((await owners.collection.updateOne(filter, update)).matchedCount === 1) return token;
    const { claiming = [] } = ((await owners.findById(id).lean()) ?? {}) as Partial<Places>;
    return claiming.find((claimed) => claimed.redemption === redemption)?.token;
  };

  /** Drops what is claimed for a written redemption, and gives a place back that it does not stand on. A repeat finds nothing to drop. */
  const settle = async (id: string, redemption: string): Promise<void> => {
    const written = (await redemptions.findById(redemption).lean()) as RedemptionDocument | null;
    if (written === null) return;
    const { token } = written;
    const surplus = { _id: id, claiming: { $elemMatch: { redemption, token: { $ne: token } } } };
    await owners.collection.updateOne(surplus as never, { $pull: { claiming: { redemption } }, $inc: { redeemed: -1 } } as never);
    await owners.collection.updateOne({ _id: id } as never, { $pull: { claiming: { redemption, token } } } as never);
  };

  return {
    holds,
    /** Takes a place for this subscription, once. Undefined when none is left; `held` where it had one before. */
    redeem: async (limited: Limited, subscriptionId: string): Promise<'taken' | 'held' | undefined> => {
      const _id = redemptionId(limited.id, subscriptionId);
      const isHeld = await holds(limited.id, subscriptionId);
      const token = isHeld ? undefined : await claim(limited, _id);
      if (!isHeld && token === undefined) return (await holds(limited.id, subscriptionId)) ? 'held' : undefined;
      const isNew = token !== undefined && (await insertNew(redemptions, [{ _id, of: limited.id, subscriptionId, token }])).has(_id);
      await settle(limited.id, _id);
      return isNew ? 'taken' : 'held';
    },
    /** Gives the place of a refused start back, once. */
    giveBack: async (id: string, subscriptionId: string): Promise<void> => {
      const { deletedCount } = await redemptions.collection.deleteOne({ _id: redemptionId(id, subscriptionId) } as never);
      if (deletedCount === 1) await owners.collection.updateOne({ _id: id } as never, { $inc: { redeemed: -1 } });
    },
  };
}
