import type { CustomerResource } from '../shared/contracts/customer-resource.ts';
import type { DisputeResource } from '../shared/contracts/dispute-resource.ts';
import type { MarqueeEvent } from '../shared/events.ts';
import type { Money } from '../shared/money.ts';
import { type Interval, monthlyAmount } from '../shared/monthly.ts';
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
  readonly value: object;
  readonly at: Instant;
  readonly testClock: string | null;
};

type Subscription = Omit<SubscriptionState, 'monthly'> & { readonly interval: Interval; readonly recurringAmount: Money };

type SubscriptionData = {
  readonly subscription: Subscription;
  readonly previous: Partial<Subscription>;
  readonly category?: string;
};

/** The updates that an event makes to a contact: none for most events, such as a renewal. */
export function contactUpdatesOf(event: MarqueeEvent): readonly ContactUpdate[] {
  if (event.type.startsWith('customer.')) return profileUpdates(event as MarqueeEvent<CustomerResource>);
  if (event.type.startsWith('dispute.')) return disputeUpdates(event as MarqueeEvent<DisputeResource>);
  const { subscription, previous, category } = event.data as SubscriptionData;
  const slot = slotKey(event.subject);
  const state = stateOf(subscription);
  const changesContact =
    event.type === 'subscription.created' || Object.keys(previous).some((field) => field in state || field === 'recurringAmount');
  return [
    ...(changesContact ? [contactUpdate(event, `subscriptions.${slot}`, state)] : []),
    ...(event.type === 'subscription.payment-failed' ? [contactUpdate(event, `failures.${slot}`, failureOf(event, category))] : []),
  ];
}

/** An id as the name of a field, without dots, which a document server would read as a path. */
const slotKey = (id: string): string => id.replaceAll('.', '%2E');

function profileUpdates(event: MarqueeEvent<CustomerResource>): readonly ContactUpdate[] {
  if (!['customer.created', 'customer.updated', 'customer.erased'].includes(event.type)) return [];
  const { email, name, phone, locale, country, currency, timezone, createdAt } = event.data;
  const profile: Profile = { email, name, phone, locale, country, currency, timezone, createdAt };
  return [contactUpdate(event, 'profile', { ...profile, erased: event.type === 'customer.erased' })];
}

function disputeUpdates(event: MarqueeEvent<DisputeResource>): readonly ContactUpdate[] {
  const { id, status, amount, currency, invoiceId, evidenceDueBy } = event.data;
  const dispute: DisputeState = { id, status, amount, currency, invoiceId, evidenceDueBy };
  return [contactUpdate(event, `disputes.${slotKey(id)}`, dispute)];
}

const stateOf = ({ id, status, planId, quantity, price, interval, recurringAmount, ...dates }: Subscription): SubscriptionState => ({
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

const failureOf = ({ time }: MarqueeEvent, category: string | undefined): Failure => ({ at: time, category: category ?? 'soft' });

const contactUpdate = ({ customerId, sequence, time, testClock }: MarqueeEvent, slot: string, value: object): ContactUpdate => ({
  customerId,
  slot,
  sequence,
  value,
  at: time,
  testClock,
});
