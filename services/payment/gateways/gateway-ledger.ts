import type { Money } from '../../shared/money.ts';
import type { Instant, Period } from '../../shared/time.ts';

/** A successful charge. Amounts in our minor units, rounded as the gateway rounds. */
export type GatewayCharge = {
  readonly intentId: string;
  readonly reference: string;
  readonly customerId: string | null;
  readonly amount: number;
  /** Minor units refunded so far, or about to be. */
  readonly refunded: number;
  readonly currency: string;
  readonly at: Instant;
};

/**
 * A refund of a period that succeeded or is under way. `reference` is our refund id, null for a
 * refund that was made directly at the gateway.
 */
export type LedgerRefund = {
  readonly refundId: string;
  readonly reference: string | null;
  readonly intentId: string;
  /** The reference of the refunded charge. */
  readonly chargeReference: string;
  readonly amount: number;
  readonly currency: string;
  readonly at: Instant;
};

export type GatewayPage<Row> = { readonly rows: readonly Row[]; readonly next: string | null };

/** A gateway's records of a half-open period, page by page. Throws on an outage. */
export type GatewayLedger = {
  readonly charges: (period: Period, cursor: string | null) => Promise<GatewayPage<GatewayCharge>>;
  readonly refunds: (period: Period, cursor: string | null) => Promise<GatewayPage<LedgerRefund>>;
  /** An amount in minor units after the rounding that this gateway does. */
  readonly counted: (money: Money) => number;
};
