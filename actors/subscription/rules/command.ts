import type { Instant } from '../../../services/shared/time.ts';
import type { CancelRefund, ChangeAnchor, DeclineCategory, PauseCredit, RequestedAnchor, StartData } from './subscription-parts.ts';
import type { AppliedCoupon, Terms } from './terms.ts';

/**
 * A command of a customer, an operator, a service or a clock. `start` carries the data that the
 * rules cannot know.
 */
export type SubscriptionCommand =
  | ({ readonly type: 'start'; readonly startAt: Instant | null; readonly anchor: RequestedAnchor | null } & StartData)
  | {
      readonly type: 'recordPayment';
      readonly invoiceId: string;
      readonly outcome: 'succeeded' | 'declined' | 'action-required';
      /** Counts from 1. An outcome of an attempt that is already counted changes nothing. */
      readonly attempt: number;
      readonly category: DeclineCategory | null;
      readonly declineCode: string | null;
    }
  /** An invoice is not owed any more: an operator has voided it, or given it up as a bad debt. */
  | { readonly type: 'recordInvoiceClosed'; readonly invoiceId: string; readonly as: 'void' | 'uncollectible' }
  /**
   * A credit note has returned part of an invoice: that much less can be credited for unused time.
   */
  | {
      readonly type: 'recordCreditNote';
      readonly creditNoteId: string;
      readonly invoiceId: string;
      readonly returned: readonly { readonly planId: string | null; readonly amount: number }[];
    }
  /**
   * `customerSequence`: the sequence of the customer's event that says so. An event that is not
   * newer than the last one changes nothing.
   */
  | { readonly type: 'recordPaymentMethod'; readonly available: boolean; readonly customerSequence?: number | undefined }
  | {
      readonly type: 'change';
      /** Complete new terms, resolved by the subscription service. */
      readonly terms: Terms;
      /**
       * Undefined: an upgrade (a higher price per day, or a higher quantity) now, a downgrade at
       * the end of the period.
       */
      readonly when?: 'now' | 'period-end' | Instant | undefined;
      readonly proration: 'prorate' | 'none';
      /** Undefined: `keep` while the interval stays, `reset` when it changes. */
      readonly anchor?: ChangeAnchor | undefined;
      /** `end`: a change now ends the trial, and billing starts now. */
      readonly trial?: 'keep' | 'end';
    }
  | {
      readonly type: 'cancel';
      readonly when: 'period-end' | 'now' | Instant;
      readonly credit: 'none' | 'prorate';
      readonly refund: CancelRefund;
      /**
       * In arrears only: bills the last period whole or, by default, only the part that was used.
       */
      readonly lastPeriod?: 'prorate' | 'full' | undefined;
      /** Whether the day of the cancellation counts as used; by default it does not. */
      readonly lastDay?: 'excluded' | 'included' | undefined;
      readonly reason: string | null;
    }
  | { readonly type: 'uncancel' }
  | { readonly type: 'pause'; readonly when: 'period-end' | 'now'; readonly until: Instant | null; readonly credit: PauseCredit }
  | { readonly type: 'resume'; readonly anchor: 'keep' | 'reset' }
  /**
   * A dispute was won: ends a pause that began after the dispute was opened. Without such a pause
   * it changes nothing, so it may be sent in any state.
   */
  | { readonly type: 'resumeAfterDispute'; readonly openedAt: Instant }
  | { readonly type: 'withdrawChange' }
  /** Moves the day of billing from the next period on; the time up to it is billed as a stub. */
  | { readonly type: 'changeAnchor'; readonly day: number; readonly month: number | null }
  | { readonly type: 'applyCoupon'; readonly coupon: AppliedCoupon }
  | { readonly type: 'removeCoupon'; readonly couponId: string }
  /**
   * A one-off charge, on the next invoice or on one of its own. A repeat of a `chargeId` changes
   * nothing.
   */
  | {
      readonly type: 'charge';
      readonly chargeId: string;
      readonly description: string;
      readonly amount: number;
      readonly invoiceNow: boolean;
    }
  /**
   * Starts an ended subscription again, now and without a trial, on these terms or on its former
   * ones.
   */
  | { readonly type: 'reactivate'; readonly terms: Terms | null; readonly hasPaymentMethod: boolean }
  | { readonly type: 'retryPayment' }
  | { readonly type: 'wake' };
