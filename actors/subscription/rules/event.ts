import type { Instant } from '../../../services/shared/time.ts';
import type { InvoiceLine, InvoiceRequest } from './invoice-request.ts';
import type {
  Anchor,
  CancelRefund,
  CommittedUntil,
  DeclineCategory,
  EndReason,
  LastBill,
  NumberedPeriod,
  PauseCredit,
  PaymentReminder,
  PendingCharge,
  RequestedAnchor,
  ScheduledChange,
  StartData,
} from './subscription-parts.ts';
import type { AppliedCoupon, Terms } from './terms.ts';

type Happened<Type extends string, Payload = unknown> = { readonly type: `subscription.${Type}`; readonly at: Instant } & Payload;

/**
 * An event of a subscription, named in the past tense. Each is stored once under its sequence and
 * published at least once under the id `<id>:<sequence>`.
 */
export type SubscriptionEvent =
  | Happened<'created', StartData & { readonly startAt: Instant; readonly requestedAnchor: RequestedAnchor | null }>
  | Happened<'trial-started', { readonly trialEnd: Instant }>
  /**
   * Billing starts, with the first invoice. After a trial the subscription is active, without one
   * it is incomplete until paid. In arrears there is no invoice yet, and it is active.
   */
  | Happened<
      'started',
      {
        readonly anchor: Anchor;
        readonly period: NumberedPeriod;
        readonly invoice: InvoiceRequest | null;
        readonly afterTrial: boolean;
        readonly commitment: CommittedUntil | null;
      }
    >
  | Happened<'activated', { readonly invoiceId: string; readonly paidThrough: Instant }>
  /** `period` begins. The invoice is for it, or in arrears for the period before. */
  | Happened<'renewal-due', { readonly period: NumberedPeriod; readonly invoice: InvoiceRequest }>
  | Happened<'renewed', { readonly invoiceId: string; readonly paidThrough: Instant }>
  /** An invoice of another cause than a renewal is paid (change, resume, recovery). */
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
  | Happened<'payment-reminder', PaymentReminder & { readonly invoiceId: string }>
  /**
   * All overdue invoices are paid. `invoice` credits blocked time, and bills the stub of a period
   * that began meanwhile.
   */
  | Happened<
      'recovered',
      {
        readonly invoiceId: string;
        readonly paidThrough: Instant;
        readonly invoice: InvoiceRequest | null;
        readonly period: NumberedPeriod;
      }
    >
  /**
   * `anchor` and `period` are null where they do not change. `planPeriods` counts the billed
   * periods of the current plan.
   */
  | Happened<
      'changed',
      {
        readonly terms: Terms;
        readonly anchor: Anchor | null;
        readonly period: NumberedPeriod | null;
        readonly invoice: InvoiceRequest | null;
        readonly planPeriods: number;
        readonly commitment: CommittedUntil | null;
        /**
         * In arrears, the instant up to which the former terms are billed; absent where the new
         * terms are billed for all time that is not billed yet.
         */
        readonly billedThrough?: Instant;
      }
    >
  | Happened<'change-scheduled', { readonly change: ScheduledChange }>
  | Happened<'change-withdrawn'>
  | Happened<'anchor-change-scheduled', { readonly anchor: RequestedAnchor }>
  | Happened<
      'credit-note-recorded',
      {
        readonly creditNoteId: string;
        readonly invoiceId: string;
        readonly returned: readonly { readonly planId: string; readonly amount: number }[];
      }
    >
  | Happened<'coupon-applied', { readonly coupon: AppliedCoupon }>
  | Happened<'coupon-removed', { readonly couponId: string }>
  /** `invoice` bills only the charge; without one it waits for the next invoice. */
  | Happened<'charge-added', { readonly charge: PendingCharge; readonly invoice: InvoiceRequest | null }>
  | Happened<
      'cancellation-scheduled',
      LastBill & {
        readonly cancelAt: Instant;
        readonly credit: 'none' | 'prorate';
        readonly refund: CancelRefund;
        readonly reason: string | null;
      }
    >
  | Happened<'cancellation-withdrawn'>
  | Happened<'pause-scheduled', { readonly pauseAt: Instant; readonly until: Instant | null; readonly credit: PauseCredit }>
  | Happened<'pause-withdrawn'>
  | Happened<
      'paused',
      { readonly pausedAt: Instant; readonly until: Instant | null; readonly unusedMillis: number; readonly invoice: InvoiceRequest | null }
    >
  | Happened<'resumed', { readonly anchor: Anchor; readonly period: NumberedPeriod; readonly invoice: InvoiceRequest | null }>
  /** An ended subscription starts again; the next event starts its billing. */
  | Happened<'reactivated', { readonly terms: Terms; readonly hasPaymentMethod: boolean }>
  | Happened<'payment-method-recorded', { readonly available: boolean }>
  | Happened<
      'ended',
      {
        readonly status: 'cancelled' | 'expired' | 'incomplete-expired';
        readonly reason: EndReason;
        /** The reason that the cancelling person gave. */
        readonly cancelReason: string | null;
        /** The effective end; `at` is later when the wake came late. */
        readonly endedAt: Instant;
        readonly invoice: InvoiceRequest | null;
        /**
         * Refunds to the payment methods that paid: a credit line for each item, with its
         * explanation.
         */
        readonly refunds: readonly InvoiceLine[];
        /** Open invoices that will not be paid any more, and their final status. */
        readonly closes: readonly { readonly invoiceId: string; readonly as: 'void' | 'uncollectible' }[];
      }
    >;
