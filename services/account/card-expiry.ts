import type { MethodDetails, PaymentMethodResource } from '../shared/contracts/customer-resource.ts';
import { type MarqueeEvent, newEvent } from '../shared/events.ts';
import { type Instant, instantOfMillis, millisOf } from '../shared/time.ts';
import type { Account } from './account.ts';

type Expiring = { readonly method: PaymentMethodResource; readonly card: MethodDetails; readonly expiresAt: Instant };

const dayMillis = 86_400_000;

/** A card is valid to the end of its month, in UTC; undefined for a method without an expiry. */
export function expiryOf({ expMonth, expYear }: MethodDetails): Instant | undefined {
  return expMonth === null || expYear === null ? undefined : instantOfMillis(Date.UTC(expYear, expMonth, 1));
}

/** The default card, if it has expired or will within so many days; other cards are not charged. */
export function expiringCard({ paymentMethods: [method] }: Account, now: Instant, days: number): Expiring | undefined {
  const expiresAt = method?.card ? expiryOf(method.card) : undefined;
  if (!method?.card || expiresAt === undefined) return undefined;
  return expiresAt <= instantOfMillis(millisOf(now) + days * dayMillis) ? { method, card: method.card, expiresAt } : undefined;
}

/** One notice for each card and expiry; a renewed card with another expiry gets another notice. */
export const noticeIdOf = ({ method: { id, customerId }, expiresAt }: Expiring): string => `${customerId}.${id}.${expiresAt.slice(0, 7)}`;

/** The notice that the default card expires before it is needed at the next billing. */
export const expiringEvent = (
  expiring: Expiring,
  nextBillingAt: Instant,
  now: Instant,
): MarqueeEvent<'customer.payment-method-expiring'> => {
  const { method, card, expiresAt } = expiring;
  return newEvent({
    type: 'customer.payment-method-expiring',
    subject: noticeIdOf(expiring),
    sequence: 1,
    time: now,
    customerId: method.customerId,
    testClock: null,
    data: { customerId: method.customerId, paymentMethodId: method.id, card, expiresAt, nextBillingAt },
  });
};
