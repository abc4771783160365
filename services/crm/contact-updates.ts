import type { SubscriptionResource } from '../shared/contracts/subscription-resource.ts';
import type { MarqueeEvent } from '../shared/events.ts';
import { monthlyAmount } from '../shared/monthly.ts';
import type { Instant } from '../shared/time.ts';
import type { DisputeState, Failure, Profile, SubscriptionState } from './contact.ts';

/**
 * A new value of one slot of a contact. `sequence` is that of the event: a slot only ever takes a
 * value with a higher sequence than the one it holds.
 */
export type ContactUpdate = {
  readonly customerId: string;
  readonly slot: string;
  readonly sequence: number;
  readonly value: (Profile & { readonly erased: boolean }) | SubscriptionState | DisputeState | Failure;
  readonly at: Instant;
  readonly testClock: string | null;
};

/** The updates that an event makes to a contact: none for most events, such as a renewal. */
export function contactUpdatesOf(event: MarqueeEvent<'customer.*' | 'subscription.*' | 'dispute.*'>): readonly ContactUpdate[] {
  switch (event.type) {
    case 'customer.created':
    case 'customer.updated':
    case 'customer.erased':
      return [profileUpdate(event)];
    case 'customer.payment-method-added':
    case 'customer.payment-method-removed':
    case 'customer.payment-method-updated':
    case 'customer.payment-method-expiring':
      return [];
    case 'dispute.opened':
    case 'dispute.lost':
    case 'dispute.won':
      return [disputeUpdate(event)];
    default:
      return subscriptionUpdates(event);
  }
}

function subscriptionUpdates(event: MarqueeEvent<'subscription.*'>): readonly ContactUpdate[] {
  const { subscription, previous } = event.data;
  const slot = slotKey(event.subject);
  const state = stateOf(subscription);
  const changesContact =
    event.type === 'subscription.created' || Object.keys(previous).some((field) => field in state || field === 'recurringAmount');
  return [
    ...(changesContact ? [contactUpdate(event, `subscriptions.${slot}`, state)] : []),
    ...(event.type === 'subscription.payment-failed' ? [contactUpdate(event, `failures.${slot}`, failureOf(event))] : []),
  ];
}

/** An id as the name of a field, without dots, which a document server would read as a path. */
const slotKey = (id: string): string => id.replaceAll('.', '%2E');

function profileUpdate(event: MarqueeEvent<'customer.created' | 'customer.updated' | 'customer.erased'>): ContactUpdate {
  const { email, name, phone, locale, country, currency, timezone, createdAt } = event.data;
  const profile: Profile = { email, name, phone, locale, country, currency, timezone, createdAt };
  return contactUpdate(event, 'profile', { ...profile, erased: event.type === 'customer.erased' });
}

function disputeUpdate(event: MarqueeEvent<'dispute.*'>): ContactUpdate {
  const { id, status, amount, currency, invoiceId, evidenceDueBy } = event.data;
  const dispute: DisputeState = { id, status, amount, currency, invoiceId, evidenceDueBy };
  return contactUpdate(event, `disputes.${slotKey(id)}`, dispute);
}

const stateOf = ({
  id,
  status,
  planId,
  quantity,
  price,
  interval,
  recurringAmount,
  ...dates
}: SubscriptionResource): SubscriptionState => ({
  id,
  status,
  planId,
  quantity,
  price,
  monthly: { amount: monthlyAmount(recurringAmount.amount, interval), currency: price.currency },
  trialEnd: dates.trialEnd,
  cancelAt: dates.cancelAt,
  pausedAt: dates.pausedAt,
  endedAt: dates.endedAt,
});

const failureOf = ({ time, data: { category } }: MarqueeEvent<'subscription.payment-failed'>): Failure => ({ at: time, category });

const contactUpdate = (
  { customerId, sequence, time, testClock }: MarqueeEvent,
  slot: string,
  value: ContactUpdate['value'],
): ContactUpdate => ({
  customerId,
  slot,
  sequence,
  value,
  at: time,
  testClock,
});
