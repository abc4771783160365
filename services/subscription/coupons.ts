import type { AppliedCoupon } from '../../actors/subscription/client.ts';
import { accept, type Result, reject } from '../shared/result.ts';
import { appliedTo, type Coupon, type Redeemer } from './coupon.ts';
import type { CouponStore } from './coupon-store.ts';

export type Redeemed = {
  readonly applied: readonly AppliedCoupon[];
  /** Gives back the places that this redemption took, not those that were held before. */
  readonly giveBack: () => Promise<void>;
};

/** Redeems coupons for a subscription, all of them or none. `pointerOf` says where each was named. */
export async function redeemAll(
  store: CouponStore,
  couponIds: readonly string[],
  subscriptionId: string,
  redeemer: Redeemer,
  pointerOf: (index: number) => string,
): Promise<Result<Redeemed>> {
  const taken: string[] = [];
  const giveBack = async () => {
    for (const couponId of taken) await store.giveBack(couponId, subscriptionId);
  };
  const applied: AppliedCoupon[] = [];
  for (const [index, couponId] of couponIds.entries()) {
    const one = await redeemOne(store, couponId, subscriptionId, redeemer, pointerOf(index));
    if (!one.ok) {
      await giveBack();
      return one;
    }
    if (one.value.isNew) taken.push(couponId);
    applied.push(one.value.coupon);
  }
  return accept({ applied, giveBack });
}

/** Who has redeemed a coupon has it, also when it is not given any more: the same start again is the same start. */
const kept = ({ redeemBy: _, ...coupon }: Coupon): Coupon => ({ ...coupon, archivedAt: null });

async function redeemOne(
  store: CouponStore,
  couponId: string,
  subscriptionId: string,
  redeemer: Redeemer,
  pointer: string,
): Promise<Result<{ readonly coupon: AppliedCoupon; readonly isNew: boolean }>> {
  const coupon = await store.find(couponId);
  if (coupon === undefined) return reject('coupon-not-found', `There is no coupon ${couponId}.`, pointer);
  const applied = appliedTo((await store.holds(couponId, subscriptionId)) ? kept(coupon) : coupon, redeemer, pointer);
  if (!applied.ok) return applied;
  const place = await store.redeem(coupon, subscriptionId);
  if (place === undefined) return reject('coupon-exhausted', `${couponId} was redeemed as often as it may be.`, pointer);
  return accept({ coupon: applied.value, isNew: place === 'taken' });
}
