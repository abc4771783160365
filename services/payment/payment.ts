import type { DisputeStatus } from '../shared/contracts/dispute-resource.ts';
import type { DeclineCategory, PaymentResource, RefundResource } from '../shared/contracts/payment-resource.ts';
import type { Money } from '../shared/money.ts';
import type { Instant } from '../shared/time.ts';
import type { RefundOutcome } from './gateways/gateway.ts';

export type ChargeableMethod = { readonly id: string; readonly token: string; readonly gateway: string };

/**
 * A method, by its position, that a gateway refused before it made an intent. Gateways do not save
 * such a response under its key, so it is kept here before the next method is tried.
 */
export type MethodRefusal = { readonly position: number; readonly code: string };

/** An intent that must no longer be paid. `intentId` null: it was never made at the gateway. */
export type SupersededIntent = { readonly intentId: string | null; readonly amount: number; readonly gateway: string };

/**
 * The outcome of an attempt; `pending` if the bank takes days for it. `intentId` is null where no
 * gateway has an intent that can be retried; `gateway` is the gateway of the intent.
 */
export type AttemptOutcome = { readonly gateway: string } & (
  | { readonly kind: 'succeeded' | 'pending'; readonly intentId: string; readonly paymentMethodId: string | null }
  | { readonly kind: 'declined'; readonly intentId: string | null; readonly category: DeclineCategory; readonly code: string | null }
  | { readonly kind: 'action-required'; readonly intentId: string; readonly clientSecret: string }
);

/**
 * An outcome that is fixed on its payment before its event is published, so that the id of the
 * event never stands for two outcomes. `at` is domain time; `amount`, in minor units, is present
 * where an earlier intent over another amount was paid.
 */
export type DecidedOutcome = { readonly outcome: AttemptOutcome; readonly at: Instant; readonly amount?: number };

/**
 * The one payment of an invoice. It is recorded before the gateway is called, with everything that
 * the call needs (`methods`, `attemptAt`), so that the call can be repeated with the same key and
 * parameters after a crash.
 */
export type Payment = {
  readonly _id: string;
  readonly invoiceId: string;
  readonly subscriptionId: string;
  readonly customerId: string;
  readonly amount: number;
  readonly currency: string;
  readonly status: PaymentResource['status'];
  readonly attempt: number;
  /** Number of outcomes so far, and the sequence of the latest outcome's event. */
  readonly sequence: number;
  /** The step of `processing`: charging, continuing after authentication, waiting for a bank. */
  readonly step: 'charge' | 'authentication' | 'pending';
  /** In the order they are tried, fixed for the attempt; null until they are known. */
  readonly methods: readonly ChargeableMethod[] | null;
  /** The methods of the attempt that were refused before an intent was made; absent without any. */
  readonly refusals?: readonly MethodRefusal[];
  /**
   * The outcome of the attempt under way, from before its event is published until it is written;
   * null or absent while there is none.
   */
  readonly decided?: DecidedOutcome | null;
  /** Domain time of the attempt. */
  readonly attemptAt: Instant;
  /** System time since which the outcome is missing. */
  readonly processingSince: Instant;
  /**
   * System time at which a charge of this attempt was last sent, or at most a minute earlier; null
   * before the first. Absent on rows of earlier versions, whose `processingSince` counts.
   */
  readonly lastSentAt?: Instant | null;
  /** Domain time since which the payment is pending at the bank. */
  readonly pendingSince: Instant | null;
  /** System time of the next look-up of a pending payment; null: now. */
  readonly lookAt: Instant | null;
  /** The gateway of the intent. */
  readonly gateway: PaymentResource['gateway'];
  /**
   * The consolidated payment that charges it together with others; null or absent once it is
   * charged alone.
   */
  readonly jointId?: string | null;
  readonly intentId: string | null;
  readonly clientSecret: string | null;
  readonly paymentMethodId: string | null;
  readonly category: DeclineCategory | null;
  readonly declineCode: string | null;
  /** The invoice was closed while the outcome was missing: a failed attempt is the last. */
  readonly cancelAsked: boolean;
  /** The payment is cancelled here, and its intent is not known to be cancelled at the gateway. */
  readonly cancelOwed: boolean;
  readonly createdAt: Instant;
  readonly settledAt: Instant | null;
  readonly testClock: string | null;
  /** Intents over another amount, in order. Each is cancelled before the next one is made. */
  readonly superseded?: readonly SupersededIntent[];
  readonly refunds?: readonly Refund[];
  /** True while the outcome of a refund is not known to be published. */
  readonly refundsOwed?: boolean;
  readonly disputes?: readonly Dispute[];
  /** Counts writes of refunds and disputes; each write is a compare-and-set on it. */
  readonly refundRevision?: number | null;
};

/** The gateway of offline payments. Their refunds are paid out offline and only recorded here. */
export const manualGateway = 'manual';

export const paymentResource = (payment: Payment): PaymentResource => ({
  id: payment._id,
  invoiceId: payment.invoiceId,
  subscriptionId: payment.subscriptionId,
  customerId: payment.customerId,
  amount: payment.amount,
  currency: payment.currency,
  status: payment.status,
  attempt: payment.attempt,
  category: payment.category,
  declineCode: payment.declineCode,
  gateway: payment.gateway,
  createdAt: payment.createdAt,
  settledAt: payment.settledAt,
  testClock: payment.testClock,
});

/** The outcome of a refund that is fixed before its event is published. `at` is domain time. */
export type DecidedRefund = { readonly outcome: RefundOutcome; readonly at: Instant };

/**
 * A refund of a successful payment, to the method it was paid with or to account credit. It is part
 * of the payment document, so that all refunds of a payment are counted in one write, and it is
 * recorded before the gateway is called.
 */
export type Refund = {
  readonly id: string;
  readonly amount: number;
  readonly to: RefundResource['to'];
  readonly reason: string;
  /** Present on a refund that was made directly at the gateway. */
  readonly origin?: 'gateway';
  /** Present on a refund that succeeded, was published, and then bounced. */
  readonly cameBack?: true;
  /** The credit note that requested it; null for a refund without one. */
  readonly creditNoteId: string | null;
  /** Whether the refunded amount is due again. */
  readonly reopen?: boolean;
  readonly status: RefundResource['status'];
  /** The id at the gateway. */
  readonly gatewayRefundId: string | null;
  readonly failureCode: string | null;
  readonly requestedAt: Instant;
  /** System time since which the outcome is missing, and the number of look-ups since then. */
  readonly processingSince: Instant;
  readonly looks: number;
  /**
   * System time at which the request was last sent, or at most a minute earlier. Absent on rows of
   * earlier versions, whose `processingSince` counts.
   */
  readonly lastSentAt?: Instant;
  /** The outcome, from before its event is published until it is written; absent without one. */
  readonly decided?: DecidedRefund | null;
  readonly settledAt: Instant | null;
};

/**
 * A payment, or a part of it, that a customer had their bank take back. It is part of the payment
 * document, so that it is counted in one write with the refunds.
 */
export type Dispute = {
  readonly id: string;
  readonly gatewayDisputeId: string;
  /** Minor units of this payment. */
  readonly amount: number;
  readonly reason: string;
  readonly status: DisputeStatus;
  readonly fee: Money | null;
  readonly evidenceDueBy: Instant | null;
  readonly openedAt: Instant;
  readonly settledAt: Instant | null;
  /** Sequence of the latest event that is known to be published. */
  readonly told: number;
};
