import type { Instant, Period } from '../../../services/shared/time.ts';
import type { InvoiceCause } from './invoice-request.ts';
import type {
  Anchor,
  CancelRefund,
  CommittedUntil,
  DeclineCategory,
  EndReason,
  LastBill,
  NumberedPeriod,
  PauseCredit,
  PendingCharge,
  RequestedAnchor,
  RetryPolicy,
  ScheduledChange,
} from './subscription-parts.ts';
import type { AppliedCoupon, Item, Terms } from './terms.ts';

export type * from './command.ts';
export type * from './event.ts';
export type * from './invoice-request.ts';
export type * from './subscription-parts.ts';
export type * from './terms.ts';

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
