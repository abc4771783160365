import type { Instant, Period } from '../../../services/shared/time.ts';
import type { Terms } from './terms.ts';

/**
 * Where the grid of billing periods hangs: a local wall-clock time in the subscription's zone. `day` is the wished day of month,
 * kept apart from the date so that a clamped boundary (28 Feb) never moves the following ones (31 Mar).
 */
export type Anchor = { readonly year: number; readonly month: number; readonly day: number; readonly timeOfDayMillis: number };

export type RetryPolicy = {
  /** Local calendar days from the first failure (`from-first-failure`) or from the previous attempt (`interval`). */
  readonly retryDays: readonly number[];
  readonly retryMode: 'from-first-failure' | 'interval';
  readonly hardDeclineRetries: number;
  readonly suspendAfterDays: number;
  readonly graceDays: number;
  readonly finalAction: 'cancel' | 'suspend' | 'downgrade';
  /** What begins at the end of grace in place of what was not paid, with `downgrade`. */
  readonly downgradeTo?: Terms | undefined;
  /** Retry days for declines of a kind, in place of `retryDays` and of `hardDeclineRetries`. */
  readonly byCategory?: { readonly [Category in RetriedCategory]?: { readonly retryDays: readonly number[] } | undefined } | undefined;
  /** Local hours `HH:MM`, `to` excluded, that retries are moved into. */
  readonly timeOfDay?: { readonly from: string; readonly to: string } | undefined;
  /** Days of the month on which people are paid; -1 is the last. */
  readonly paydays?: readonly number[] | undefined;
  /** How often the card networks let one invoice be tried again in so many days. */
  readonly retryBudget?: { readonly attempts: number; readonly days: number } | undefined;
  /** When a customer who has not paid is reminded, between the messages about attempts; the days ascend. */
  readonly reminders?: readonly PaymentReminder[] | undefined;
};

/** Local calendar days after the first failure, and by which channels. */
export type PaymentReminder = { readonly daysAfterFailure: number; readonly channels: readonly ('email' | 'sms' | 'in-app')[] };

/** Declines that a retry without the customer may overcome. */
export type RetriedCategory = 'soft' | 'hard' | 'expired-card';

export type DeclineCategory = 'soft' | 'hard' | 'expired-card' | 'action-required' | 'no-payment-method';

/** What a change does to the grid: it goes on, begins anew, or keeps its day of the month while a longer period is counted from the month of the change. */
export type ChangeAnchor = 'keep' | 'reset' | 'day';

export type ScheduledChange = {
  readonly at: Instant;
  readonly terms: Terms;
  readonly anchor: ChangeAnchor;
  /** Counts only where it takes effect within a period. */
  readonly proration: 'prorate' | 'none';
};

export type RequestedAnchor = { readonly day: number; readonly month: number | null };

export type NumberedPeriod = Period & { readonly number: number };

/** A commitment under way: whoever cancels before `endsAt` pays the fee, in minor units. */
export type CommittedUntil = { readonly endsAt: Instant; readonly exitFee: number };

/** A one-off charge that waits for the next invoice, in minor units. */
export type PendingCharge = { readonly chargeId: string; readonly description: string; readonly amount: number };

/** What a cancellation gives back to where the money came from: nothing, the unused time, or all that was paid for the current period. */
export type CancelRefund = 'none' | 'prorate' | 'full';

/** How a cancellation bills what was used last, where it differs from the default: the used part, without the day of the cancellation. */
export type LastBill = { readonly lastPeriod?: 'full'; readonly lastDay?: 'included' };

export type PauseCredit = 'none' | 'prorate' | 'extend';

export type EndReason = 'cancelled' | 'term-over' | 'payment-failed' | 'first-payment-missing' | 'trial-without-payment-method';
