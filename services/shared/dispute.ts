import type { Money } from './money.ts';
import type { Instant } from './time.ts';

/**
 * `inquiry`: the bank only asks, and no money has moved. `needs-response`, `under-review`: the amount is withdrawn until the bank decides.
 * `lost`: it stays away. `won`: it came back. `closed`: an inquiry that led to nothing.
 */
export type DisputeStatus = 'inquiry' | 'needs-response' | 'under-review' | 'won' | 'lost' | 'closed';

/** `data` of `dispute.opened`, `dispute.lost`, `dispute.won`: a customer had the bank take a payment back. */
export type DisputeResource = {
  readonly id: string;
  readonly paymentId: string;
  readonly invoiceId: string;
  readonly subscriptionId: string;
  readonly customerId: string;
  /** Minor units of this payment that are disputed. */
  readonly amount: number;
  readonly currency: string;
  /** The gateway's word for why. */
  readonly reason: string;
  readonly status: DisputeStatus;
  /** What the gateway charges for it, where it says so. */
  readonly fee: Money | null;
  readonly evidenceDueBy: Instant | null;
  readonly gateway: string;
  readonly gatewayDisputeId: string;
  readonly createdAt: Instant;
  readonly settledAt: Instant | null;
  readonly testClock: string | null;
};
