import type { MethodDetails, PaymentMethodResource } from '../shared/contracts/customer-resource.ts';
import { type MarqueeEvent, newEvent } from '../shared/events.ts';
import { type Instant, instantOfMillis, millisOf } from '../shared/time.ts';
import type { Account } from './account.ts';

/** `data` of `customer.payment-method-expiring`: the card that is tried first, and when it is needed next. */
export type CardExpiring = {
  readonly customerId: string;
  readonly paymentMethodId: string;
  readonly card: MethodDetails;
  /** The first instant at which it is valid no more. */
  readonly expiresAt: Instant;
  readonly nextBillingAt: Instant;
};

type Expiring = { readonly method: PaymentMethodResource; readonly card: MethodDetails; readonly expiresAt: Instant };

const dayMillis = 86_400_000;

/** A card is good to the end of its month, here in UTC; undefined where its gateway tells no expiry. */
export function expiryOf({ expMonth, expYear }: MethodDetails): Instant | undefined {
  return expMonth === null || expYear === null ? undefined : instantOfMillis(Date.UTC(expYear, expMonth, 1));
}

/** The default card where it expires within so many days, or has expired: only that one is charged as long as it works. */
export function expiringCard({ paymentMethods: [method] }: Account, now: Instant, days: number): Expiring | undefined {
  const expiresAt = method?.card ? expiryOf(method.card) : undefined;
  if (!method?.card || expiresAt === undefined) return undefined;
  return expiresAt <= instantOfMillis(millisOf(now) + days * dayMillis) ? { method, card: method.card, expiresAt } : undefined;
}

/** One telling a card and expiry: the card's new expiry, after an update, is another. */
export const noticeIdOf = ({ method: { id, customerId }, expiresAt }: Expiring): string => `${customerId}.${id}.${expiresAt.slice(0, 7)}`;

export const expiringEvent = (expiring: Expiring, nextBillingAt: Instant, now: Instant): MarqueeEvent<CardExpiring> => {
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
