import type { Money } from '../money.ts';
import type { Instant } from '../time.ts';
import type { Movement } from './payment-resource.ts';

/**
 * `inquiry`: the bank only asks, and no money has moved. `needs-response`, `under-review`: the amount is withdrawn until the bank decides.
 * `lost`: it stays away. `won`: it came back. `closed`: an inquiry that led to nothing.
 */
export type DisputeStatus = 'inquiry' | 'needs-response' | 'under-review' | 'won' | 'lost' | 'closed';

/** `data` of `dispute.opened`, `dispute.lost`, `dispute.won`: a customer had the bank take a payment back. `amount`: what of it is disputed. */
export type DisputeResource = Movement & {
  readonly paymentId: string;
  /** The gateway's word for why. */
  readonly reason: string;
  readonly status: DisputeStatus;
  /** What the gateway charges for it, where it says so. */
  readonly fee: Money | null;
  readonly evidenceDueBy: Instant | null;
  readonly gateway: string;
  readonly gatewayDisputeId: string;
};
