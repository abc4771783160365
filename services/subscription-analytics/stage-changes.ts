import type { SubscriptionResource } from '../shared/contracts/subscription-resource.ts';
import type { MarqueeEvent } from '../shared/events.ts';
import { monthlyAmount } from '../shared/monthly.ts';
import type { SoldTerms, Stage, StageChange } from './history.ts';

const stages: Readonly<Record<SubscriptionResource['status'], Stage>> = {
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
export function stageChangeOf(event: MarqueeEvent<'subscription.*'>): StageChange | undefined {
  const { type, sequence, time } = event;
  const { subscription, previous } = event.data;
  const reason = event.type === 'subscription.ended' ? event.data.reason : undefined;
  const stage = stageOf(subscription.status);
  const moved = previous.status !== undefined && stageOf(previous.status) !== stage;
  if (type !== 'subscription.created' && !moved && !soldFields.some((field) => field in previous)) return undefined;
  return { sequence, at: time, stage, sold: soldTermsOf(subscription), ...(stage === 'ended' && reason !== undefined && { reason }) };
}

function stageOf(status: SubscriptionResource['status']): Stage {
  const stage = stages[status];
  if (stage === undefined) throw new Error(`subscription-analytics: unknown status ${status}`);
  return stage;
}

const soldTermsOf = ({ planId, quantity, recurringAmount, interval }: SubscriptionResource): SoldTerms => ({
  planId,
  quantity,
  monthly: monthlyAmount(recurringAmount.amount, interval),
  currency: recurringAmount.currency,
});
