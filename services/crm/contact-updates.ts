import type { CustomerResource } from '../shared/contracts/customer-resource.ts';
import type { DisputeResource } from '../shared/contracts/dispute-resource.ts';
import type { MarqueeEvent } from '../shared/events.ts';
import type { Money } from '../shared/money.ts';
import { type Interval, monthlyAmount } from '../shared/monthly.ts';
import type { Instant } from '../shared/time.ts';
import type { DisputeState, Failure, Profile, SubscriptionState } from './contact.ts';

/** What one event tells of a contact: the value of one slot, guarded by the sequence of the subject that told it. */
export type Telling = {
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

/** What an event tells a CRM: nothing for most, a renewal among them. */
export function tellingsOf(event: MarqueeEvent): readonly Telling[] {
  if (event.type.startsWith('customer.')) return profileTellings(event as MarqueeEvent<CustomerResource>);
  if (event.type.startsWith('dispute.')) return disputeTellings(event as MarqueeEvent<DisputeResource>);
  const { subscription, previous, category } = event.data as SubscriptionData;
  const slot = slotKey(event.subject);
  const state = stateOf(subscription);
  const tells =
    event.type === 'subscription.created' || Object.keys(previous).some((field) => field in state || field === 'recurringAmount');
  return [
    ...(tells ? [telling(event, `subscriptions.${slot}`, state)] : []),
    ...(event.type === 'subscription.payment-failed' ? [telling(event, `failures.${slot}`, failureOf(event, category))] : []),
  ];
}

/** An id as the name of a field: a document server would read a dot as a path. */
const slotKey = (id: string): string => id.replaceAll('.', '%2E');

function profileTellings(event: MarqueeEvent<CustomerResource>): readonly Telling[] {
  if (!['customer.created', 'customer.updated', 'customer.erased'].includes(event.type)) return [];
  const { email, name, phone, locale, country, currency, timezone, createdAt } = event.data;
  const profile: Profile = { email, name, phone, locale, country, currency, timezone, createdAt };
  return [telling(event, 'profile', { ...profile, erased: event.type === 'customer.erased' })];
}

function disputeTellings(event: MarqueeEvent<DisputeResource>): readonly Telling[] {
  const { id, status, amount, currency, invoiceId, evidenceDueBy } = event.data;
  const dispute: DisputeState = { id, status, amount, currency, invoiceId, evidenceDueBy };
  return [telling(event, `disputes.${slotKey(id)}`, dispute)];
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

const telling = ({ customerId, sequence, time, testClock }: MarqueeEvent, slot: string, value: object): Telling => ({
  customerId,
  slot,
  sequence,
  value,
  at: time,
  testClock,
});
