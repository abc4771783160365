import type { Money } from '../../services/shared/money.ts';
import type { Instant, Period } from '../../services/shared/time.ts';

/** How often a plan bills. */
export type Cadence = { readonly unit: 'day' | 'week' | 'month' | 'year'; readonly count: number };

/**
 * Where the grid of billing periods hangs: a local wall-clock time in the subscription's zone. `day` is the wished day of month,
 * kept apart from the date so that a clamped boundary (28 Feb) never moves the following ones (31 Mar).
 */
export type Anchor = { readonly year: number; readonly month: number; readonly day: number; readonly timeOfDayMillis: number };

/** A price list entry and what it grants, frozen at the version the subscriber bought. */
export type PlanTerms = {
  readonly planId: string;
  readonly version: number;
  readonly name: Readonly<Record<string, string>>;
  readonly price: Money;
  readonly interval: Cadence;
  readonly taxBehaviour: 'inclusive' | 'exclusive';
  readonly minQuantity: number;
  readonly maxQuantity: number;
  readonly entitlements: Readonly<Record<string, unknown>>;
};

/** What is being bought: a plan version, so many times. */
export type Terms = { readonly plan: PlanTerms; readonly quantity: number };

export type RetryPolicy = {
  /** Local calendar days from the first failure (`from-first-failure`) or from the previous attempt (`interval`). */
  readonly retryDays: readonly number[];
  readonly retryMode: 'from-first-failure' | 'interval';
  readonly hardDeclineRetries: number;
  readonly suspendAfterDays: number;
  readonly graceDays: number;
  readonly finalAction: 'cancel' | 'suspend';
};

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

/** Why a line costs what it costs; the numbers multiply to its amount before rounding half away from zero. */
export type Explanation = {
  readonly rule: 'full-period' | 'partial-period' | 'unused-time' | 'blocked-time' | 'whole-period-returned';
  readonly unit: 'day' | 'second';
  readonly numerator: number;
  readonly denominator: number;
  /** Minor units for the whole of the denominator: price times quantity, or what was really charged. */
  readonly base: number;
};

export type InvoiceLine = {
  readonly kind: 'recurring' | 'credit' | 'one-off' | 'add-on' | 'discount';
  readonly planId: string;
  readonly planVersion: number;
  readonly name: Readonly<Record<string, string>>;
  readonly quantity: number;
  /** Minor units of the request's currency; credits are negative. */
  readonly amount: number;
  readonly period: Period;
  readonly explanation: Explanation;
  /** For a credit: the invoice on which the returned time was charged. */
  readonly creditedInvoiceId: string | null;
};

export type InvoiceCause = 'first' | 'renewal' | 'change' | 'cancellation' | 'pause' | 'resume' | 'recovery';

/** What the actor asks invoicing to finalise: everything but tax, account credit and the number. */
export type InvoiceRequest = {
  readonly invoiceId: string;
  readonly cause: InvoiceCause;
  readonly currency: string;
  readonly taxBehaviour: 'inclusive' | 'exclusive';
  readonly period: Period;
  readonly lines: readonly InvoiceLine[];
};

/** A charged item of the current period, the most that unused time may be credited from. */
export type ChargedItem = {
  readonly terms: Terms;
  readonly invoiceId: string;
  readonly period: Period;
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
};

export type ScheduledChange = { readonly at: Instant; readonly terms: Terms; readonly anchor: 'keep' | 'reset' };

export type PauseCredit = 'none' | 'prorate' | 'extend';

/** A subscription's whole state: a fold of its events, nothing else. */
export type Subscription = {
  readonly id: string;
  readonly customerId: string;
  readonly status: Status;
  readonly terms: Terms;
  readonly timezone: string;
  readonly requestedAnchor: { readonly day: number; readonly month: number | null } | null;
  /** Null until billing starts. */
  readonly anchor: Anchor | null;
  readonly prorationUnit: 'day' | 'second';
  readonly policy: RetryPolicy;
  readonly hasPaymentMethod: boolean;
  readonly createdAt: Instant;
  readonly startAt: Instant;
  readonly trialDays: number;
  readonly trialEnd: Instant | null;
  /** The period billed last; `number` rises by one with every period opened, across changes of anchor and cadence. Null until billing starts. */
  readonly period: NumberedPeriod | null;
  /** End of the time known to be paid. Moves back only when the time behind it is credited. */
  readonly paidThrough: Instant | null;
  readonly charged: readonly ChargedItem[];
  readonly openInvoices: readonly OpenInvoice[];
  readonly scheduledChange: ScheduledChange | null;
  readonly cancelAt: Instant | null;
  readonly cancelCredit: 'none' | 'prorate';
  readonly cancelReason: string | null;
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

export type EndReason = 'cancelled' | 'payment-failed' | 'first-payment-missing' | 'trial-without-payment-method';

/** What a customer, an operator, a service or a clock asks of a subscription. `start` carries what the core cannot know. */
export type SubscriptionCommand =
  | {
      readonly type: 'start';
      readonly id: string;
      readonly customerId: string;
      readonly terms: Terms;
      readonly timezone: string;
      readonly startAt: Instant | null;
      readonly anchor: { readonly day: number; readonly month: number | null } | null;
      readonly trialDays: number;
      readonly prorationUnit: 'day' | 'second';
      readonly policy: RetryPolicy;
      readonly hasPaymentMethod: boolean;
    }
  | {
      readonly type: 'recordPayment';
      readonly invoiceId: string;
      readonly outcome: 'succeeded' | 'declined' | 'action-required';
      /** Counts from 1; an outcome of an attempt already counted moves nothing. */
      readonly attempt: number;
      readonly category: DeclineCategory | null;
      readonly declineCode: string | null;
    }
  | { readonly type: 'recordPaymentMethod'; readonly available: boolean }
  | {
      readonly type: 'change';
      /** Complete new terms, resolved by the subscription service. */
      readonly terms: Terms;
      /** Undefined: upgrades (dearer per day, or more of them) now, downgrades at period end. */
      readonly when?: 'now' | 'period-end';
      readonly proration: 'prorate' | 'none';
      /** Undefined: `keep` while the interval stays, `reset` when it changes. */
      readonly anchor?: 'keep' | 'reset';
    }
  | {
      readonly type: 'cancel';
      readonly when: 'period-end' | 'now' | Instant;
      readonly credit: 'none' | 'prorate';
      readonly reason: string | null;
    }
  | { readonly type: 'uncancel' }
  | { readonly type: 'pause'; readonly when: 'period-end' | 'now'; readonly until: Instant | null; readonly credit: PauseCredit }
  | { readonly type: 'resume'; readonly anchor: 'keep' | 'reset' }
  | { readonly type: 'retryPayment' }
  | { readonly type: 'wake' };

type Happened<Type extends string, Payload = unknown> = { readonly type: `subscription.${Type}`; readonly at: Instant } & Payload;

export type NumberedPeriod = Period & { readonly number: number };

/** What happened to a subscription, in the past tense; each is stored once under its sequence and published once under `<id>:<sequence>`. */
export type SubscriptionEvent =
  | Happened<
      'created',
      {
        readonly id: string;
        readonly customerId: string;
        readonly terms: Terms;
        readonly timezone: string;
        readonly startAt: Instant;
        readonly requestedAnchor: Subscription['requestedAnchor'];
        readonly trialDays: number;
        readonly prorationUnit: 'day' | 'second';
        readonly policy: RetryPolicy;
        readonly hasPaymentMethod: boolean;
      }
    >
  | Happened<'trial-started', { readonly trialEnd: Instant }>
  /** Billing starts: the first invoice. After a trial the subscription is active at once, without one it is incomplete until paid. */
  | Happened<
      'started',
      { readonly anchor: Anchor; readonly period: NumberedPeriod; readonly invoice: InvoiceRequest; readonly afterTrial: boolean }
    >
  | Happened<'activated', { readonly invoiceId: string; readonly paidThrough: Instant }>
  | Happened<'renewal-due', { readonly period: NumberedPeriod; readonly invoice: InvoiceRequest }>
  | Happened<'renewed', { readonly invoiceId: string; readonly paidThrough: Instant }>
  /** A paid invoice of another cause than a renewal (change, resume, recovery). */
  | Happened<'payment-recorded', { readonly invoiceId: string; readonly paidThrough: Instant }>
  | Happened<'late-payment-recorded', { readonly invoiceId: string }>
  | Happened<
      'payment-failed',
      {
        readonly invoiceId: string;
        readonly attempt: number;
        readonly category: DeclineCategory;
        readonly declineCode: string | null;
        readonly firstFailedAt: Instant;
        readonly retryAt: Instant | null;
        readonly suspendAt: Instant | null;
        readonly graceEndsAt: Instant | null;
      }
    >
  | Happened<'retry-due', { readonly invoiceId: string; readonly attempt: number }>
  | Happened<'suspended', { readonly invoiceId: string }>
  /** All overdue invoices are paid. `invoice` credits time that was blocked, and bills the stub of a period that began meanwhile. */
  | Happened<
      'recovered',
      {
        readonly invoiceId: string;
        readonly paidThrough: Instant;
        readonly invoice: InvoiceRequest | null;
        readonly period: NumberedPeriod;
      }
    >
  /** `anchor` and `period` are null where they stay as they are. */
  | Happened<
      'changed',
      {
        readonly terms: Terms;
        readonly anchor: Anchor | null;
        readonly period: NumberedPeriod | null;
        readonly invoice: InvoiceRequest | null;
      }
    >
  | Happened<'change-scheduled', { readonly change: ScheduledChange }>
  | Happened<'change-withdrawn'>
  | Happened<'cancellation-scheduled', { readonly cancelAt: Instant; readonly credit: 'none' | 'prorate'; readonly reason: string | null }>
  | Happened<'cancellation-withdrawn'>
  | Happened<'pause-scheduled', { readonly pauseAt: Instant; readonly until: Instant | null; readonly credit: PauseCredit }>
  | Happened<'pause-withdrawn'>
  | Happened<
      'paused',
      { readonly pausedAt: Instant; readonly until: Instant | null; readonly unusedMillis: number; readonly invoice: InvoiceRequest | null }
    >
  | Happened<'resumed', { readonly anchor: Anchor; readonly period: NumberedPeriod; readonly invoice: InvoiceRequest | null }>
  | Happened<'payment-method-recorded', { readonly available: boolean }>
  | Happened<
      'ended',
      {
        readonly status: 'cancelled' | 'expired' | 'incomplete-expired';
        readonly reason: EndReason;
        /** When it ends by right; `at` is later when the wake came late. */
        readonly endedAt: Instant;
        readonly invoice: InvoiceRequest | null;
        /** Open invoices that nobody will pay any more, and what becomes of them. */
        readonly closes: readonly { readonly invoiceId: string; readonly as: 'void' | 'uncollectible' }[];
      }
    >;

export type WakeReason =
  | 'start'
  | 'trial-end'
  | 'renewal'
  | 'cancellation'
  | 'pause'
  | 'resume'
  | 'first-payment-expiry'
  | 'payment-pending'
  | 'retry'
  | 'suspension'
  | 'grace-end';

/** When a subscription must look at itself again, why, and under which of its two reminders. */
export type Wake = { readonly at: Instant; readonly reason: WakeReason; readonly reminder: 'renewal' | 'dunning' };
