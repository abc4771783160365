import type { MarqueeEvent } from '../shared/events.ts';
import type { Money } from '../shared/money.ts';
import type { Sold, Stage, Turn } from './life.ts';
import { type Interval, monthlyAmount } from './monthly.ts';

type Terms = { readonly plan: { readonly planId: string; readonly price: Money; readonly interval: Interval }; readonly quantity: number };

/** What is read of any event of a subscription: how it stands after it, what changed, and where they changed, the terms. */
export type SubscriptionData = {
  readonly subscription: { readonly status: string };
  readonly previous?: { readonly status?: string };
  readonly terms?: Terms;
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

/** What an event changed for the counts: nothing where neither stage nor terms moved, so that a renewal writes nothing here. */
export function turnOf({ type, sequence, time, data }: MarqueeEvent<SubscriptionData>): Turn | undefined {
  const stage = stages[data.subscription.status];
  if (stage === undefined) throw new Error(`subscription-analytics: unknown status ${data.subscription.status}`);
  const before = data.previous?.status;
  const moved = type === 'subscription.created' || (before !== undefined && stages[before] !== stage);
  if (!moved && !data.terms) return undefined;
  return {
    sequence,
    at: time,
    stage,
    ...(data.terms && { sold: soldOf(data.terms) }),
    ...(stage === 'ended' && data.reason !== undefined && { reason: data.reason }),
  };
}

const soldOf = ({ plan, quantity }: Terms): Sold => ({
  planId: plan.planId,
  quantity,
  monthly: monthlyAmount(plan.price.amount * quantity, plan.interval),
  currency: plan.price.currency,
});
