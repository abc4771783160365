import type { Connection } from 'mongoose';
import { hashOf } from '../../shared/idempotency.ts';
import type { PageQuery } from '../../shared/list.ts';
import { collectionOf, documentModel, insertNew, type Page, pageOf } from '../../shared/mongo.ts';
import { accept, type Result, reject } from '../../shared/result.ts';
import type { Coupon } from './coupon.ts';
import { noSlotsClaimed, openRedemptionLimit, type RedemptionSlots, slotFields } from './redemption-limit.ts';

type CouponDocument = Omit<Coupon, 'id'> & RedemptionSlots & { _id: string; bodyHash: string };

export type CouponStore = ReturnType<typeof openCoupons>;

export type CountedCoupon = Coupon & Pick<RedemptionSlots, 'redeemed'>;

/** Coupons and their redemptions. */
export function openCoupons(documents: Connection) {
  const anyValue = {};
  const coupons = documentModel<CouponDocument>(documents, 'coupons', {
    ...{ name: String, kind: String, percent: Number, amounts: anyValue, duration: String, cycles: Number, months: Number },
    ...{ maxRedemptions: Number, redeemBy: String, plans: anyValue, archivedAt: String, createdAt: String, bodyHash: String },
    ...slotFields,
  });

  const rowOf = (id: string): Promise<CouponDocument | null> => collectionOf(coupons).findOne({ _id: id });

  const find = async (id: string): Promise<Coupon | undefined> => {
    const row = await rowOf(id);
    return row ? couponOf(row) : undefined;
  };

  return {
    find,
    /** The coupon and how often it was redeemed. */
    findCounted: async (id: string): Promise<CountedCoupon | undefined> => {
      const row = await rowOf(id);
      return row ? countedCouponOf(row) : undefined;
    },
    list: async (page: PageQuery): Promise<Page<CountedCoupon>> => {
      const { data, nextCursor } = await pageOf(coupons, {}, page);
      return { data: data.map(countedCouponOf), nextCursor };
    },
    /**
     * Stores a coupon. A repeat of the same creation returns it as it is now; other content under
     * the same id is rejected.
     */
    create: async (coupon: Coupon, body: unknown): Promise<Result<{ readonly coupon: Coupon; readonly isNew: boolean }>> => {
      const { id, ...fields } = coupon;
      const bodyHash = hashOf(body);
      const isNew = (await insertNew(coupons, [{ _id: id, ...fields, bodyHash, ...noSlotsClaimed }])).has(id);
      const stored = (await rowOf(id)) as CouponDocument;
      if (stored.bodyHash !== bodyHash)
        return reject('already-exists', `A coupon with the id ${id} already exists with different content.`);
      return accept({ coupon: couponOf(stored), isNew });
    },
    archive: async (id: string, at: string): Promise<Coupon | undefined> => {
      await collectionOf(coupons).updateOne({ _id: id }, { $set: { archivedAt: at } });
      return find(id);
    },
    ...openRedemptionLimit(documents, coupons, 'coupon_redemptions'),
  };
}

const couponOf = ({ _id: id, bodyHash: _, redeemed: _r, claiming: _c, ...coupon }: CouponDocument): Coupon => ({ id, ...coupon });

const countedCouponOf = (row: CouponDocument): CountedCoupon => ({ ...couponOf(row), redeemed: row.redeemed });
