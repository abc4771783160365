import { createHash } from 'node:crypto';
import type { Connection } from 'mongoose';
import type { DisputeStatus } from '../../../shared/contracts/dispute-resource.ts';
import { documentModel } from '../../../shared/mongo.ts';
import type { Instant } from '../../../shared/time.ts';
import type { Charge, GatewayOutcome } from '../gateway.ts';

/** The outcome of a request as the gateway stores it; a response that gets lost is stored too. */
export type KnownOutcome = Exclude<GatewayOutcome, { kind: 'unknown' | 'in-progress' | 'unavailable' }> & { readonly intentId: string };

/**
 * A request as the gateway stores it. The same key must have the same parameters, and gets the same
 * response.
 */
export type KnownRequest = { readonly key: string; readonly parameters: string; readonly answer: KnownOutcome };

export type SimulatedIntent = Omit<Charge, 'paymentMethod'> & {
  readonly _id: string;
  readonly status: KnownOutcome['kind'];
  readonly requests: readonly KnownRequest[];
  readonly attempts: readonly { readonly at: Instant; readonly paymentMethod: string; readonly outcome: KnownOutcome['kind'] }[];
  readonly chargedAt: Instant | null;
  readonly refunds: readonly SimulatedRefund[];
  readonly disputes?: readonly SimulatedDispute[];
  /** Minor units refunded so far, or about to be. */
  readonly refunded: number;
};

/** The id of an intent, derived from the key that creates it, so that the key finds it. */
export const intentIdOf = (key: string): string => `pi_${createHash('sha256').update(key).digest('hex').slice(0, 24)}`;

export const intentModel = (documents: Connection) =>
  documentModel<SimulatedIntent>(
    documents,
    'simulated_gateway_intents',
    {
      reference: String,
      amount: Number,
      currency: String,
      customerId: String,
      status: String,
      requests: [{}],
      attempts: [{}],
      chargedAt: String,
      refunds: [{}],
      refunded: Number,
      disputes: [{}],
    },
    [{ fields: { reference: 1 } }, { fields: { status: 1 } }, { fields: { chargedAt: 1 } }],
  );

/** A refund as the gateway stores it, with the key and parameters that made it. */
export type SimulatedRefund = {
  readonly refundId: string;
  readonly key: string;
  readonly reference: string;
  readonly amount: number;
  readonly status: 'succeeded' | 'pending' | 'refused';
  readonly at: Instant;
};

/** A dispute as the gateway stores it. */
export type SimulatedDispute = {
  readonly disputeId: string;
  readonly amount: number;
  readonly reason: string;
  readonly status: DisputeStatus;
  readonly at: Instant;
};
