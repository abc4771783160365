import { z } from 'zod';
import { type Cadence, type Item, priceOf, type Terms } from '../../../actors/subscription/client.ts';
import { identity } from '../../../actors/subscription/terms-schemas.ts';
import { type MarqueeEvent, newEvent } from '../../shared/events.ts';
import { invoiceIdOf } from '../../shared/ids.ts';
import { localDaysBetween, plusLocalDays, plusLocalMonths } from '../../shared/local-time.ts';
import type { Money } from '../../shared/money.ts';
import { accept, type Result, reject } from '../../shared/result.ts';
import { type Instant, millisOf } from '../../shared/time.ts';
import { boughtFields } from '../bodies.ts';

export const giftBody = z.strictObject({
  id: identity('gift').optional(),
  /** `customerId` is who pays. */
  ...boughtFields,
  /** How many periods are given. */
  periods: z.number().int().min(1).max(60).default(1),
  message: z.string().max(1000).nullable().default(null),
});

export type GiftBody = z.infer<typeof giftBody>;

/**
 * A subscription that one customer pays for once and another one redeems by code. `pending`: its invoice is not paid yet; `ready`: whoever
 * has the code can have it.
 */
export type Gift = Omit<GiftBody, 'id' | 'currency' | 'interval'> & {
  readonly id: string;
  readonly interval: Cadence;
  readonly price: Money;
  readonly status: 'pending' | 'payment-failed' | 'ready' | 'redeemed' | 'cancelled';
  readonly invoiceId: string;
  readonly failedAttempts: number;
  readonly redeemedBy: string | null;
  readonly subscriptionId: string | null;
  readonly testClock: string | null;
  readonly createdAt: Instant;
};

/** Every period at the list price: an introductory one is for who subscribes. Minor units. */
const amountOf = (item: Item, periods: number): number => priceOf(item, Number.POSITIVE_INFINITY) * periods;

const itemsOf = ({ plan, quantity, addOns }: Terms): readonly Item[] => [{ plan, quantity }, ...addOns];

export const giftPrice = (terms: Terms, periods: number): Money => ({
  amount: itemsOf(terms).reduce((sum, item) => sum + amountOf(item, periods), 0),
  currency: terms.plan.price.currency,
});

/** Tells that a gift was bought, and asks for its one invoice, whose id is derived: a repeat is the same event and the same invoice. */
export function giftPurchased(gift: Gift, terms: Terms): MarqueeEvent {
  const at = { start: gift.createdAt, end: gift.createdAt };
  const lines = itemsOf(terms).map((item, index) => ({
    kind: index === 0 ? 'one-off' : 'add-on',
    planId: item.plan.planId,
    planVersion: item.plan.version,
    name: item.plan.name,
    quantity: item.quantity,
    amount: amountOf(item, gift.periods),
    discount: 0,
    period: at,
    explanation: { rule: 'gift', unit: 'day', numerator: gift.periods, denominator: 1, base: amountOf(item, 1) },
  }));
  const { currency, taxBehaviour } = { currency: gift.price.currency, taxBehaviour: terms.plan.taxBehaviour };
  const invoice = { invoiceId: gift.invoiceId, cause: 'gift', currency, taxBehaviour, period: at, lines, discounts: [], chargeIds: [] };
  const { id: subject, customerId, testClock } = gift;
  const data = { gift, subscription: { id: subject, customerId }, invoice };
  return newEvent({ type: 'gift.purchased', subject, sequence: 1, time: gift.createdAt, customerId, testClock, data });
}

/** Asks payment to try once more; a repeat of the same attempt is the same event. */
export const giftRetryDue = ({ id: subject, customerId, testClock, invoiceId, failedAttempts }: Gift, time: Instant): MarqueeEvent =>
  newEvent({
    ...{ type: 'gift.retry-due', subject, sequence: 1 + failedAttempts, time, customerId, testClock },
    data: { invoiceId, attempt: failedAttempts + 1 },
  });

export const giftInvoiceId = (giftId: string): string => invoiceIdOf(giftId, 1);

/** Whether this customer may have the gift. Who has redeemed it may ask again, and gets the same subscription. */
export function redeemable(gift: Gift | undefined, customerId: string): Result<Gift> {
  const pointer = '/code';
  if (gift === undefined) return reject('gift-not-found', 'There is no gift with this code.', pointer);
  if (gift.redeemedBy === customerId) return accept(gift);
  if (gift.redeemedBy !== null) return reject('gift-redeemed', 'This gift was redeemed already.', pointer);
  if (gift.status === 'cancelled') return reject('gift-cancelled', 'This gift was cancelled.', pointer);
  return gift.status === 'ready' ? accept(gift) : reject('gift-not-paid', 'This gift is not paid for yet.', pointer);
}

/** How many local calendar days so many periods from `now` are. */
export function daysGiven({ interval: { unit, count }, periods }: Gift, now: Instant, zone: string): number {
  const units = count * periods;
  const months = unit === 'month' ? units : unit === 'year' ? units * 12 : 0;
  const end = months > 0 ? plusLocalMonths(now, months, zone) : plusLocalDays(now, unit === 'week' ? units * 7 : units, zone);
  return localDaysBetween(millisOf(now), millisOf(end), zone);
}
