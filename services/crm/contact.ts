import type { CustomerResource } from '../shared/customer-resource.ts';
import type { Money } from '../shared/money.ts';
import type { Instant } from '../shared/time.ts';

/** Something one subject told, with the sequence it was told at: a later telling replaces it, an earlier one never does. */
type Told<Fields> = Fields & { readonly sequence: number };

export type Profile = Pick<CustomerResource, 'email' | 'name' | 'phone' | 'locale' | 'country' | 'currency' | 'timezone' | 'createdAt'>;

export type SubscriptionState = {
  readonly id: string;
  readonly status: string;
  readonly planId: string;
  readonly quantity: number;
  readonly price: Money;
  /** Price times quantity, normalised to a month. */
  readonly monthly: Money;
  readonly trialEnd: Instant | null;
  readonly cancelAt: Instant | null;
  readonly pausedAt: Instant | null;
  readonly endedAt: Instant | null;
};
export type Failure = { readonly at: Instant; readonly category: string };

type ByKey<Fields> = Readonly<Record<string, Told<Fields>>>;

/** What is known of a customer, a slot per teller: the customer, and each subscription's state and last failed payment. */
export type ContactDocument = {
  readonly _id: string;
  /** When it was first heard of, which may be before the customer itself was. */
  readonly createdAt: Instant;
  /** System time of the last change here, also for what lives on a test clock. */
  readonly changedAt: Instant;
  readonly testClock: string | null;
  readonly profile?: Told<Profile & { readonly erased: boolean }>;
  readonly subscriptions?: ByKey<SubscriptionState>;
  readonly failures?: ByKey<Failure>;
};

export type LifecycleStage = 'lead' | 'trial' | 'customer' | 'at-risk' | 'paused' | 'former';

export type ContactResource = Profile & {
  readonly customerId: string;
  readonly erased: boolean;
  readonly lifecycleStage: LifecycleStage;
  readonly mrr: readonly Money[];
  readonly lastPaymentFailedAt: Instant | null;
  readonly subscriptions: readonly SubscriptionState[];
  readonly changedAt: Instant;
  readonly testClock: string | null;
};

/** The contact as told; undefined while the customer itself is not known. */
export function resourceOf(document: ContactDocument): ContactResource | undefined {
  if (!document.profile) return undefined;
  const { sequence: _, ...profile } = document.profile;
  const subscriptions = Object.values(document.subscriptions ?? {}).map(({ sequence: _, ...state }) => state);
  const failures = Object.values(document.failures ?? {}).map(({ at }) => at);
  return {
    customerId: document._id,
    ...profile,
    lifecycleStage: lifecycleStage(subscriptions.map(({ status }) => status)),
    mrr: recurring(subscriptions),
    lastPaymentFailedAt: failures.sort().at(-1) ?? null,
    subscriptions,
    changedAt: document.changedAt,
    testClock: document.testClock,
  };
}

const stages: readonly (readonly [LifecycleStage, readonly string[]])[] = [
  ['at-risk', ['past-due', 'suspended']],
  ['customer', ['active']],
  ['trial', ['trialing']],
  ['paused', ['paused']],
  ['former', ['cancelled', 'expired']],
];

/** Where a customer with subscriptions of these statuses stands: what needs somebody's attention first, then the best there is. */
export const lifecycleStage = (statuses: readonly string[]): LifecycleStage =>
  stages.find(([, ofStage]) => statuses.some((status) => ofStage.includes(status)))?.[0] ?? 'lead';

function recurring(subscriptions: ContactResource['subscriptions']): Money[] {
  const sums = new Map<string, number>();
  for (const { status, monthly } of subscriptions)
    if (status === 'active' || status === 'past-due') sums.set(monthly.currency, (sums.get(monthly.currency) ?? 0) + monthly.amount);
  return [...sums].sort(([one], [other]) => (one < other ? -1 : 1)).map(([currency, amount]) => ({ amount, currency }));
}
