import { z } from 'zod';
import type { AppliedCoupon } from '../../../actors/subscription/client.ts';
import { identity, instantSchema, minorUnits } from '../../../actors/subscription/terms-schemas.ts';
import { plusLocalMonths } from '../../shared/local-time.ts';
import { isCurrency } from '../../shared/money.ts';
import { accept, type Result, reject } from '../../shared/result.ts';
import type { Instant } from '../../shared/time.ts';

const shape = z.strictObject({
  id: identity('cpn').optional(),
  name: z.string().min(1).max(200).optional(),
  kind: z.enum(['percent', 'amount']),
  percent: z.number().min(0.01).max(100).multipleOf(0.01).optional(),
  amounts: z
    .array(
      z.strictObject({
        amount: minorUnits.min(1),
        currency: z.string().refine(isCurrency, 'Give an ISO 4217 currency.'),
      }),
    )
    .min(1)
    .max(200)
    .optional(),
  duration: z.enum(['once', 'repeating', 'forever']),
  /** Invoices that have something to discount. */
  cycles: z.number().int().min(1).max(1_000).optional(),
  /** By the calendar from its application on, in a pause too. */
  months: z.number().int().min(1).max(1_200).optional(),
  maxRedemptions: z.number().int().min(1).max(1_000_000_000).optional(),
  redeemBy: instantSchema.optional(),
  plans: z.array(identity('plan')).min(1).max(500).optional(),
});

/** A coupon says one thing: what contradicts itself is refused with a pointer. */
export const couponBody = shape.superRefine(({ kind, percent, amounts, duration, cycles, months }, context) => {
  const complain = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
  if ((kind === 'percent') !== (percent !== undefined)) complain('percent', 'A percent coupon, and no other, has a percent.');
  if ((kind === 'amount') !== (amounts !== undefined)) complain('amounts', 'An amount coupon, and no other, has amounts.');
  if (amounts && new Set(amounts.map(({ currency }) => currency)).size !== amounts.length) complain('amounts', 'One amount a currency.');
  if (duration === 'repeating' && cycles === undefined && months === undefined) complain('cycles', 'Say how often it repeats.');
  if (duration !== 'repeating' && (cycles ?? months) !== undefined)
    complain(cycles === undefined ? 'months' : 'cycles', 'Only a repeating coupon repeats.');
});

export type CouponBody = z.infer<typeof couponBody>;

export type Coupon = Omit<CouponBody, 'id' | 'name'> & {
  readonly id: string;
  readonly name: string;
  readonly archivedAt: Instant | null;
  readonly createdAt: Instant;
};

export type Redeemer = { readonly currency: string; readonly planIds: readonly string[]; readonly timezone: string; readonly now: Instant };

/** The coupon as this subscription would have it, or why it cannot be had. `pointer` is where it was named. */
export function appliedTo(coupon: Coupon, { currency, planIds, timezone, now }: Redeemer, pointer: string): Result<AppliedCoupon> {
  if (coupon.archivedAt !== null) return reject('coupon-archived', `${coupon.id} is not given any more.`, pointer);
  if (coupon.redeemBy !== undefined && coupon.redeemBy <= now)
    return reject('coupon-expired', `${coupon.id} was to be redeemed by ${coupon.redeemBy}.`, pointer);
  if (coupon.plans && !coupon.plans.some((plan) => planIds.includes(plan)))
    return reject('coupon-plan-mismatch', `${coupon.id} is for other plans.`, pointer);
  const amount = coupon.amounts?.find((money) => money.currency === currency)?.amount ?? null;
  if (coupon.kind === 'amount' && amount === null)
    return reject('coupon-currency-mismatch', `${coupon.id} has no amount in ${currency}.`, pointer);
  return accept({
    couponId: coupon.id,
    name: coupon.name,
    kind: coupon.kind,
    percent: coupon.percent ?? null,
    amount,
    periodsLeft: coupon.duration === 'once' ? 1 : (coupon.cycles ?? null),
    endsAt: coupon.months === undefined ? null : plusLocalMonths(now, coupon.months, timezone),
    planIds: coupon.plans ?? null,
  });
}
