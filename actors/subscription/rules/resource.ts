import type { SubscriptionResource } from '../../../services/shared/contracts/subscription-resource.ts';
import { equal } from '../../../services/shared/equal.ts';
import { type Instant, type Period, plusMillis } from '../../../services/shared/time.ts';
import { nextArrearsAt } from './arrears.ts';
import { billingBegins } from './invoice.ts';
import { entitlementsOf, recurringAmountOf, unitPriceOf } from './pricing.ts';
import type { Subscription, Terms } from './subscription.ts';
import { isInArrears } from './terms-checks.ts';
import { nextWake } from './wake.ts';

export function resourceOf(state: Subscription, testClockId: string | null): SubscriptionResource {
  const { id, status, customerId, terms, trialEnd, cancelAt, pausedAt, endedAt, timezone, sequence } = state;
  const wake = nextWake(state);
  const periodsBefore = Math.max(0, state.planPeriods - 1);
  return {
    id,
    status,
    customerId,
    planId: terms.plan.planId,
    planVersion: terms.plan.version,
    quantity: terms.quantity,
    price: { ...terms.plan.price, amount: unitPriceOf(terms.plan, periodsBefore) },
    addOns: addOnsOf(terms),
    recurringAmount: { ...terms.plan.price, amount: recurringAmountOf(terms, periodsBefore) },
    interval: terms.plan.interval,
    billing: terms.plan.billing,
    entitlements: entitlementsOf(terms),
    currentPeriod: currentPeriodOf(state),
    nextBillingAt: nextBillingOf(state),
    nextWake: wake === undefined ? null : { at: wake.at, reason: wake.reason },
    trialEnd,
    cancelAt,
    cancelReason: state.cancelReason,
    pausedAt,
    endedAt,
    endReason: state.endReason,
    createdAt: state.createdAt,
    paidThrough: state.paidThrough,
    anchor: anchorOf(state),
    timezone,
    scheduledChange: scheduledChangeOf(state),
    dunning: dunningOf(state),
    endsAt: state.endsAt,
    commitment: state.commitment,
    pendingCharges: state.pendingCharges,
    coupons: state.coupons.map(({ couponId }) => couponId),
    sequence,
    testClock: testClockId,
  };
}

/** The former values of the changed fields, for the `previous` of an event. */
export function changedFields(before: SubscriptionResource, after: SubscriptionResource): Partial<SubscriptionResource> {
  const changed = Object.entries(before).filter(([field, value]) => !equal(value, after[field as keyof SubscriptionResource]));
  return Object.fromEntries(changed);
}

function currentPeriodOf({ period, startAt, status, trialEnd }: Subscription): Period | null {
  if (period !== null) return { start: period.start, end: period.end };
  return status === 'trialing' && trialEnd !== null ? { start: startAt, end: trialEnd } : null;
}

function nextBillingOf(state: Subscription): Instant | null {
  if (isInArrears(state)) return nextArrearsAt(state);
  const due = nextPeriodOf(state);
  return due !== null && (state.cancelAt === null || due < state.cancelAt) ? due : null;
}

function nextPeriodOf(state: Subscription): Instant | null {
  const { period, pausedAt, resumeAt, scheduledPause, status, unusedMillis } = state;
  switch (status) {
    case 'scheduled':
    case 'trialing':
      return billingBegins(state);
    case 'paused':
      if (resumeAt === null || pausedAt === null) return null;
      if (unusedMillis > 0) return plusMillis(resumeAt, unusedMillis);
      return period !== null && state.charged.length > 0 && resumeAt < period.end ? period.end : resumeAt;
    case 'incomplete':
    case 'active':
    case 'past-due':
      return period === null || (scheduledPause !== null && scheduledPause.at <= period.end) ? null : period.end;
    default:
      return null;
  }
}

function anchorOf({ anchor, requestedAnchor, terms }: Subscription): SubscriptionResource['anchor'] {
  const shown = anchor ?? requestedAnchor;
  if (shown === null) return null;
  return terms.plan.interval.unit === 'year' && shown.month !== null ? { day: shown.day, month: shown.month } : { day: shown.day };
}

function scheduledChangeOf({ scheduledChange }: Subscription): SubscriptionResource['scheduledChange'] {
  if (scheduledChange === null) return null;
  const { at, terms } = scheduledChange;
  return { at, planId: terms.plan.planId, planVersion: terms.plan.version, quantity: terms.quantity, addOns: addOnsOf(terms) };
}

const addOnsOf = ({ addOns }: Terms): SubscriptionResource['addOns'] =>
  addOns.map(({ plan, quantity }) => ({ planId: plan.planId, planVersion: plan.version, quantity }));

function dunningOf({ endedAt, openInvoices }: Subscription): SubscriptionResource['dunning'] {
  const oldest = openInvoices.find(({ failedAttempts }) => failedAttempts > 0);
  if (oldest === undefined || endedAt !== null) return null;
  return { invoiceId: oldest.invoiceId, attempt: oldest.failedAttempts, nextRetryAt: oldest.retryAt, graceEndsAt: oldest.graceEndsAt };
}
