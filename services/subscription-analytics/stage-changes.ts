import type { MarqueeEvent } from '../shared/events.ts';
import type { Money } from '../shared/money.ts';
import { type Interval, monthlyAmount } from '../shared/monthly.ts';
import type { SoldTerms, Stage, StageChange } from './history.ts';

type Subscription = {
  readonly status: string;
  readonly planId: string;
  readonly quantity: number;
  readonly recurringAmount: Money;
  readonly interval: Interval;
};

/** The fields read from a subscription event: new state, previous values, end reason. */
export type SubscriptionData = {
  readonly subscription: Subscription;
  readonly previous: Partial<Subscription>;
  readonly reason?: string;
};

const stages: Readonly<Record<string, Stage>> = {
  scheduled: 'pending',
  incomplete: 'pending',
  trialing: 'trialing',
  active: 'paying',
  'past-due': 'paying',
  paused: 'paused',
  suspended: 'suspended',
  cancelled: 'ended',
  expired: 'ended',
  'incomplete-expired': 'ended',
};

const soldFields = ['planId', 'quantity', 'recurringAmount', 'interval'] as const;

/**
 * The stage change of an event. Undefined if neither stage nor terms changed, so a renewal writes
 * nothing.
 */
export function stageChangeOf({ type, sequence, time, data }: MarqueeEvent<SubscriptionData>): StageChange | undefined {
  const { subscription, previous, reason } = data;
  const stage = stageOf(subscription.status);
  const moved = previous.status !== undefined && stageOf(previous.status) !== stage;
  if (type !== 'subscription.created' && !moved && !soldFields.some((field) => field in previous)) return undefined;
  return { sequence, at: time, stage, sold: soldTermsOf(subscription), ...(stage === 'ended' && reason !== undefined && { reason }) };
}

function stageOf(status: string): Stage {
  const stage = stages[status];
  if (stage === undefined) throw new Error(`subscription-analytics: unknown status ${status}`);
  return stage;
}

const soldTermsOf = ({ planId, quantity, recurringAmount, interval }: Subscription): SoldTerms => ({
  planId,
  quantity,
  monthly: monthlyAmount(recurringAmount.amount, interval),
  currency: recurringAmount.currency,
});
