import type { Instant, Period } from '../../../services/shared/time.ts';
import type { AppliedCoupon, Terms } from './terms.ts';

/**
 * The anchor of the grid of billing periods: a local wall-clock time in the subscription's zone.
 * `day` is the requested day of the month, kept apart from the date so that a clamped boundary (28
 * Feb) never moves the following ones (31 Mar).
 */
export type Anchor = { readonly year: number; readonly month: number; readonly day: number; readonly timeOfDayMillis: number };

export type RetryPolicy = {
  /**
   * Local calendar days from the first failure (`from-first-failure`) or from the previous attempt
   * (`interval`).
   */
  readonly retryDays: readonly number[];
  readonly retryMode: 'from-first-failure' | 'interval';
  readonly hardDeclineRetries: number;
  readonly suspendAfterDays: number;
  readonly graceDays: number;
  readonly finalAction: 'cancel' | 'suspend' | 'downgrade';
  /** The terms to downgrade to at the end of grace, with `downgrade`. */
  readonly downgradeTo?: Terms | undefined;
  /** Retry days per category of decline, in place of `retryDays` and `hardDeclineRetries`. */
  readonly byCategory?: { readonly [Category in RetriedCategory]?: { readonly retryDays: readonly number[] } | undefined } | undefined;
  /** Local hours `HH:MM` into which retries are moved; `to` is excluded. */
  readonly timeOfDay?: { readonly from: string; readonly to: string } | undefined;
  /** Days of the month on which people are paid; -1 is the last. */
  readonly paydays?: readonly number[] | undefined;
  /** The number of attempts that the card networks allow for one invoice in so many days. */
  readonly retryBudget?: { readonly attempts: number; readonly days: number } | undefined;
  /** Reminders of an unpaid invoice, between the messages about attempts. The days ascend. */
  readonly reminders?: readonly PaymentReminder[] | undefined;
};

/** Local calendar days after the first failure, and the channels of the reminder. */
export type PaymentReminder = { readonly daysAfterFailure: number; readonly channels: readonly ('email' | 'sms' | 'in-app')[] };

/** Declines that a retry without the customer may overcome. */
export type RetriedCategory = 'soft' | 'hard' | 'expired-card';

export type DeclineCategory = 'soft' | 'hard' | 'expired-card' | 'action-required' | 'no-payment-method';

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

export type EndReason = 'cancelled' | 'term-over' | 'payment-failed' | 'first-payment-missing' | 'trial-without-payment-method';

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
