import type { Instant } from '../../../services/shared/time.ts';
import type { CancelRefund, ChangeAnchor, DeclineCategory, PauseCredit, RetryPolicy } from './subscription-parts.ts';
import type { AppliedCoupon, Terms } from './terms.ts';

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
      /** When it ends by itself, if ever: a fixed term, of which nothing beyond is billed. */
      readonly endsAt: Instant | null;
      readonly coupons: readonly AppliedCoupon[];
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
  /** A credit note has given back some of what an invoice charged: that much less can be credited for unused time. */
  | {
      readonly type: 'recordCreditNote';
      readonly creditNoteId: string;
      readonly invoiceId: string;
      readonly returned: readonly { readonly planId: string | null; readonly amount: number }[];
    }
  | { readonly type: 'recordPaymentMethod'; readonly available: boolean }
  | {
      readonly type: 'change';
      /** Complete new terms, resolved by the subscription service. */
      readonly terms: Terms;
      /** Undefined: upgrades (dearer per day, or more of them) now, downgrades at period end. */
      readonly when?: 'now' | 'period-end' | Instant | undefined;
      readonly proration: 'prorate' | 'none';
      /** Undefined: `keep` while the interval stays, `reset` when it changes. */
      readonly anchor?: ChangeAnchor | undefined;
      /** `end`: a change now in a trial ends it, and is billed from now on. */
      readonly trial?: 'keep' | 'end';
    }
  | {
      readonly type: 'cancel';
      readonly when: 'period-end' | 'now' | Instant;
      readonly credit: 'none' | 'prorate';
      readonly refund: CancelRefund;
      /** In arrears only: bills the last period whole, or (by default) what was used of it. */
      readonly lastPeriod?: 'prorate' | 'full' | undefined;
      /** Whether the day of the cancellation counts as used; by default it does not. */
      readonly lastDay?: 'excluded' | 'included' | undefined;
      readonly reason: string | null;
    }
  | { readonly type: 'uncancel' }
  | { readonly type: 'pause'; readonly when: 'period-end' | 'now'; readonly until: Instant | null; readonly credit: PauseCredit }
  | { readonly type: 'resume'; readonly anchor: 'keep' | 'reset' }
  | { readonly type: 'withdrawChange' }
  /** Moves the day of billing from the next period on; what is left until it is billed as a stub. */
  | { readonly type: 'changeAnchor'; readonly day: number; readonly month: number | null }
  | { readonly type: 'applyCoupon'; readonly coupon: AppliedCoupon }
  | { readonly type: 'removeCoupon'; readonly couponId: string }
  /** A one-off charge, on the next invoice or on one of its own. The same `chargeId` again is already so. */
  | {
      readonly type: 'charge';
      readonly chargeId: string;
      readonly description: string;
      readonly amount: number;
      readonly invoiceNow: boolean;
    }
  /** Starts an ended subscription anew, now and without a trial, on these terms or on those it had. */
  | { readonly type: 'reactivate'; readonly terms: Terms | null; readonly hasPaymentMethod: boolean }
  | { readonly type: 'retryPayment' }
  | { readonly type: 'wake' };
