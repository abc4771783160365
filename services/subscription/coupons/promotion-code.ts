import { z } from 'zod';
import { identity, instant, utcInstant } from '../../shared/fields.ts';
import { accept, type Result, reject } from '../../shared/result.ts';
import type { Instant } from '../../shared/time.ts';

/** A promotion code as customers enter it, in any case; the value is in upper case. */
export const promotionCode = z
  .string()
  .trim()
  .transform((code) => code.toUpperCase())
  .pipe(z.string().regex(/^[A-Z0-9][A-Z0-9_-]{2,39}$/, 'Must be 3 to 40 letters, digits, hyphens or underscores.'));

export const promotionCodeBody = z
  .strictObject({
    code: promotionCode,
    couponId: identity('cpn'),
    maxRedemptions: z.number().int().min(1).max(1_000_000_000).optional(),
    expiresAt: instant.optional(),
    customerId: identity('cus').optional().meta({ description: 'The only customer who may use it' }),
    firstTimeOnly: z.boolean().default(false).meta({ description: 'Only for customers who have never had a subscription' }),
  })
  .meta({ id: 'CreatePromotionCode' });

export const promotionCodeSchema = z
  .object({
    code: z.string(),
    couponId: z.string(),
    maxRedemptions: z.int().optional(),
    expiresAt: utcInstant.optional(),
    customerId: z.string().optional().meta({ description: 'The only customer who may use it' }),
    firstTimeOnly: z.boolean().meta({ description: 'Only for customers who have never had a subscription' }),
    archivedAt: utcInstant.nullable().meta({ description: 'Since then it cannot be used any more' }),
    createdAt: utcInstant,
    redeemed: z.int().meta({ description: 'Number of redemptions' }),
  })
  .meta({ id: 'PromotionCode', description: 'A word that customers enter to obtain a coupon' });

/**
 * A word that customers enter to obtain a coupon, with limits of its own in addition to the
 * coupon's. Its id is the word.
 */
export type PromotionCode = Omit<z.infer<typeof promotionCodeBody>, 'code'> & {
  readonly id: string;
  readonly archivedAt: Instant | null;
  readonly createdAt: Instant;
};

export type CodeUser = { readonly customerId: string; readonly hasHadSubscription: boolean; readonly now: Instant };

/** The code if this customer may use it. `pointer` is the field of the request that names it. */
export function usableBy(code: PromotionCode, { customerId, hasHadSubscription, now }: CodeUser, pointer: string): Result<PromotionCode> {
  const { id } = code;
  if (code.archivedAt !== null) return reject('promotion-code-archived', `Promotion code ${id} is archived.`, pointer);
  if (code.expiresAt !== undefined && code.expiresAt <= now)
    return reject('promotion-code-expired', `Promotion code ${id} expired on ${code.expiresAt}.`, pointer);
  if (code.customerId !== undefined && code.customerId !== customerId)
    return reject('promotion-code-of-another', `Promotion code ${id} is reserved for another customer.`, pointer);
  if (code.firstTimeOnly && hasHadSubscription)
    return reject(
      'promotion-code-first-time-only',
      `Promotion code ${id} is only for customers who have never had a subscription.`,
      pointer,
    );
  return accept(code);
}
