import type { AppliedCoupon } from '../../../actors/subscription/client.ts';
import { accept, type Result, reject } from '../../shared/result.ts';
import type { Store } from '../store.ts';
import { appliedTo, type Coupon, type DiscountedPurchase } from './coupon.ts';
import type { CouponStore } from './coupon-store.ts';
import { type PromotionCode, usableBy } from './promotion-code.ts';
import type { PromotionCodeStore } from './promotion-code-store.ts';

/** A coupon that a request names, directly or by a promotion code, and the field that names it. */
export type CouponReference = { readonly pointer: string } & ({ readonly couponId: string } | { readonly code: string });

export type Redeemer = DiscountedPurchase & { readonly customerId: string; readonly hasHadSubscription: () => Promise<boolean> };

export type Redemption = {
  readonly applied: readonly AppliedCoupon[];
  /** Releases the slots that this redemption claimed, but not those that were held before. */
  readonly release: () => Promise<void>;
};

type Stores = { readonly coupons: CouponStore; readonly promotionCodes: PromotionCodeStore };
type Release = () => Promise<void>;
type RedeemedCoupon = { readonly coupon: AppliedCoupon; readonly releases: readonly Release[] };

/** True if the read model knows another subscription of the customer, ended or not. */
export const hasHadOtherSubscription =
  ({ subscriptions }: Pick<Store, 'subscriptions'>, customerId: string, subscriptionId: string) =>
  async (): Promise<boolean> =>
    (await subscriptions.countDocuments({ customerId, _id: { $ne: subscriptionId } })) > 0;

/** Redeems coupons for a subscription, all of them or none. A repeat redeems nothing twice. */
export async function redeemCoupons(
  stores: Stores,
  references: readonly CouponReference[],
  subscriptionId: string,
  redeemer: Redeemer,
): Promise<Result<Redemption>> {
  const releases: Release[] = [];
  const release = async () => {
    for (const releaseOne of releases) await releaseOne();
  };
  const applied: AppliedCoupon[] = [];
  for (const reference of references) {
    const redeemed = await redeemReference(stores, reference, subscriptionId, redeemer);
    if (!redeemed.ok) {
      await release();
      return redeemed;
    }
    const { coupon } = redeemed.value;
    releases.push(...redeemed.value.releases);
    if (applied.some(({ couponId }) => couponId === coupon.couponId)) {
      await release();
      return reject('coupon-repeated', `Coupon ${coupon.couponId} is requested twice.`, reference.pointer);
    }
    applied.push(coupon);
  }
  return accept({ applied, release });
}

async function redeemReference(
  stores: Stores,
  reference: CouponReference,
  subscriptionId: string,
  redeemer: Redeemer,
): Promise<Result<RedeemedCoupon>> {
  const { pointer } = reference;
  if ('couponId' in reference) return redeemCoupon(stores.coupons, reference.couponId, subscriptionId, redeemer, pointer);
  const code = await usableCode(stores.promotionCodes, reference, subscriptionId, redeemer);
  if (!code.ok) return code;
  const { id, couponId } = code.value;
  const slot = await stores.promotionCodes.redeem(code.value, subscriptionId);
  if (slot === undefined) return reject('promotion-code-exhausted', `Promotion code ${id} has reached its redemption limit.`, pointer);
  const release = () => stores.promotionCodes.release(id, subscriptionId);
  const redeemed = await redeemCoupon(stores.coupons, couponId, subscriptionId, redeemer, pointer);
  if (slot === 'held') return redeemed;
  if (redeemed.ok) return accept({ ...redeemed.value, releases: [...redeemed.value.releases, release] });
  await release();
  return redeemed;
}

/**
 * A subscription that has used a code may repeat its request, even when the code is archived since.
 */
async function usableCode(
  codes: PromotionCodeStore,
  { code, pointer }: { readonly code: string; readonly pointer: string },
  subscriptionId: string,
  { customerId, now, hasHadSubscription }: Redeemer,
): Promise<Result<PromotionCode>> {
  const found = await codes.find(code);
  if (found === undefined) return reject('promotion-code-not-found', `There is no promotion code ${code}.`, pointer);
  if (await codes.holds(code, subscriptionId)) return accept(found);
  const isReturning = found.firstTimeOnly && (await hasHadSubscription());
  return usableBy(found, { customerId, now, hasHadSubscription: isReturning }, pointer);
}

/**
 * A subscription that has redeemed a coupon may repeat its request, even when the coupon is
 * archived or expired since.
 */
const asRedeemed = ({ redeemBy: _, ...coupon }: Coupon): Coupon => ({ ...coupon, archivedAt: null });

async function redeemCoupon(
  store: CouponStore,
  couponId: string,
  subscriptionId: string,
  purchase: DiscountedPurchase,
  pointer: string,
): Promise<Result<RedeemedCoupon>> {
  const coupon = await store.find(couponId);
  if (coupon === undefined) return reject('coupon-not-found', `There is no coupon with the id ${couponId}.`, pointer);
  const applied = appliedTo((await store.holds(couponId, subscriptionId)) ? asRedeemed(coupon) : coupon, purchase, pointer);
  if (!applied.ok) return applied;
  const slot = await store.redeem(coupon, subscriptionId);
  if (slot === undefined) return reject('coupon-exhausted', `Coupon ${couponId} has reached its redemption limit.`, pointer);
  return accept({ coupon: applied.value, releases: slot === 'claimed' ? [() => store.release(couponId, subscriptionId)] : [] });
}
