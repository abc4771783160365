import { createHash } from 'node:crypto';
import type { Connection } from 'mongoose';
import type { DisputeStatus } from '../../../shared/contracts/dispute-resource.ts';
import { documentModel } from '../../../shared/mongo.ts';
import type { Instant } from '../../../shared/time.ts';
import type { Charge, GatewayOutcome } from '../gateway.ts';

/** What the gateway knows of a request: lost answers are lost on the way. */
export type Settled = Exclude<GatewayOutcome, { kind: 'unknown' | 'in-progress' | 'unavailable' }> & { readonly intentId: string };

/** One request as the gateway remembers it: the same key must come with the same parameters, and gets the same answer. */
export type KnownRequest = { readonly key: string; readonly parameters: string; readonly answer: Settled };

export type SimulatedIntent = Omit<Charge, 'paymentMethod'> & {
  readonly _id: string;
  readonly status: Settled['kind'];
  readonly requests: readonly KnownRequest[];
  readonly attempts: readonly { readonly at: Instant; readonly paymentMethod: string; readonly outcome: Settled['kind'] }[];
  readonly chargedAt: Instant | null;
  readonly refunds: readonly SimulatedRefund[];
  readonly disputes?: readonly SimulatedDispute[];
  /** Minor units given back so far, or on their way. */
  readonly refunded: number;
};

/** Derived from the key that creates it, so that the key finds it. */
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

/** One refund as the gateway remembers it, with the key and parameters that made it. */
export type SimulatedRefund = {
  readonly refundId: string;
  readonly key: string;
  readonly reference: string;
  readonly amount: number;
  readonly status: 'succeeded' | 'pending' | 'refused';
  readonly at: Instant;
};

/** One dispute as the gateway remembers it. */
export type SimulatedDispute = {
  readonly disputeId: string;
  readonly amount: number;
  readonly reason: string;
  readonly status: DisputeStatus;
  readonly at: Instant;
};
