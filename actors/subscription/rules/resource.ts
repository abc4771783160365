import { equal } from '../../../services/shared/equal.ts';
import type { Money } from '../../../services/shared/money.ts';
import { type Instant, type Period, plusMillis } from '../../../services/shared/time.ts';
import { nextArrearsAt } from './arrears.ts';
import { billingBegins } from './invoice.ts';
import { entitlementsOf, recurringAmountOf, unitPriceOf } from './pricing.ts';
import type { Cadence, Status, Subscription, Terms, WakeReason } from './subscription.ts';
import type { EndReason } from './subscription-parts.ts';
import { isInArrears } from './terms-checks.ts';
import { nextWake } from './wake.ts';

/**
 * A subscription as the API and events show it (docs/api.md, Subscriptions). `price` is that of one
 * unit, in minor units; a trial is the current period.
 */
export type SubscriptionResource = {
  readonly id: string;
  readonly status: Status;
  readonly customerId: string;
  readonly planId: string;
  readonly planVersion: number;
  readonly quantity: number;
  readonly price: Money;
  readonly addOns: readonly { readonly planId: string; readonly planVersion: number; readonly quantity: number }[];
  /** The price of a whole period now, add-ons included, before discounts and tax. */
  readonly recurringAmount: Money;
  readonly interval: Cadence;
  /** Whether a period is billed when it begins or when it has ended. */
  readonly billing: 'advance' | 'arrears';
  readonly entitlements: Readonly<Record<string, unknown>>;
  readonly currentPeriod: Period | null;
  /** The instant of the next invoice if nothing changes; null when there will be none. */
  readonly nextBillingAt: Instant | null;
  readonly nextWake: { readonly at: Instant; readonly reason: WakeReason } | null;
  readonly trialEnd: Instant | null;
  readonly cancelAt: Instant | null;
  /** The reason that the cancelling person gave, for a scheduled or completed cancellation. */
  readonly cancelReason: string | null;
  readonly pausedAt: Instant | null;
  readonly endedAt: Instant | null;
  /** `cancelled` is the only reason that somebody requested. */
  readonly endReason: EndReason | null;
  readonly createdAt: Instant;
  /** End of the last period known to be paid. */
  readonly paidThrough: Instant | null;
  /**
   * `month` only where the cadence is yearly. Null until billing starts, unless a day was
   * requested.
   */
  readonly anchor: { readonly day: number; readonly month?: number } | null;
  readonly timezone: string;
  readonly scheduledChange: {
    readonly at: Instant;
    readonly planId: string;
    readonly planVersion: number;
    readonly quantity: number;
    readonly addOns: SubscriptionResource['addOns'];
  } | null;
  /** End of a fixed term. */
  readonly endsAt: Instant | null;
  /** A cancellation before `endsAt` costs the fee, in minor units. */
  readonly commitment: { readonly endsAt: Instant; readonly exitFee: number } | null;
  readonly pendingCharges: readonly { readonly chargeId: string; readonly description: string; readonly amount: number }[];
  /** The oldest invoice whose payment failed; `attempt` counts the failures. */
  readonly dunning: {
    readonly invoiceId: string;
    readonly attempt: number;
    readonly nextRetryAt: Instant | null;
    readonly graceEndsAt: Instant | null;
  } | null;
  readonly coupons: readonly string[];
  readonly sequence: number;
  readonly testClock: string | null;
};

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
