import type { Connection } from 'mongoose';
import { hashOf } from '../../shared/idempotency.ts';
import { documentModel, insertNew } from '../../shared/mongo.ts';
import { accept, type Result, reject } from '../../shared/result.ts';
import type { Coupon } from './coupon.ts';
import { noPlaces, openPlaces, type Places, placesFields } from './redemption-limit.ts';

export type CouponDocument = Omit<Coupon, 'id'> & Places & { _id: string; bodyHash: string };

export type CouponStore = ReturnType<typeof openCoupons>;

/** Coupons, and who redeemed them. */
export function openCoupons(documents: Connection) {
  const anything = {};
  const coupons = documentModel<CouponDocument>(documents, 'coupons', {
    ...{ name: String, kind: String, percent: Number, amounts: anything, duration: String, cycles: Number, months: Number },
    ...{ maxRedemptions: Number, redeemBy: String, plans: anything, archivedAt: String, createdAt: String, bodyHash: String },
    ...placesFields,
  });

  const find = async (id: string): Promise<Coupon | undefined> => {
    const row = (await coupons.findById(id).lean()) as CouponDocument | null;
    return row ? couponOf(row) : undefined;
  };

  return {
    coupons,
    find,
    /** The same creation again answers the same coupon; another one under its id is refused. */
    create: async (coupon: Coupon, body: object): Promise<Result<{ readonly coupon: Coupon; readonly isNew: boolean }>> => {
      const { id, ...fields } = coupon;
      const bodyHash = hashOf(body);
      const isNew = (await insertNew(coupons, [{ _id: id, ...fields, bodyHash, ...noPlaces }])).has(id);
      const stored = (await coupons.findById(id).lean()) as CouponDocument;
      if (stored.bodyHash !== bodyHash) return reject('already-exists', `The coupon ${id} exists with other content.`);
      return accept({ coupon: couponOf(stored), isNew });
    },
    archive: async (id: string, at: string): Promise<Coupon | undefined> => {
      await coupons.collection.updateOne({ _id: id } as never, { $set: { archivedAt: at } });
      return find(id);
    },
    ...openPlaces(documents, coupons as never, 'coupon_redemptions'),
  };
}

export const couponOf = ({ _id: id, bodyHash: _, redeemed: _r, claiming: _c, ...coupon }: CouponDocument): Coupon => ({ id, ...coupon });

/** The coupon as operators see it, with how often it was redeemed. */
export const couponResource = (row: CouponDocument) => ({ ...couponOf(row), redeemed: row.redeemed });
