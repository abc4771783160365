import { z } from 'zod';
import type { AppliedCoupon } from '../../../actors/subscription/client.ts';
import { minorUnits } from '../../../actors/subscription/terms-schemas.ts';
import { currency, identity, instant, minorUnits as responseAmount, utcInstant } from '../../shared/fields.ts';
import { plusLocalMonths } from '../../shared/local-time.ts';
import { accept, type Result, reject } from '../../shared/result.ts';
import type { Instant } from '../../shared/time.ts';

const shape = z.strictObject({
  id: identity('cpn').optional(),
  name: z.string().min(1).max(200).optional(),
  kind: z.enum(['percent', 'amount']),
  percent: z.number().min(0.01).max(100).multipleOf(0.01).optional(),
  amounts: z
    .array(z.strictObject({ amount: minorUnits.min(1), currency }))
    .min(1)
    .max(200)
    .optional()
    .meta({ description: 'One amount in minor units for each currency' }),
  duration: z.enum(['once', 'repeating', 'forever']),
  cycles: z.number().int().min(1).max(1_000).optional().meta({ description: 'Number of discounted invoices' }),
  months: z.number().int().min(1).max(1_200).optional().meta({ description: 'Calendar months from its application, pauses included' }),
  maxRedemptions: z.number().int().min(1).max(1_000_000_000).optional(),
  redeemBy: instant.optional(),
  plans: z.array(identity('plan')).min(1).max(500).optional().meta({ description: 'Plans and add-ons it discounts; all if absent' }),
});

/** A coupon without contradictions: percent or amounts, and a length only where it repeats. */
export const couponBody = shape
  .superRefine(({ kind, percent, amounts, duration, cycles, months }, context) => {
    const complain = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
    if ((kind === 'percent') !== (percent !== undefined)) complain('percent', 'percent is required if and only if kind is "percent".');
    if ((kind === 'amount') !== (amounts !== undefined)) complain('amounts', 'amounts is required if and only if kind is "amount".');
    if (amounts && new Set(amounts.map(({ currency }) => currency)).size !== amounts.length)
      complain('amounts', 'Only one amount is allowed for each currency.');
    if (duration === 'repeating' && cycles === undefined && months === undefined)
      complain('cycles', 'A repeating coupon requires cycles or months.');
    if (duration !== 'repeating' && (cycles ?? months) !== undefined)
      complain(cycles === undefined ? 'months' : 'cycles', 'Only a repeating coupon may have cycles or months.');
  })
  .meta({ id: 'CreateCoupon' });

export type CouponBody = z.infer<typeof couponBody>;

export type Coupon = Omit<CouponBody, 'id' | 'name'> & {
  readonly id: string;
  readonly name: string;
  readonly archivedAt: Instant | null;
  readonly createdAt: Instant;
};

const couponFields = {
  id: z.string(),
  name: z.string(),
  kind: z.enum(['percent', 'amount']),
  percent: z.number().optional(),
  amounts: z.array(z.object({ amount: responseAmount, currency: z.string() })).optional(),
  duration: z.enum(['once', 'repeating', 'forever']),
  cycles: z.int().optional().meta({ description: 'Number of discounted invoices' }),
  months: z.int().optional().meta({ description: 'Calendar months from its application, pauses included' }),
  maxRedemptions: z.int().optional(),
  redeemBy: utcInstant.optional(),
  plans: z.array(z.string()).optional().meta({ description: 'Plans and add-ons it discounts; all if absent' }),
  archivedAt: utcInstant.nullable().meta({ description: 'Since then it cannot be redeemed any more' }),
  createdAt: utcInstant,
};

export const couponSchema = z.object(couponFields).meta({ id: 'Coupon', description: 'A discount' });

export const countedCouponSchema = z
  .object({ ...couponFields, redeemed: z.int().meta({ description: 'Number of redemptions' }) })
  .meta({ id: 'CouponWithRedemptions', description: 'A discount and how often it was redeemed' });

/** The subscription that a coupon would discount. `planIds` are its plan and add-ons. */
export type DiscountedPurchase = {
  readonly currency: string;
  readonly planIds: readonly string[];
  readonly timezone: string;
  readonly now: Instant;
};

/**
 * The coupon as a subscription stores it, or why it cannot be redeemed. `pointer` is the field of
 * the request that names it.
 */
export function appliedTo(
  coupon: Coupon,
  { currency, planIds, timezone, now }: DiscountedPurchase,
  pointer: string,
): Result<AppliedCoupon> {
  const { id } = coupon;
  if (coupon.archivedAt !== null) return reject('coupon-archived', `Coupon ${id} is archived.`, pointer);
  if (coupon.redeemBy !== undefined && coupon.redeemBy <= now)
    return reject('coupon-expired', `Coupon ${id} expired on ${coupon.redeemBy}.`, pointer);
  if (coupon.plans && !coupon.plans.some((plan) => planIds.includes(plan)))
    return reject('coupon-plan-mismatch', `Coupon ${id} does not apply to the plans of this subscription.`, pointer);
  const amount = coupon.amounts?.find((money) => money.currency === currency)?.amount ?? null;
  if (coupon.kind === 'amount' && amount === null)
    return reject('coupon-currency-mismatch', `Coupon ${id} has no amount in ${currency}.`, pointer);
  return accept({
    couponId: id,
    name: coupon.name,
    kind: coupon.kind,
    percent: coupon.percent ?? null,
    amount,
    periodsLeft: coupon.duration === 'once' ? 1 : (coupon.cycles ?? null),
    endsAt: coupon.months === undefined ? null : plusLocalMonths(now, coupon.months, timezone),
    planIds: coupon.plans ?? null,
  });
}
