import type { Rejection } from '../../services/shared/result.ts';
import type { Cadence, Terms } from './subscription.ts';

/** Mean Gregorian lengths in 1/4800 of a day: whole numbers, so that twelve months are exactly a year and no float decides a comparison. */
const meanLength = { day: 4_800, week: 33_600, month: 146_097, year: 1_753_164 } as const;

const lengthOf = ({ unit, count }: Cadence): number => meanLength[unit] * count;

const priceOf = ({ plan, quantity }: Terms): number => plan.price.amount * quantity;

/** Whether `next` costs less a day than `current`, all units together: a downgrade, which by default waits for the period's end. */
export const isCheaper = (current: Terms, next: Terms): boolean =>
  priceOf(next) * lengthOf(current.plan.interval) < priceOf(current) * lengthOf(next.plan.interval);

export const hasSameInterval = ({ plan: { interval: one } }: Terms, { plan: { interval: other } }: Terms): boolean =>
  one.unit === other.unit && one.count === other.count;

/** Why these terms cannot be bought at this quantity, if so. */
export function quantityRejection({ plan, quantity }: Terms): Rejection | undefined {
  if (quantity >= plan.minQuantity && quantity <= plan.maxQuantity) return undefined;
  const message = `The quantity must be between ${plan.minQuantity} and ${plan.maxQuantity}.`;
  return { code: 'quantity-out-of-range', message, pointer: '/quantity' };
}
