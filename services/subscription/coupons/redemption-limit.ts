import { randomUUID } from 'node:crypto';
import type { Connection, Model } from 'mongoose';
import { collectionOf, documentModel, insertNew } from '../../shared/mongo.ts';

/**
 * A slot that is counted for a redemption which may not be written yet; each claim has its own
 * token.
 */
type Claim = { readonly redemption: string; readonly token: string };

/**
 * The redemption slots of something that may be redeemed a limited number of times, stored on its
 * document. `redeemed` counts claimed slots.
 */
export type RedemptionSlots = { readonly redeemed: number; readonly claiming: readonly Claim[] };

export const noSlotsClaimed: RedemptionSlots = { redeemed: 0, claiming: [] };
export const slotFields = { redeemed: Number, claiming: {} };

/** `token` names the claim that the redemption was written for. */
type RedemptionDocument = { _id: string; of: string; subscriptionId: string; token: string };
type Limited = { readonly id: string; readonly maxRedemptions?: number | undefined };
type SlotDocument = RedemptionSlots & { _id: string };

const redemptionId = (id: string, subscriptionId: string): string => `${id}|${subscriptionId}`;

/**
 * Limits redemptions, also under races. One atomic write counts a slot and notes a claim to it; it
 * matches only while a slot is free and the same redemption has no claim yet. Then the redemption
 * is written under its derived id with the token of the claim, and the claim is dropped. A repeat,
 * also one after a crash in between, therefore continues with the claim or finds the redemption. A
 * claim that came second for a redemption is dropped and its slot is released.
 */
export function openRedemptionLimit<Owner extends SlotDocument>(documents: Connection, model: Model<Owner>, collection: string) {
  const fields = { of: String, subscriptionId: String, token: String };
  const redemptionModel = documentModel<RedemptionDocument>(documents, collection, fields, [{ fields: { of: 1 } }]);
  const redemptions = collectionOf(redemptionModel);
  /** Only the slots of the owners are read and written here, whatever else their documents hold. */
  const owners = collectionOf(model as unknown as Model<SlotDocument>);

  const holds = async (id: string, subscriptionId: string): Promise<boolean> =>
    (await redemptions.countDocuments({ _id: redemptionId(id, subscriptionId) })) === 1;

  /**
   * The token of a new claim, or of the claim that exists already. Undefined when no slot is free.
   */
  const claimSlot = async ({ id, maxRedemptions }: Limited, redemption: string): Promise<string | undefined> => {
    const isFree = maxRedemptions === undefined ? {} : { redeemed: { $lt: maxRedemptions } };
    const filter = { _id: id, 'claiming.redemption': { $ne: redemption }, ...isFree };
    const token = randomUUID();
    const update = { $inc: { redeemed: 1 }, $push: { claiming: { redemption, token } } };
    if ((await owners.updateOne(filter, update)).matchedCount === 1) return token;
    const owner = await owners.findOne({ _id: id });
    return owner?.claiming?.find((claim) => claim.redemption === redemption)?.token;
  };

  /**
   * Drops the claims of a written redemption, and releases the slot of a claim that it was not
   * written for. A repeat finds nothing to drop.
   */
  const dropClaims = async (id: string, redemption: string): Promise<void> => {
    const written = await redemptions.findOne({ _id: redemption });
    if (written === null) return;
    const { token } = written;
    const surplus = { _id: id, claiming: { $elemMatch: { redemption, token: { $ne: token } } } };
    await owners.updateOne(surplus, { $pull: { claiming: { redemption } }, $inc: { redeemed: -1 } });
    await owners.updateOne({ _id: id }, { $pull: { claiming: { redemption, token } } });
  };

  return {
    holds,
    /**
     * Claims a slot for this subscription, once. Undefined when none is free; `held` when it had
     * one before.
     */
    redeem: async (limited: Limited, subscriptionId: string): Promise<'claimed' | 'held' | undefined> => {
      const _id = redemptionId(limited.id, subscriptionId);
      const isHeld = await holds(limited.id, subscriptionId);
      const token = isHeld ? undefined : await claimSlot(limited, _id);
      if (!isHeld && token === undefined) return (await holds(limited.id, subscriptionId)) ? 'held' : undefined;
      const isNew = token !== undefined && (await insertNew(redemptionModel, [{ _id, of: limited.id, subscriptionId, token }])).has(_id);
      await dropClaims(limited.id, _id);
      return isNew ? 'claimed' : 'held';
    },
    /** Releases the slot of a refused start, once. */
    release: async (id: string, subscriptionId: string): Promise<void> => {
      const { deletedCount } = await redemptions.deleteOne({ _id: redemptionId(id, subscriptionId) });
      if (deletedCount === 1) await owners.updateOne({ _id: id }, { $inc: { redeemed: -1 } });
    },
  };
}
