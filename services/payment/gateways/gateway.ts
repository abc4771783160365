import type { MethodDetails, PaymentMethodResource } from '../../shared/contracts/customer-resource.ts';
import type { DisputeStatus } from '../../shared/contracts/dispute-resource.ts';
import type { Money } from '../../shared/money.ts';
import type { Instant } from '../../shared/time.ts';
import type { GatewayLedger } from './gateway-ledger.ts';

/** The parameters of a payment intent. A repeat with the same key has the same ones. */
export type Charge = {
  /** Our invoice or consolidation id, by which the intent can be found again. */
  readonly reference: string;
  /** Minor units of `currency`. */
  readonly amount: number;
  readonly currency: string;
  readonly customerId: string;
  readonly paymentMethod: string;
};

/**
 * The response of a gateway. `unknown`: no response, or a failure of its own; the effect may have
 * happened, which only a repeat with the same key or a look-up shows. `in-progress`: another
 * request for the same intent is being executed. `pending`: under way and settled days later (SEPA
 * debit), which only a look-up shows. `unavailable`: nothing was done, and nothing will be until an
 * operator changes the settings. A `declined` without an intent was refused before one was made.
 */
export type GatewayOutcome =
  | { readonly kind: 'succeeded'; readonly intentId: string }
  | { readonly kind: 'declined'; readonly intentId: string | null; readonly code: string }
  | { readonly kind: 'action-required'; readonly intentId: string; readonly clientSecret: string }
  | { readonly kind: 'pending'; readonly intentId: string }
  | { readonly kind: 'cancelled'; readonly intentId: string }
  | { readonly kind: 'unavailable'; readonly code: UnavailableCode }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'in-progress' };

/** Reasons to refuse a charge before an intent is made; decline codes of the category hard. */
export type Refusal =
  | 'amount-too-small'
  | 'amount-too-large'
  | 'currency-not-supported'
  | 'gateway-customer-unknown'
  | 'payment-method-detached';

/** Reasons why a gateway refuses all our requests; `gateway-health.ts` has the advice for each. */
export type UnavailableCode = 'gateway-key-refused' | 'gateway-wrong-mode' | 'gateway-request-refused';

/** The fields by which a look-up finds an intent. */
export type ChargeReference = Pick<Charge, 'reference' | 'customerId'>;

/** A payment method with details for display. `token` is charged. A debit has no expiry. */
export type VerifiedMethod = {
  readonly token: string;
  readonly type: PaymentMethodResource['type'];
  readonly card: PaymentMethodResource['card'];
};

export type MethodCheck =
  | { readonly kind: 'verified'; readonly method: VerifiedMethod }
  | { readonly kind: 'refused'; readonly code: string }
  | { readonly kind: 'unavailable'; readonly code: UnavailableCode }
  | { readonly kind: 'unknown' };

/** The parameters of a refund of a successful charge. They never change. */
export type RefundOrder = {
  /** Our refund id, by which the refund can be found again. */
  readonly reference: string;
  readonly intentId: string;
  /** Minor units of the charge's currency; all refunds of a charge together never exceed it. */
  readonly amount: number;
};

/**
 * The outcome of a refund. `pending`: under way, to be looked up. `refused`: nothing is returned;
 * `code` says why.
 */
export type RefundOutcome =
  | { readonly kind: 'succeeded'; readonly refundId: string }
  | { readonly kind: 'pending'; readonly refundId: string }
  | { readonly kind: 'refused'; readonly refundId: string | null; readonly code: string }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'in-progress' };

/**
 * A refund at the gateway, requested by us or directly there. `reference` is our refund id, if the
 * refund is ours. Amounts are rounded as the charge was.
 */
export type GatewayRefund = {
  readonly refundId: string;
  readonly reference: string | null;
  readonly amount: number;
  readonly status: 'pending' | 'succeeded' | 'failed';
  readonly at: Instant;
};

export type GatewayDispute = {
  readonly disputeId: string;
  readonly amount: number;
  readonly reason: string;
  readonly status: DisputeStatus;
  readonly fee: Money | null;
  readonly evidenceDueBy: Instant | null;
  readonly at: Instant;
};

export type DisputeReference = { readonly intentId: string; readonly disputeId: string };

/** The evidence against a dispute; the bank reads `text`. */
export type DisputeEvidence = {
  readonly text: string;
  readonly productDescription?: string | undefined;
  readonly accessActivityLog?: string | undefined;
  readonly serviceDate?: string | undefined;
};

/** Whether the gateway accepted a response to a dispute; its status has to be looked up. */
export type DisputeResponse =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'refused'; readonly code: string }
  | { readonly kind: 'unknown' };

/** A dispute that the simulated gateway opens, of the whole charge if `amount` is absent. */
export type DisputeOrder = { readonly amount?: number | undefined; readonly reason: string; readonly status: DisputeStatus };

/** All refunds and disputes of a charge, oldest first. `reference` is that of the charge. */
export type ChargeReturns = {
  readonly kind: 'found';
  readonly reference: string;
  readonly refunds: readonly GatewayRefund[];
  readonly disputes: readonly GatewayDispute[];
};
/**
 * A customer who is sent to a gateway's own page, and the pages they return to with and without a
 * method.
 */
export type HostedPage = {
  readonly customerId: string;
  readonly currency: string;
  readonly returnUrl: string;
  readonly cancelUrl: string;
};

/**
 * A payment gateway. An invoice has one intent, which makes at most one successful charge. Every
 * call that changes something has an idempotency key; the same key and parameters return the saved
 * response. Expected outcomes are values; misuse throws, such as a key with other parameters. `now`
 * is domain time, which only the simulated gateway reads.
 */
export type Gateway = GatewayLedger & {
  readonly name: 'simulated' | 'stripe';
  /** Creates an intent and confirms it immediately, off session. */
  readonly create: (key: string, charge: Charge, now: Instant) => Promise<GatewayOutcome>;
  /** Retries a declined intent, perhaps with another payment method. */
  readonly confirm: (key: string, intentId: string, paymentMethod: string, now: Instant) => Promise<GatewayOutcome>;
  /** Continues after the customer has authenticated (3-D Secure). */
  readonly confirmAuthenticated: (key: string, intentId: string, now: Instant) => Promise<GatewayOutcome>;
  /** Cancels an intent, so that it can never be paid. `succeeded` if it was paid before. */
  readonly cancel: (key: string, intentId: string, now: Instant) => Promise<GatewayOutcome>;
  /** Refunds a charge. A refusal is a value; the same key returns the saved response. */
  readonly refund: (key: string, order: RefundOrder, now: Instant) => Promise<RefundOutcome>;
  /** The status of a refund; `absent` if the gateway never made it. */
  readonly lookUpRefund: (order: RefundOrder, refundId: string | null) => Promise<RefundOutcome | { readonly kind: 'absent' }>;
  /** The current refunds and disputes of a charge; `absent` if there is no such intent. */
  readonly lookUpReturns: (intentId: string) => Promise<ChargeReturns | { readonly kind: 'absent' | 'unknown' }>;
  /** Sends all evidence against a dispute, once. */
  readonly submitEvidence: (dispute: DisputeReference, evidence: DisputeEvidence) => Promise<DisputeResponse>;
  /** Gives up a dispute, which is lost then. */
  readonly acceptDispute: (dispute: DisputeReference) => Promise<DisputeResponse>;
  /** Simulates that the customer disputes a charge. False where there is no such charge. */
  readonly openDispute?: (intentId: string, order: DisputeOrder, now: Instant) => Promise<boolean>;
  /**
   * The events of a half-open period, page by page, as the webhooks send them; absent without
   * webhooks.
   */
  readonly eventsBetween?: (from: Instant, to: Instant) => AsyncIterable<readonly unknown[]>;
  /** The status of the intent of a charge; `absent` if the gateway never made one. */
  readonly lookUp: (
    charge: ChargeReference,
    intentId: string | null,
    now: Instant,
  ) => Promise<GatewayOutcome | { readonly kind: 'absent' }>;
  /**
   * Starts saving a method for charges without the customer; the app continues with the secret.
   * Throws on an outage.
   */
  readonly setUp: (customerId: string) => Promise<{ readonly setupIntentId: string; readonly clientSecret: string }>;
  /**
   * The address of the gateway's own page where the customer enters a method; the return address
   * gets its `session`. Null while the gateway is unavailable.
   */
  readonly hostedPage?: (page: HostedPage) => Promise<string | null>;
  /** The token of the method entered on such a page; null without one, or while unavailable. */
  readonly hostedMethod?: (sessionId: string) => Promise<string | null>;
  /**
   * A method as it is now; `absent` where it belongs to no customer or has no card. Only where
   * banks send updates.
   */
  readonly lookUpMethod?: (token: string) => Promise<KnownMethod | { readonly kind: 'absent' | 'unknown' }>;
  /** Checks that a token can be charged for this customer. A repeat changes nothing. */
  readonly verify: (customerId: string, token: string) => Promise<MethodCheck>;
};

/** The customer that a token belongs to, by our id, and the card details that may be displayed. */
export type KnownMethod = { readonly kind: 'found'; readonly customerId: string; readonly card: MethodDetails };
