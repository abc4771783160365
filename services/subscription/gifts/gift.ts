import { z } from 'zod';
import { type BillingInterval, type Item, priceOf, type Terms } from '../../../actors/subscription/client.ts';
import type { InvoiceRequest, RequestedLine } from '../../shared/contracts/invoice-request.ts';
import { billingIntervalSchema } from '../../shared/contracts/subscription-resource.ts';
import { type MarqueeEvent, newEvent } from '../../shared/events.ts';
import { identity, money, utcInstant } from '../../shared/fields.ts';
import { invoiceIdOf } from '../../shared/ids.ts';
import { localDaysBetween, plusLocalDays, plusLocalMonths } from '../../shared/local-time.ts';
import { isCountable, type Money } from '../../shared/money.ts';
import { accept, type Rejection, type Result, reject } from '../../shared/result.ts';
import { type Instant, millisOf } from '../../shared/time.ts';
import { purchaseFields } from '../bodies.ts';

export const giftBody = z
  .strictObject({
    id: identity('gift').optional(),
    ...purchaseFields,
    customerId: purchaseFields.customerId.meta({ description: 'The customer who pays' }),
    periods: z.number().int().min(1).max(60).default(1).meta({ description: 'Number of billing periods of the gift' }),
    message: z.string().max(1000).nullable().default(null),
  })
  .meta({ id: 'CreateGift' });

export type GiftBody = z.infer<typeof giftBody>;

const giftFields = {
  id: z.string(),
  customerId: z.string().meta({ description: 'The customer who pays' }),
  planId: z.string(),
  quantity: z.int(),
  addOns: z.array(z.object({ planId: z.string(), quantity: z.int() })),
  interval: billingIntervalSchema,
  periods: z.int().meta({ description: 'Number of billing periods of the gift' }),
  message: z.string().nullable(),
  price: money.meta({ description: 'Price of the whole gift, before tax where the plan excludes it' }),
  status: z
    .enum(['pending', 'payment-failed', 'ready', 'redeemed', 'cancelled'])
    .meta({ description: 'pending: the invoice is not paid yet; ready: the code can be redeemed' }),
  invoiceId: z.string(),
  failedAttempts: z.int(),
  redeemedBy: z.string().nullable().meta({ description: 'The customer who redeemed it' }),
  subscriptionId: z.string().nullable().meta({ description: 'The subscription that it became' }),
  testClock: z.string().nullable(),
  createdAt: utcInstant,
};

export const giftSchema = z
  .object(giftFields)
  .meta({ id: 'Gift', description: 'A subscription that one customer pays and another redeems' });

export const giftWithCodeSchema = z
  .object({
    ...giftFields,
    code: z
      .string()
      .optional()
      .meta({ description: 'The code to redeem, shown in this response only', examples: ['7KQM-XT4D-09VA-CH3R'] }),
  })
  .meta({ id: 'GiftWithCode', description: 'A gift and its code' });

/**
 * A subscription that one customer pays once and another customer redeems by code. `pending`: its
 * invoice is not paid yet; `ready`: the code can be redeemed.
 */
export type Gift = Omit<GiftBody, 'id' | 'currency' | 'interval'> & {
  readonly id: string;
  readonly interval: BillingInterval;
  readonly price: Money;
  readonly status: 'pending' | 'payment-failed' | 'ready' | 'redeemed' | 'cancelled';
  readonly invoiceId: string;
  readonly failedAttempts: number;
  readonly redeemedBy: string | null;
  readonly subscriptionId: string | null;
  readonly testClock: string | null;
  readonly createdAt: Instant;
};

/** All periods at the list price, in minor units; introductory prices are for subscribers. */
const amountOf = (item: Item, periods: number): number => priceOf(item, Number.POSITIVE_INFINITY) * periods;

const itemsOf = ({ plan, quantity, addOns }: Terms): readonly Item[] => [{ plan, quantity }, ...addOns];

export const giftPrice = (terms: Terms, periods: number): Money => ({
  amount: itemsOf(terms).reduce((sum, item) => sum + amountOf(item, periods), 0),
  currency: terms.plan.price.currency,
});

/** Refused where all periods together cost more than can be billed. */
export const giftRejection = (terms: Terms, periods: number): Rejection | undefined =>
  isCountable(itemsOf(terms).map((item) => ({ amount: amountOf(item, 1), times: periods })))
    ? undefined
    : { code: 'quantity-out-of-range', message: 'This gift costs more than can be billed. Choose fewer periods.', pointer: '/periods' };

/**
 * The event of a purchase, which requests the single invoice of the gift. Both ids are derived, so
 * a repeat is the same event and the same invoice.
 */
export function giftPurchased(gift: Gift, terms: Terms): MarqueeEvent<'gift.purchased'> {
  const at = { start: gift.createdAt, end: gift.createdAt };
  const lines = itemsOf(terms).map(
    (item, index): RequestedLine => ({
      kind: index === 0 ? 'one-off' : 'add-on',
      planId: item.plan.planId,
      planVersion: item.plan.version,
      name: item.plan.name,
      quantity: item.quantity,
      amount: amountOf(item, gift.periods),
      discount: 0,
      period: at,
      explanation: { rule: 'gift', unit: 'day', numerator: gift.periods, denominator: 1, base: amountOf(item, 1) },
    }),
  );
  const { currency } = gift.price;
  const { taxBehaviour } = terms.plan;
  const empty = { discounts: [], chargeIds: [] };
  const invoice: InvoiceRequest = { invoiceId: gift.invoiceId, cause: 'gift', currency, taxBehaviour, period: at, lines, ...empty };
  const { id: subject, customerId, testClock } = gift;
  const data = { gift, subscription: { id: subject, customerId }, invoice };
  return newEvent({ type: 'gift.purchased', subject, sequence: 1, time: gift.createdAt, customerId, testClock, data });
}

/** The event that requests another attempt. A repeat for the same attempt is the same event. */
export const giftRetryDue = (gift: Gift, time: Instant): MarqueeEvent<'gift.retry-due'> => {
  const { id: subject, customerId, testClock, invoiceId, failedAttempts } = gift;
  return newEvent({
    ...{ type: 'gift.retry-due', subject, sequence: 1 + failedAttempts, time, customerId, testClock },
    data: { invoiceId, attempt: failedAttempts + 1 },
  });
};

export const giftInvoiceId = (giftId: string): string => invoiceIdOf(giftId, 1);

/**
 * The gift if this customer may redeem it. A customer who has redeemed it before may repeat the
 * request, and receives the same subscription.
 */
export function redeemable(gift: Gift | undefined, customerId: string): Result<Gift> {
  const pointer = '/code';
  if (gift === undefined) return reject('gift-not-found', 'There is no gift with this code.', pointer);
  if (gift.redeemedBy === customerId) return accept(gift);
  if (gift.redeemedBy !== null) return reject('gift-redeemed', 'This gift has already been redeemed.', pointer);
  if (gift.status === 'cancelled') return reject('gift-cancelled', 'This gift was cancelled and cannot be redeemed.', pointer);
  return gift.status === 'ready' ? accept(gift) : reject('gift-not-paid', 'This gift has not been paid yet.', pointer);
}

/** The length of the gift in local calendar days, when it begins now in this time zone. */
export function giftDays({ interval: { unit, count }, periods }: Gift, now: Instant, zone: string): number {
  const units = count * periods;
  const months = unit === 'month' ? units : unit === 'year' ? units * 12 : 0;
  const end = months > 0 ? plusLocalMonths(now, months, zone) : plusLocalDays(now, unit === 'week' ? units * 7 : units, zone);
  return localDaysBetween(millisOf(now), millisOf(end), zone);
}
