import type { MethodDetails, PaymentMethodResource } from '../../shared/contracts/customer-resource.ts';
import type { DisputeStatus } from '../../shared/contracts/dispute-resource.ts';
import type { Money } from '../../shared/money.ts';
import type { Instant, Period } from '../../shared/time.ts';

/** What a payment intent is created with. Frozen: a repeat under the same key must bring exactly the same. */
export type Charge = {
  /** Our invoice id, by which the intent can be found again. */
  readonly reference: string;
  /** Minor units of `currency`. */
  readonly amount: number;
  readonly currency: string;
  readonly customerId: string;
  readonly paymentMethod: string;
};

/**
 * What a gateway answered. `unknown`: no answer, or a failure of its own; the effect may have happened, and only the same key again or
 * a look-up tells. `in-progress`: another request for it is being executed. `pending`: under way and settled days later (SEPA debit), told
 * by look-up alone. `unavailable`: nothing was done, and nothing will be until whoever runs Marquee puts it right. A declined one without
 * an intent was refused before any was made.
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

/** Why a gateway refuses a charge before it makes an intent; used as decline code, of category hard. */
export type Refusal =
  | 'amount-too-small'
  | 'amount-too-large'
  | 'currency-not-supported'
  | 'gateway-customer-unknown'
  | 'payment-method-detached';

/** Why a gateway does nothing for us at all; what to do about it is in `gateway-health.ts`. */
export type UnavailableCode = 'gateway-key-refused' | 'gateway-wrong-mode' | 'gateway-request-refused';

/** By what a look-up finds an intent. */
export type ChargeReference = Pick<Charge, 'reference' | 'customerId'>;

/** A payment method as it may be shown. `token` is the one to charge. A debit has no expiry. */
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

/** Money that goes back from a successful charge. Frozen like a charge. */
export type RefundOrder = {
  /** Our refund id, by which it can be found again. */
  readonly reference: string;
  readonly intentId: string;
  /** Minor units of the charge's currency; all refunds of a charge together never exceed it. */
  readonly amount: number;
};

/** What became of a refund. `pending`: on its way, asked for again by look-up. `refused`: nothing goes back, and why. */
export type RefundOutcome =
  | { readonly kind: 'succeeded'; readonly refundId: string }
  | { readonly kind: 'pending'; readonly refundId: string }
  | { readonly kind: 'refused'; readonly refundId: string | null; readonly code: string }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'in-progress' };

/** A refund as the gateway knows it, whoever asked for it. `reference` is ours, or nothing we know. Amounts are rounded as the charge was. */
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

/** What speaks against a dispute; `text` is for the bank to read. */
export type DisputeEvidence = {
  readonly text: string;
  readonly productDescription?: string | undefined;
  readonly accessActivityLog?: string | undefined;
  readonly serviceDate?: string | undefined;
};

/** Whether an answer to a dispute was taken; what becomes of the dispute is looked up. */
export type DisputeAnswer = { readonly kind: 'taken' } | { readonly kind: 'refused'; readonly code: string } | { readonly kind: 'unknown' };

/** A dispute that a simulation opens: of the whole charge unless an amount is named. */
export type DisputeOrder = { readonly amount?: number | undefined; readonly reason: string; readonly status: DisputeStatus };

/** All that went back of a charge or is disputed, the oldest first. `reference` is the charge's. */
export type ChargeReturns = {
  readonly kind: 'found';
  readonly reference: string;
  readonly refunds: readonly GatewayRefund[];
  readonly disputes: readonly GatewayDispute[];
};

/** A charge that succeeded, as the gateway tells it. Amounts in our minor units, as it counted them. */
export type GatewayCharge = {
  readonly intentId: string;
  readonly reference: string;
  readonly customerId: string | null;
  readonly amount: number;
  /** Given back so far, or on its way. */
  readonly refunded: number;
  readonly currency: string;
  readonly at: Instant;
};

/** A refund of a period that went back or is on its way. `reference` is ours, null for one that was made at the gateway itself. */
export type LedgerRefund = {
  readonly refundId: string;
  readonly reference: string | null;
  readonly intentId: string;
  /** The reference of the charge it is of. */
  readonly chargeReference: string;
  readonly amount: number;
  readonly currency: string;
  readonly at: Instant;
};

export type GatewayPage<Row> = { readonly rows: readonly Row[]; readonly next: string | null };

/** What a gateway remembers of a period, page by page, for reconciliation. Throws on an outage. */
export type GatewayLedger = {
  readonly charges: (period: Period, cursor: string | null) => Promise<GatewayPage<GatewayCharge>>;
  readonly refunds: (period: Period, cursor: string | null) => Promise<GatewayPage<LedgerRefund>>;
  /** An amount in minor units after whatever rounding this gateway does when it is asked for it. */
  readonly counted: (money: Money) => number;
};

/** Who is sent to a gateway's own page, and where they come back to when they gave a method, and when they did not. */
export type HostedPage = {
  readonly customerId: string;
  readonly currency: string;
  readonly returnUrl: string;
  readonly cancelUrl: string;
};

/**
 * A payment gateway: one intent an invoice, which makes at most one successful charge. Every call that changes something carries an
 * idempotency key; the same key and parameters get the saved answer. Expected outcomes are values; it throws for misuse, such as a key
 * with other parameters. `now` is domain time: only a simulation looks at it.
 */
export type Gateway = GatewayLedger & {
  readonly name: 'simulated' | 'stripe';
  /** Creates an intent and confirms it at once, off session. */
  readonly create: (key: string, charge: Charge, now: Instant) => Promise<GatewayOutcome>;
  /** Tries a declined intent again, perhaps with another payment method. */
  readonly confirm: (key: string, intentId: string, paymentMethod: string, now: Instant) => Promise<GatewayOutcome>;
  /** Goes on after the customer has authenticated (3-D Secure). */
  readonly confirmAuthenticated: (key: string, intentId: string, now: Instant) => Promise<GatewayOutcome>;
  /** Ends an intent, so that nobody can pay it any more. `succeeded` when it was too late. */
  readonly cancel: (key: string, intentId: string, now: Instant) => Promise<GatewayOutcome>;
  /** Gives money back. What the gateway will not give back is `refused`, a value; the same key gets the saved answer. */
  readonly refund: (key: string, order: RefundOrder, now: Instant) => Promise<RefundOutcome>;
  /** Where a refund stands; `absent` when the gateway never made it. */
  readonly lookUpRefund: (order: RefundOrder, refundId: string | null) => Promise<RefundOutcome | { readonly kind: 'absent' }>;
  /** What went back of a charge, as it is now; `absent` when the gateway has no such intent. */
  readonly lookUpReturns: (intentId: string) => Promise<ChargeReturns | { readonly kind: 'absent' | 'unknown' }>;
  /** Sends all evidence against a dispute at once, for good. */
  readonly submitEvidence: (dispute: DisputeReference, evidence: DisputeEvidence) => Promise<DisputeAnswer>;
  /** Gives a dispute up: it is lost. */
  readonly acceptDispute: (dispute: DisputeReference) => Promise<DisputeAnswer>;
  /** Only a simulation can: the customer disputes a charge. False where there is no such charge. */
  readonly openDispute?: (intentId: string, order: DisputeOrder, now: Instant) => Promise<boolean>;
  /** Everything that happened there from one instant to before another, page by page, as its webhooks tell it; absent where none are. */
  readonly eventsBetween?: (from: Instant, to: Instant) => AsyncIterable<readonly unknown[]>;
  /** Where the intent of a charge stands; `absent` when the gateway never made one. */
  readonly lookUp: (
    charge: ChargeReference,
    intentId: string | null,
    now: Instant,
  ) => Promise<GatewayOutcome | { readonly kind: 'absent' }>;
  /** Begins to keep a method of the customer's for charges without them; the app goes on with the secret. Throws on an outage. */
  readonly setUp: (customerId: string) => Promise<{ readonly setupIntentId: string; readonly clientSecret: string }>;
  /** The address of the gateway's own page where the customer gives a method; the way back names its `session`. Null while it cannot be had. */
  readonly hostedPage?: (asked: HostedPage) => Promise<string | null>;
  /** The token of the method that was given on such a page; null where none was, or it cannot be asked. */
  readonly hostedMethod?: (sessionId: string) => Promise<string | null>;
  /** A method as it is now; `absent` where it is no customer's, or shows no card. Only where banks' updates are told. */
  readonly lookUpMethod?: (token: string) => Promise<KnownMethod | { readonly kind: 'absent' | 'unknown' }>;
  /** Whether a token can be charged for this customer, and what may be shown of it. A repeat changes nothing. */
  readonly verify: (customerId: string, token: string) => Promise<MethodCheck>;
};

/** Whose method a token is, by our id, and what may be shown of it now. */
export type KnownMethod = { readonly kind: 'found'; readonly customerId: string; readonly card: MethodDetails };
