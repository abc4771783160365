import type { Connection } from 'mongoose';
import { hashOf } from '../shared/idempotency.ts';
import { documentModel, insertNew } from '../shared/mongo.ts';
import { accept, type Result, reject } from '../shared/result.ts';
import type { Coupon } from './coupon.ts';

/** `redeemed` counts places taken; `claiming` names the redemptions that took one and may not be written yet. */
export type CouponDocument = Omit<Coupon, 'id'> & { _id: string; bodyHash: string; redeemed: number; claiming: readonly string[] };
type RedemptionDocument = { _id: string; couponId: string; subscriptionId: string };

export type CouponStore = ReturnType<typeof openCoupons>;

const redemptionId = (couponId: string, subscriptionId: string): string => `${couponId}|${subscriptionId}`;

/**
 * Coupons and who redeemed them. A place is taken by one atomic write that counts it and notes for whom, only while there is one left and
 * it is not noted already; then the redemption is written under its derived id, and the note is dropped. So a repeat, also one after a
 * crash in between, finds its note or its redemption and takes no second place (who raced itself gives it back); no race exceeds the limit.
 */
export function openCoupons(documents: Connection) {
  const anything = {};
  const coupons = documentModel<CouponDocument>(documents, 'coupons', {
    ...{ name: String, kind: String, percent: Number, amounts: anything, duration: String, cycles: Number, months: Number },
    ...{ maxRedemptions: Number, redeemBy: String, plans: anything, archivedAt: String, createdAt: String, bodyHash: String },
    ...{ redeemed: Number, claiming: [String] },
  });
  const redemptions = documentModel<RedemptionDocument>(documents, 'coupon_redemptions', { couponId: String, subscriptionId: String }, [
    { fields: { couponId: 1 } },
  ]);

  const find = async (id: string): Promise<Coupon | undefined> => {
    const row = (await coupons.findById(id).lean()) as CouponDocument | null;
    return row ? couponOf(row) : undefined;
  };

  const holds = async (couponId: string, subscriptionId: string): Promise<boolean> =>
    (await redemptions.countDocuments({ _id: redemptionId(couponId, subscriptionId) } as never)) === 1;

  const takePlace = async ({ id, maxRedemptions }: Coupon, redemption: string): Promise<'taken' | 'noted' | undefined> => {
    const room = maxRedemptions === undefined ? {} : { redeemed: { $lt: maxRedemptions } };
    const filter = { _id: id, claiming: { $ne: redemption }, ...room } as never;
    const { matchedCount } = await coupons.collection.updateOne(filter, {
      $inc: { redeemed: 1 },
      $push: { claiming: redemption },
    } as never);
    if (matchedCount === 1) return 'taken';
    return (await coupons.countDocuments({ _id: id, claiming: redemption } as never)) === 1 ? 'noted' : undefined;
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
      if (await holds(coupon.id, subscriptionId)) return 'held';
      const place = await takePlace(coupon, _id);
      if (place === undefined) return (await holds(coupon.id, subscriptionId)) ? 'held' : undefined;
      const isNew = (await insertNew(redemptions, [{ _id, couponId: coupon.id, subscriptionId }])).has(_id);
      const surplus = place === 'taken' && !isNew ? { $inc: { redeemed: -1 } } : {};
      await coupons.collection.updateOne({ _id: coupon.id } as never, { $pull: { claiming: _id }, ...surplus } as never);
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
