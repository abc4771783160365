import type { Instant } from '../shared/time.ts';

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
 * a look-up tells. `in-progress`: another request for it is being executed.
 */
export type GatewayOutcome =
  | { readonly kind: 'succeeded'; readonly intentId: string }
  | { readonly kind: 'declined'; readonly intentId: string; readonly code: string }
  | { readonly kind: 'action-required'; readonly intentId: string; readonly clientSecret: string }
  | { readonly kind: 'cancelled'; readonly intentId: string }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'in-progress' };

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

/**
 * A payment gateway: one intent an invoice, which makes at most one successful charge. Every call that changes something carries an
 * idempotency key; the same key and parameters get the saved answer. Expected outcomes are values; it throws for misuse, such as a key
 * with other parameters. `now` is domain time: only a simulation looks at it.
 */
export type Gateway = {
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
  /** Where the intent of a reference stands; `absent` when the gateway never made one. */
  readonly lookUp: (reference: string, intentId: string | null) => Promise<GatewayOutcome | { readonly kind: 'absent' }>;
};
