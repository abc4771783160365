import type { AppliedCoupon, RetryPolicy, Terms } from '../../../services/shared/contracts/subscription-terms.ts';
import type { Instant, Period } from '../../../services/shared/time.ts';

export type { DeclineCategory } from '../../../services/shared/contracts/payment-resource.ts';
export type { EndReason } from '../../../services/shared/contracts/subscription-resource.ts';
export type { RetryPolicy } from '../../../services/shared/contracts/subscription-terms.ts';

/**
 * The anchor of the grid of billing periods: a local wall-clock time in the subscription's zone.
 * `day` is the requested day of the month, kept apart from the date so that a clamped boundary (28
 * Feb) never moves the following ones (31 Mar).
 */
export type Anchor = { readonly year: number; readonly month: number; readonly day: number; readonly timeOfDayMillis: number };

/** Local calendar days after the first failure, and the channels of the reminder. */
export type PaymentReminder = NonNullable<RetryPolicy['reminders']>[number];

/** Declines that a retry without the customer may overcome. */
export type RetriedCategory = 'soft' | 'hard' | 'expired-card';

/**
 * The effect of a change on the grid: it goes on, it starts again, or it keeps its day of the month
 * while a longer period is counted from the month of the change.
 */
export type ChangeAnchor = 'keep' | 'reset' | 'day';

export type ScheduledChange = {
  readonly at: Instant;
  readonly terms: Terms;
  readonly anchor: ChangeAnchor;
  /** Used only where the change takes effect within a period. */
  readonly proration: 'prorate' | 'none';
};

export type RequestedAnchor = { readonly day: number; readonly month: number | null };

export type NumberedPeriod = Period & { readonly number: number };

/** A running commitment: a cancellation before `endsAt` costs the fee, in minor units. */
export type CommittedUntil = { readonly endsAt: Instant; readonly exitFee: number };

/** A one-off charge, in minor units, that waits for the next invoice. */
export type PendingCharge = { readonly chargeId: string; readonly description: string; readonly amount: number };

/**
 * The refund of a cancellation: nothing, the unused time, or all payments for the current period.
 */
export type CancelRefund = 'none' | 'prorate' | 'full';

/**
 * The last bill of a cancellation where it differs from the default, which bills the used part
 * without the day of the cancellation.
 */
export type LastBill = { readonly lastPeriod?: 'full'; readonly lastDay?: 'included' };

export type PauseCredit = 'none' | 'prorate' | 'extend';

/** The data that a subscription starts with, in its first command and in its first event. */
export type StartData = {
  readonly id: string;
  readonly customerId: string;
  readonly terms: Terms;
  readonly timezone: string;
  readonly trialDays: number;
  /** End of a fixed term, after which nothing is billed; null for none. */
  readonly endsAt: Instant | null;
  readonly coupons: readonly AppliedCoupon[];
  readonly prorationUnit: 'day' | 'second';
  readonly policy: RetryPolicy;
  readonly hasPaymentMethod: boolean;
};
