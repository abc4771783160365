import type { Instant, Period } from '../../services/shared/time.ts';
import type { InvoiceCause } from './invoice-request.ts';
import type { AppliedCoupon, Item, Terms } from './offer.ts';

export type * from './command.ts';
export type * from './event.ts';
export type * from './invoice-request.ts';
export type * from './offer.ts';

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

export type Status =
  | 'scheduled'
  | 'trialing'
  | 'incomplete'
  | 'incomplete-expired'
  | 'active'
  | 'past-due'
  | 'suspended'
  | 'paused'
  | 'cancelled'
  | 'expired';

/** A charged item of the current period, the most that unused time may be credited from. */
export type ChargedItem = {
  readonly kind: 'recurring' | 'add-on';
  readonly terms: Item;
  readonly invoiceId: string;
  readonly period: Period;
  /** Minor units really charged for it, discounts taken off. */
  readonly amount: number;
  readonly credited: number;
};

/**
 * An invoice whose outcome the subscription waits for. `pending`: an attempt is under way; else it failed and is in dunning.
 * An ended subscription keeps the ones it closed unpaid, so that a late payment of one is recorded once.
 */
export type OpenInvoice = {
  readonly invoiceId: string;
  readonly cause: InvoiceCause;
  readonly openedAt: Instant;
  readonly pending: boolean;
  readonly pendingSince: Instant;
  readonly failedAttempts: number;
  readonly hardDeclines: number;
  readonly firstFailedAt: Instant | null;
  readonly lastDecline: { readonly category: DeclineCategory; readonly code: string | null } | null;
  readonly retryAt: Instant | null;
  readonly suspendAt: Instant | null;
  readonly graceEndsAt: Instant | null;
  /** The day of the last reminder; absent before the first. */
  readonly remindedDay?: number;
};

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

/** A subscription's whole state: a fold of its events, nothing else. */
export type Subscription = {
  readonly id: string;
  readonly customerId: string;
  readonly status: Status;
  readonly terms: Terms;
  readonly timezone: string;
  readonly requestedAnchor: RequestedAnchor | null;
  /** The day of billing from the next period on, where it was changed meanwhile. */
  readonly nextAnchor: RequestedAnchor | null;
  /** Null until billing starts. */
  readonly anchor: Anchor | null;
  readonly prorationUnit: 'day' | 'second';
  readonly policy: RetryPolicy;
  readonly hasPaymentMethod: boolean;
  readonly createdAt: Instant;
  readonly startAt: Instant;
  readonly trialDays: number;
  readonly trialEnd: Instant | null;
  /** End of a fixed term. */
  readonly endsAt: Instant | null;
  readonly commitment: CommittedUntil | null;
  /** Periods billed of the plan that holds now, or begun in arrears, a stub included: where its introductory phases stand. */
  readonly planPeriods: number;
  /** In the order in which they were applied. */
  readonly coupons: readonly AppliedCoupon[];
  /** Every coupon it ever had, used up or taken off: none is applied twice. */
  readonly appliedCouponIds: readonly string[];
  readonly pendingCharges: readonly PendingCharge[];
  /** The latest charges that were billed, so that one asked for again is known. */
  readonly billedChargeIds: readonly string[];
  /** The latest credit notes that were recorded, so that one told again is known. */
  readonly creditNoteIds: readonly string[];
  /** The period billed last, or in arrears the one that runs; `number` rises by one with every period opened, across changes of anchor and cadence. Null until billing starts. */
  readonly period: NumberedPeriod | null;
  /** End of the time known to be paid. Moves back only when the time behind it is credited. */
  readonly paidThrough: Instant | null;
  /** Empty in arrears, where nothing is charged that could be given back. */
  readonly charged: readonly ChargedItem[];
  /** In arrears, up to where what was used is on an invoice. Null in advance, and until billing starts. */
  readonly billedThrough: Instant | null;
  /** In arrears, the time without access since then, which is not billed. */
  readonly blocked: readonly Period[];
  readonly openInvoices: readonly OpenInvoice[];
  readonly scheduledChange: ScheduledChange | null;
  readonly cancelAt: Instant | null;
  readonly cancelCredit: 'none' | 'prorate';
  readonly cancelRefund: CancelRefund;
  readonly cancelReason: string | null;
  readonly lastBill: LastBill;
  readonly scheduledPause: { readonly at: Instant; readonly until: Instant | null; readonly credit: PauseCredit } | null;
  readonly pausedAt: Instant | null;
  readonly resumeAt: Instant | null;
  /** Paid time, in milliseconds, given back at resume after a pause with `extend`. */
  readonly unusedMillis: number;
  readonly suspendedAt: Instant | null;
  readonly endedAt: Instant | null;
  readonly endReason: EndReason | null;
  /** Time of the last event. A subscription's own time never runs back, even when the clock does. */
  readonly updatedAt: Instant;
  /** Number of events folded. */
  readonly sequence: number;
};

export type EndReason = 'cancelled' | 'term-over' | 'payment-failed' | 'first-payment-missing' | 'trial-without-payment-method';

export type WakeReason =
  | 'start'
  | 'trial-end'
  | 'renewal'
  | 'cancellation'
  | 'pause'
  | 'resume'
  | 'change'
  | 'term-end'
  | 'first-payment-expiry'
  | 'payment-pending'
  | 'retry'
  | 'suspension'
  | 'grace-end'
  | 'payment-reminder';

/** When a subscription must look at itself again, why, and under which of its two reminders. */
export type Wake = { readonly at: Instant; readonly reason: WakeReason; readonly reminder: 'renewal' | 'dunning' };
