import { randomUUID } from 'node:crypto';
import type { Connection } from 'mongoose';
import { hashOf } from '../shared/idempotency.ts';
import { documentModel, insertNew } from '../shared/mongo.ts';
import { accept, type Result, reject } from '../shared/result.ts';
import type { Coupon } from './coupon.ts';

/** A place that was taken for a redemption which may not be written yet; each taking has a token of its own. */
type Claim = { readonly redemption: string; readonly token: string };
/** `redeemed` counts places taken. */
export type CouponDocument = Omit<Coupon, 'id'> & { _id: string; bodyHash: string; redeemed: number; claiming: readonly Claim[] };
/** `token` names the place that it stands on. */
type RedemptionDocument = { _id: string; couponId: string; subscriptionId: string; token: string };

export type CouponStore = ReturnType<typeof openCoupons>;

const redemptionId = (couponId: string, subscriptionId: string): string => `${couponId}|${subscriptionId}`;

/**
 * Coupons and who redeemed them. A place is taken by one atomic write that counts it and notes a claim to it, only while there is one left
 * and nobody claims one for the same redemption; then the redemption is written under its derived id with the claim's token, and the claim
 * is dropped. So a repeat, also one after a crash in between, goes on with the claim or finds the redemption; a claim that came too late,
 * for a redemption that stands on another one, is given back by whoever drops it. No race exceeds the limit.
 */
export function openCoupons(documents: Connection) {
  const anything = {};
  const coupons = documentModel<CouponDocument>(documents, 'coupons', {
    ...{ name: String, kind: String, percent: Number, amounts: anything, duration: String, cycles: Number, months: Number },
    ...{ maxRedemptions: Number, redeemBy: String, plans: anything, archivedAt: String, createdAt: String, bodyHash: String },
    ...{ redeemed: Number, claiming: anything },
  });
  const fieldsOfRedemption = { couponId: String, subscriptionId: String, token: String };
  const redemptions = documentModel<RedemptionDocument>(documents, 'coupon_redemptions', fieldsOfRedemption, [{ fields: { couponId: 1 } }]);

  const find = async (id: string): Promise<Coupon | undefined> => {
    const row = (await coupons.findById(id).lean()) as CouponDocument | null;
    return row ? couponOf(row) : undefined;
  };

  const holds = async (couponId: string, subscriptionId: string): Promise<boolean> =>
    (await redemptions.countDocuments({ _id: redemptionId(couponId, subscriptionId) } as never)) === 1;

  /** The token of a place for this redemption: a new one, or one that is claimed already. Undefined when none is left. */
  const claim = async ({ id, maxRedemptions }: Coupon, redemption: string): Promise<string | undefined> => {
    const room = maxRedemptions === undefined ? {} : { redeemed: { $lt: maxRedemptions } };
    const filter = { _id: id, 'claiming.redemption': { $ne: redemption }, ...room } as never;
    const token = randomUUID();
    const update = { $inc: { redeemed: 1 }, $push: { claiming: { redemption, token } } } as never;
    if ((await coupons.collection.updateOne(filter, update)).matchedCount === 1) return token;
    const { claiming = [] } = ((await coupons.findById(id).lean()) ?? {}) as Partial<CouponDocument>;
    return claiming.find((claimed) => claimed.redemption === redemption)?.token;
  };

  /** Drops what is claimed for a written redemption, and gives a place back that it does not stand on. A repeat finds nothing to drop. */
  const settle = async (couponId: string, redemption: string): Promise<void> => {
    const written = (await redemptions.findById(redemption).lean()) as RedemptionDocument | null;
    if (written === null) return;
    const { token } = written;
    const surplus = { _id: couponId, claiming: { $elemMatch: { redemption, token: { $ne: token } } } };
    await coupons.collection.updateOne(surplus as never, { $pull: { claiming: { redemption } }, $inc: { redeemed: -1 } } as never);
    await coupons.collection.updateOne({ _id: couponId } as never, { $pull: { claiming: { redemption, token } } } as never);
  };

  return {
    coupons,
    find,
    /** The same creation again answers the same coupon; another one under its id is refused. */
    create: async (coupon: Coupon, body: object): Promise<Result<{ readonly coupon: Coupon; readonly isNew: boolean }>> => {
      const { id, ...fields } = coupon;
      const bodyHash = hashOf(body);
      const isNew = (await insertNew(coupons, [{ _id: id, ...fields, bodyHash, redeemed: 0, claiming: [] }])).has(id);
      const stored = (await coupons.findById(id).lean()) as CouponDocument;
      if (stored.bodyHash !== bodyHash) return reject('already-exists', `The coupon ${id} exists with other content.`);
      return accept({ coupon: couponOf(stored), isNew });
    },
    archive: async (id: string, at: string): Promise<Coupon | undefined> => {
      await coupons.collection.updateOne({ _id: id } as never, { $set: { archivedAt: at } });
      return find(id);
    },
    holds,
    /** Takes one of the coupon's places for this subscription, once. Undefined when none is left; `held` where it had one before. */
    redeem: async (coupon: Coupon, subscriptionId: string): Promise<'taken' | 'held' | undefined> => {
      const _id = redemptionId(coupon.id, subscriptionId);
      const isHeld = await holds(coupon.id, subscriptionId);
      const token = isHeld ? undefined : await claim(coupon, _id);
      if (!isHeld && token === undefined) return (await holds(coupon.id, subscriptionId)) ? 'held' : undefined;
      const isNew = token !== undefined && (await insertNew(redemptions, [{ _id, couponId: coupon.id, subscriptionId, token }])).has(_id);
      await settle(coupon.id, _id);
      return isNew ? 'taken' : 'held';
    },
    /** Gives the place of a refused start back, once. */
    giveBack: async (couponId: string, subscriptionId: string): Promise<void> => {
      const { deletedCount } = await redemptions.collection.deleteOne({ _id: redemptionId(couponId, subscriptionId) } as never);
      if (deletedCount === 1) await coupons.collection.updateOne({ _id: couponId } as never, { $inc: { redeemed: -1 } });
    },
  };
}

export const couponOf = ({ _id: id, bodyHash: _, redeemed: _r, claiming: _c, ...coupon }: CouponDocument): Coupon => ({ id, ...coupon });

/** The coupon as operators see it, with how often it was redeemed. */
export const couponResource = (row: CouponDocument) => ({ ...couponOf(row), redeemed: row.redeemed });
