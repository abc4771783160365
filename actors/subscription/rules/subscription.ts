import type { LateReturn } from '../../../services/shared/contracts/subscription-events.ts';
import type { SubscriptionStatus, WakeReason } from '../../../services/shared/contracts/subscription-resource.ts';
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

export type { WakeReason } from '../../../services/shared/contracts/subscription-resource.ts';
export type * from './command.ts';
export type * from './event.ts';
export type * from './invoice-request.ts';
export type * from './subscription-parts.ts';
export type * from './terms.ts';

export type Status = SubscriptionStatus;

/** A charged item of the current period: the limit for credits of unused time. */
export type ChargedItem = {
  readonly kind: 'recurring' | 'add-on';
  readonly terms: Item;
  readonly invoiceId: string;
  readonly period: Period;
  /** Minor units really charged for it, after discounts. */
  readonly amount: number;
  readonly credited: number;
};

/**
 * An invoice that awaits its payment. `pending`: an attempt is under way; otherwise it failed and
 * is in dunning. An ended subscription keeps the invoices that it closed unpaid, so that a late
 * payment is recorded once.
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
/** The whole state of a subscription: a fold of its events, nothing else. */
export type Subscription = {
  readonly id: string;
  readonly customerId: string;
  readonly status: Status;
  readonly terms: Terms;
  readonly timezone: string;
  readonly requestedAnchor: RequestedAnchor | null;
  /** The day of billing from the next period on, where it was changed. */
  readonly nextAnchor: RequestedAnchor | null;
  /** Null until billing starts. */
  readonly anchor: Anchor | null;
  readonly prorationUnit: 'day' | 'second';
  readonly policy: RetryPolicy;
  readonly hasPaymentMethod: boolean;
  /**
   * The sequence of the customer's event that was recorded last. Absent before the first, and in
   * older states.
   */
  readonly paymentMethodSequence?: number;
  readonly createdAt: Instant;
  readonly startAt: Instant;
  readonly trialDays: number;
  readonly trialEnd: Instant | null;
  /** End of a fixed term. */
  readonly endsAt: Instant | null;
  readonly commitment: CommittedUntil | null;
  /**
   * The billed periods of the current plan (in arrears, the begun ones), stubs included: the
   * position in its introductory phases.
   */
  readonly planPeriods: number;
  /** In the order in which they were applied. */
  readonly coupons: readonly AppliedCoupon[];
  /** Every coupon that it ever had, also used up or removed: none is applied twice. */
  readonly appliedCouponIds: readonly string[];
  readonly pendingCharges: readonly PendingCharge[];
  /** The latest charges that were billed, to recognise a repeated request. */
  readonly billedChargeIds: readonly string[];
  /** The latest credit notes that were recorded, to recognise a repeated event. */
  readonly creditNoteIds: readonly string[];
  /**
   * The period billed last, or in arrears the current one. `number` rises by one with every period,
   * across changes of anchor and cadence. Null until billing starts.
   */
  readonly period: NumberedPeriod | null;
  /** End of the time known to be paid. Moves back only when the time behind it is credited. */
  readonly paidThrough: Instant | null;
  /** Empty in arrears, where no charge can be returned. */
  readonly charged: readonly ChargedItem[];
  /**
   * In arrears, the instant up to which use is on an invoice. Null in advance, and until billing
   * starts.
   */
  readonly billedThrough: Instant | null;
  /** In arrears, the time without access since then, which is not billed. */
  readonly blocked: readonly Period[];
  readonly openInvoices: readonly OpenInvoice[];
  /**
   * What is returned of invoices that a cancellation closed unpaid, if they are paid after all. It
   * outlives a reactivation. Absent before the first promise, and in older states.
   */
  readonly promisedReturns?: readonly LateReturn[];
  readonly scheduledChange: ScheduledChange | null;
  readonly cancelAt: Instant | null;
  readonly cancelCredit: 'none' | 'prorate';
  readonly cancelRefund: CancelRefund;
  readonly cancelReason: string | null;
  readonly lastBill: LastBill;
  readonly scheduledPause: { readonly at: Instant; readonly until: Instant | null; readonly credit: PauseCredit } | null;
  readonly pausedAt: Instant | null;
  readonly resumeAt: Instant | null;
  /** Paid time, in milliseconds, that resuming after a pause with `extend` returns. */
  readonly unusedMillis: number;
  readonly suspendedAt: Instant | null;
  readonly endedAt: Instant | null;
  readonly endReason: EndReason | null;
  /**
   * Time of the last event. A subscription's own time never runs back, even when the clock does.
   */
  readonly updatedAt: Instant;
  /** Number of events folded. */
  readonly sequence: number;
};
/**
 * The next time a subscription must look at itself, with the reason and the reminder that is armed
 * for it.
 */
export type Wake = { readonly at: Instant; readonly reason: WakeReason; readonly reminder: 'renewal' | 'dunning' };
