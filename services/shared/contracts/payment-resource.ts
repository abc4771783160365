import type { Instant } from '../time.ts';

export type DeclineCategory = 'soft' | 'hard' | 'expired-card' | 'action-required' | 'no-payment-method';

/** What every movement of money for an invoice says of itself: a payment, a refund, a dispute. */
export type Movement = {
  readonly id: string;
  readonly invoiceId: string;
  readonly subscriptionId: string;
  readonly customerId: string;
  /** Minor units of `currency`. */
  readonly amount: number;
  readonly currency: string;
  readonly createdAt: Instant;
  readonly settledAt: Instant | null;
  readonly testClock: string | null;
};

/** `data` of `payment.succeeded`, `payment.declined`, `payment.action-required`. `sequence` of the event = `attempt` outcome number. */
export type PaymentResource = Movement & {
  readonly status: 'processing' | 'succeeded' | 'declined' | 'action-required' | 'cancelled';
  /** Counts from 1 and is the one the outcome belongs to. */
  readonly attempt: number;
  readonly category: DeclineCategory | null;
  readonly declineCode: string | null;
  readonly gateway: string;
};

/** `data` of `refund.succeeded`, `refund.failed`: money of a payment that went back, or could not. */
export type RefundResource = Movement & {
  readonly paymentId: string;
  readonly to: 'method' | 'credit';
  readonly status: 'processing' | 'succeeded' | 'failed';
  readonly reason: string;
  /** `gateway`: somebody asked for it at the gateway itself. */
  readonly origin?: 'marquee' | 'gateway';
  /** What went back is due again: its invoice is open. */
  readonly reopen?: boolean;
  readonly creditNoteId: string | null;
  readonly failureCode: string | null;
};
