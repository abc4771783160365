import type { AppliedCoupon } from '../../../actors/subscription/client.ts';
import { accept, type Result, reject } from '../../shared/result.ts';
import type { Store } from '../store.ts';
import { appliedTo, type Coupon, type Redeemer } from './coupon.ts';
import type { CouponStore } from './coupon-store.ts';
import { type Asker, type PromotionCode, usableBy } from './promotion-code.ts';
import type { PromotionCodeStore } from './promotion-code-store.ts';

export type Redeemed = {
  readonly applied: readonly AppliedCoupon[];
  /** Gives back the places that this redemption took, not those that were held before. */
  readonly giveBack: () => Promise<void>;
};

export type Redeeming = { readonly coupons: CouponStore; readonly promotionCodes: PromotionCodeStore };

/** A coupon as it was asked for, itself or by a code, and where it was named. */
export type Named = { readonly pointer: string } & ({ readonly couponId: string } | { readonly code: string });

export type Who = Redeemer & Pick<Asker, 'customerId'> & { readonly hasHadSubscription: () => Promise<boolean> };

/** Whether the customer has, or ever had, another subscription than this one, as far as the read model knows. */
export const hasHadOther =
  ({ subscriptions }: Pick<Store, 'subscriptions'>, customerId: string, subscriptionId: string) =>
  async (): Promise<boolean> =>
    (await subscriptions.countDocuments({ customerId, _id: { $ne: subscriptionId } } as never)) > 0;

type Giver = () => Promise<void>;
type One = { readonly coupon: AppliedCoupon; readonly taken: readonly Giver[] };

/** Redeems coupons for a subscription, all of them or none. */
export async function redeemAll(stores: Redeeming, named: readonly Named[], subscriptionId: string, who: Who): Promise<Result<Redeemed>> {
  const taken: Giver[] = [];
  const giveBack = async () => {
    for (const giver of taken) await giver();
  };
  const applied: AppliedCoupon[] = [];
  for (const each of named) {
    const one = await redeemNamed(stores, each, subscriptionId, who);
    if (!one.ok) {
      await giveBack();
      return one;
    }
    taken.push(...one.value.taken);
    if (applied.some(({ couponId }) => couponId === one.value.coupon.couponId)) {
      await giveBack();
      return reject('coupon-repeated', `${one.value.coupon.couponId} is asked for twice.`, each.pointer);
    }
    applied.push(one.value.coupon);
  }
  return accept({ applied, giveBack });
}

async function redeemNamed(stores: Redeeming, named: Named, subscriptionId: string, who: Who): Promise<Result<One>> {
  if ('couponId' in named) return redeemOne(stores.coupons, named.couponId, subscriptionId, who, named.pointer);
  const code = await usableCode(stores.promotionCodes, named, subscriptionId, who);
  if (!code.ok) return code;
  const { id, couponId } = code.value;
  const place = await stores.promotionCodes.redeem(code.value, subscriptionId);
  if (place === undefined) return reject('promotion-code-exhausted', `${id} was used as often as it may be.`, named.pointer);
  const giveBack = () => stores.promotionCodes.giveBack(id, subscriptionId);
  const coupon = await redeemOne(stores.coupons, couponId, subscriptionId, who, named.pointer);
  if (!coupon.ok && place === 'taken') await giveBack();
  return coupon.ok && place === 'taken' ? accept({ ...coupon.value, taken: [...coupon.value.taken, giveBack] }) : coupon;
}

/** Who has used a code may ask again, also when it is not taken any more: the same start again is the same start. */
async function usableCode(
  codes: PromotionCodeStore,
  { code, pointer }: { readonly code: string; readonly pointer: string },
  subscriptionId: string,
  { customerId, now, hasHadSubscription }: Who,
): Promise<Result<PromotionCode>> {
  const found = await codes.find(code);
  if (found === undefined) return reject('promotion-code-not-found', `There is no promotion code ${code}.`, pointer);
  if (await codes.holds(code, subscriptionId)) return accept(found);
  const isKnown = found.firstTimeOnly && (await hasHadSubscription());
  return usableBy(found, { customerId, now, hasHadSubscription: isKnown }, pointer);
}

/** Who has redeemed a coupon has it, also when it is not given any more: the same start again is the same start. */
const kept = ({ redeemBy: _, ...coupon }: Coupon): Coupon => ({ ...coupon, archivedAt: null });

async function redeemOne(
  store: CouponStore,
  couponId: string,
  subscriptionId: string,
  who: Redeemer,
  pointer: string,
): Promise<Result<One>> {
  const coupon = await store.find(couponId);
  if (coupon === undefined) return reject('coupon-not-found', `There is no coupon ${couponId}.`, pointer);
  const applied = appliedTo((await store.holds(couponId, subscriptionId)) ? kept(coupon) : coupon, who, pointer);
  if (!applied.ok) return applied;
  const place = await store.redeem(coupon, subscriptionId);
  if (place === undefined) return reject('coupon-exhausted', `${couponId} was redeemed as often as it may be.`, pointer);
  return accept({ coupon: applied.value, taken: place === 'taken' ? [() => store.giveBack(couponId, subscriptionId)] : [] });
}
