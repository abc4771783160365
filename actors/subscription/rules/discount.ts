import { allocate, portion } from '../../../services/shared/money.ts';
import type { Instant } from '../../../services/shared/time.ts';
import type { Discount, RequestedLine } from './invoice-request.ts';
import type { AppliedCoupon } from './terms.ts';

/**
 * The discounts of the coupons on these lines (docs/billing-rules.md, Discounts): percent coupons
 * first, then amounts, each in order of application, on the amounts that the earlier ones left,
 * never below zero, spread over the lines by largest remainder. A coupon that finds nothing to
 * discount is left out and not used up.
 */
export function discountsOn(lines: readonly RequestedLine[], coupons: readonly AppliedCoupon[], at: Instant): Discount[] {
  const left = lines.map(({ kind, amount }) => (kind === 'recurring' || kind === 'add-on' ? amount : 0));
  const discounts: Discount[] = [];
  for (const coupon of [...coupons.filter(({ kind }) => kind === 'percent'), ...coupons.filter(({ kind }) => kind === 'amount')]) {
    if (coupon.endsAt !== null && coupon.endsAt <= at) continue;
    const weights = left.map((amount, index) => (isGoodFor(coupon, lines[index]?.planId ?? null) ? amount : 0));
    const base = weights.reduce((sum, amount) => sum + amount, 0);
    if (base <= 0) continue;
    const amount = worthOf(coupon, base);
    const shares = allocate(amount, weights);
    for (const [index, share] of shares.entries()) left[index] = (left[index] ?? 0) - share;
    discounts.push({ couponId: coupon.couponId, name: coupon.name, percent: coupon.percent, base, amount, shares });
  }
  return discounts;
}

const isGoodFor = ({ planIds }: AppliedCoupon, planId: string | null): boolean =>
  planIds === null || (planId !== null && planIds.includes(planId));

/** Hundredths of a percent are whole numbers, so that no float touches the money. */
const worthOf = ({ percent, amount }: AppliedCoupon, base: number): number =>
  percent === null ? Math.min(amount ?? 0, base) : portion(base, Math.round(percent * 100), 10_000);

/** The lines, each with its share of the discounts. */
export const discounted = (lines: readonly RequestedLine[], discounts: readonly Discount[]): RequestedLine[] =>
  lines.map((line, index) => ({ ...line, discount: discounts.reduce((sum, { shares }) => sum + (shares[index] ?? 0), 0) }));

/** The coupons after an invoice that used some of them. One without periods left is removed. */
export function couponsAfter(coupons: readonly AppliedCoupon[], discounts: readonly Discount[]): AppliedCoupon[] {
  const used = new Set(discounts.map(({ couponId }) => couponId));
  return coupons.flatMap((coupon) => {
    if (!used.has(coupon.couponId) || coupon.periodsLeft === null) return [coupon];
    return coupon.periodsLeft > 1 ? [{ ...coupon, periodsLeft: coupon.periodsLeft - 1 }] : [];
  });
}
