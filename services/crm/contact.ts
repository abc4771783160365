import type { CustomerResource } from '../shared/contracts/customer-resource.ts';
import type { DisputeResource, DisputeStatus } from '../shared/contracts/dispute-resource.ts';
import type { Money } from '../shared/money.ts';
import type { Instant } from '../shared/time.ts';

/**
 * The value of a slot with the sequence of its event: only an event with a higher one replaces it.
 */
type Sequenced<Fields> = Fields & { readonly sequence: number };

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
/** A payment that the customer disputes at the bank. `amount` in minor units of `currency`. */
export type DisputeState = Pick<DisputeResource, 'id' | 'status' | 'amount' | 'currency' | 'invoiceId' | 'evidenceDueBy'>;

type ByKey<Fields> = Readonly<Record<string, Sequenced<Fields>>>;

/**
 * A contact as it is stored, with one slot for each source: the customer, the state and the last
 * failed payment of each subscription, and each dispute.
 */
export type ContactDocument = {
  readonly _id: string;
  /** Time of the first event about the customer, which may come before `customer.created`. */
  readonly createdAt: Instant;
  /** System time of the last change, also for customers on a test clock. */
  readonly changedAt: Instant;
  readonly testClock: string | null;
  readonly profile?: Sequenced<Profile & { readonly erased: boolean }> | null;
  readonly subscriptions?: ByKey<SubscriptionState>;
  readonly failures?: ByKey<Failure>;
  readonly disputes?: ByKey<DisputeState>;
};

export const lifecycleStages = ['lead', 'trial', 'customer', 'at-risk', 'paused', 'former'] as const;

export type LifecycleStage = (typeof lifecycleStages)[number];

export type ContactResource = Profile & {
  readonly customerId: string;
  readonly erased: boolean;
  readonly lifecycleStage: LifecycleStage;
  readonly mrr: readonly Money[];
  readonly lastPaymentFailedAt: Instant | null;
  readonly subscriptions: readonly SubscriptionState[];
  readonly disputes: readonly DisputeState[];
  readonly changedAt: Instant;
  readonly testClock: string | null;
};

/** The contact as clients see it; undefined until `customer.created` has arrived. */
export function contactResource(document: ContactDocument): ContactResource | undefined {
  if (!document.profile) return undefined;
  const { sequence: _, ...profile } = document.profile;
  const subscriptions = slotsOf(document.subscriptions);
  const disputes = slotsOf(document.disputes);
  const failures = Object.values(document.failures ?? {}).map(({ at }) => at);
  return {
    customerId: document._id,
    ...profile,
    lifecycleStage: lifecycleStage([...subscriptions, ...disputes].map(({ status }) => status)),
    mrr: recurring(subscriptions),
    lastPaymentFailedAt: failures.sort().at(-1) ?? null,
    subscriptions,
    disputes,
    changedAt: document.changedAt,
    testClock: document.testClock,
  };
}

const slotsOf = <Fields>(slots: ByKey<Fields> = {}): readonly Omit<Sequenced<Fields>, 'sequence'>[] =>
  Object.values(slots).map(({ sequence: _, ...fields }) => fields);

/** Statuses of a dispute that the bank has not decided. */
const undecided: readonly DisputeStatus[] = ['inquiry', 'needs-response', 'under-review'];

const stages: readonly (readonly [LifecycleStage, readonly string[]])[] = [
  ['at-risk', ['past-due', 'suspended', ...undecided]],
  ['customer', ['active']],
  ['trial', ['trialing']],
  ['paused', ['paused']],
  ['former', ['cancelled', 'expired']],
];

/**
 * The stage of a customer whose subscriptions and disputes have these statuses: a stage that needs
 * attention comes first, then the most valuable one.
 */
export const lifecycleStage = (statuses: readonly string[]): LifecycleStage =>
  stages.find(([, ofStage]) => statuses.some((status) => ofStage.includes(status)))?.[0] ?? 'lead';

function recurring(subscriptions: ContactResource['subscriptions']): Money[] {
  const sums = new Map<string, number>();
  for (const { status, monthly } of subscriptions)
    if (status === 'active' || status === 'past-due') sums.set(monthly.currency, (sums.get(monthly.currency) ?? 0) + monthly.amount);
  return [...sums].sort(([one], [other]) => (one < other ? -1 : 1)).map(([currency, amount]) => ({ amount, currency }));
}
