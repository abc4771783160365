import { z } from 'zod';
import { identity, instantSchema } from '../../../actors/subscription/terms-schemas.ts';
import { accept, type Result, reject } from '../../shared/result.ts';
import type { Instant } from '../../shared/time.ts';

/** What people type: case does not count. */
export const codeSchema = z
  .string()
  .trim()
  .transform((code) => code.toUpperCase())
  .pipe(z.string().regex(/^[A-Z0-9][A-Z0-9_-]{2,39}$/, 'Give 3 to 40 letters, digits, hyphens or underscores.'));

export const promotionCodeBody = z.strictObject({
  code: codeSchema,
  couponId: identity('cpn'),
  maxRedemptions: z.number().int().min(1).max(1_000_000_000).optional(),
  expiresAt: instantSchema.optional(),
  /** Only this customer may use it. */
  customerId: identity('cus').optional(),
  /** Only for who has never had a subscription. */
  firstTimeOnly: z.boolean().default(false),
});

/** A word that stands for a coupon, with limits of its own beside the coupon's. Its id is the word. */
export type PromotionCode = Omit<z.infer<typeof promotionCodeBody>, 'code'> & {
  readonly id: string;
  readonly archivedAt: Instant | null;
  readonly createdAt: Instant;
};

export type Asker = { readonly customerId: string; readonly hasHadSubscription: boolean; readonly now: Instant };

/** The code, where this customer may use it. `pointer` is where it was named. */
export function usableBy(code: PromotionCode, { customerId, hasHadSubscription, now }: Asker, pointer: string): Result<PromotionCode> {
  if (code.archivedAt !== null) return reject('promotion-code-archived', `${code.id} is not taken any more.`, pointer);
  if (code.expiresAt !== undefined && code.expiresAt <= now)
    return reject('promotion-code-expired', `${code.id} was to be used by ${code.expiresAt}.`, pointer);
  if (code.customerId !== undefined && code.customerId !== customerId)
    return reject('promotion-code-of-another', `${code.id} is for another customer.`, pointer);
  if (code.firstTimeOnly && hasHadSubscription)
    return reject('promotion-code-first-time-only', `${code.id} is for a first subscription.`, pointer);
  return accept(code);
}
