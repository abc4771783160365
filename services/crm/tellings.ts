import type { CustomerResource, MarqueeEvent } from '../shared/events.ts';
import type { Money } from '../shared/money.ts';
import type { Instant } from '../shared/time.ts';
import type { Failure, Profile, SoldTerms, SubscriptionState } from './contact.ts';
import { type Interval, monthlyAmount } from './monthly.ts';

/** What one event tells of a contact: the value of one slot, guarded by the sequence of the subject that told it. */
export type Telling = {
  readonly customerId: string;
  readonly slot: string;
  readonly sequence: number;
  readonly value: object;
  readonly at: Instant;
  readonly testClock: string | null;
};

type SubscriptionData = {
  readonly subscription: SubscriptionState;
  readonly previous?: Readonly<Record<string, unknown>>;
  readonly terms?: {
    readonly plan: { readonly name: Readonly<Record<string, string>>; readonly price: Money; readonly interval: Interval };
    readonly quantity: number;
  };
  readonly category?: string;
};

/** What an event tells a CRM: nothing for most, a renewal among them. */
export function tellingsOf(event: MarqueeEvent): readonly Telling[] {
  if (event.type.startsWith('customer.')) return profileTellings(event as MarqueeEvent<CustomerResource>);
  const { subscription, previous, terms, category } = event.data as SubscriptionData;
  const slot = slotKey(event.subject);
  const state = stateOf(subscription);
  return [
    ...(tellsOf(state, previous) || event.type === 'subscription.created' ? [telling(event, `subscriptions.${slot}`, state)] : []),
    ...(terms ? [telling(event, `terms.${slot}`, soldTermsOf(terms))] : []),
    ...(event.type === 'subscription.payment-failed' ? [telling(event, `failures.${slot}`, failureOf(event, category))] : []),
  ];
}

/** A subscription's id as the name of a field: a document server would read a dot as a path. */
const slotKey = (subscriptionId: string): string => subscriptionId.replaceAll('.', '%2E');

function profileTellings(event: MarqueeEvent<CustomerResource>): readonly Telling[] {
  if (!['customer.created', 'customer.updated', 'customer.erased'].includes(event.type)) return [];
  const { email, name, phone, locale, country, currency, timezone } = event.data;
  const profile: Profile = { email, name, phone, locale, country, currency, timezone };
  return [telling(event, 'profile', { ...profile, erased: event.type === 'customer.erased' })];
}

/** True where the event changed a field that the contact keeps. */
const tellsOf = (state: SubscriptionState, previous: SubscriptionData['previous']): boolean =>
  previous === undefined || Object.keys(previous).some((field) => field in state);

const stateOf = ({ id, status, planId, quantity, price, trialEnd, cancelAt, pausedAt, endedAt }: SubscriptionState): SubscriptionState => ({
  id,
  status,
  planId,
  quantity,
  price,
  trialEnd,
  cancelAt,
  pausedAt,
  endedAt,
});

const soldTermsOf = ({ plan, quantity }: NonNullable<SubscriptionData['terms']>): SoldTerms => ({
  planName: plan.name.en ?? Object.values(plan.name)[0] ?? '',
  monthly: { amount: monthlyAmount(plan.price.amount * quantity, plan.interval), currency: plan.price.currency },
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
