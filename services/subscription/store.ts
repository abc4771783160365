import type { Connection } from 'mongoose';
import type { Cadence, SubscriptionResource } from '../../actors/subscription/client.ts';
import { documentModel } from '../shared/mongo.ts';
import type { Instant } from '../shared/time.ts';

export type Price = { readonly currency: string; readonly amount: number; readonly interval: Cadence; readonly country: string | null };

export type Plan = {
  readonly id: string;
  readonly version: number;
  readonly name: Readonly<Record<string, string>>;
  /** Plans of one family share one trial per customer. */
  readonly family: string;
  readonly prices: readonly Price[];
  readonly trialDays: number;
  readonly taxBehaviour: 'inclusive' | 'exclusive';
  readonly minQuantity: number;
  readonly maxQuantity: number;
  readonly entitlements: Readonly<Record<string, unknown>>;
  readonly createdAt: Instant;
};

type PlanDocument = Omit<Plan, 'id'> & { _id: string; bodyHash: string };

/** The read model: what the actor said last, by its sequence. The actor is the truth; this may be rebuilt from it. */
export type SubscriptionDocument = Omit<SubscriptionResource, 'id'> & {
  _id: string;
  nextWakeAt: Instant | null;
  /** Waits for the outcome of a payment, so that its wake is none of time's. */
  waiting: boolean;
  /** Sequence up to which a test clock has seen everything happen. */
  settledThrough?: number;
};

/** What a customer may watch with, by subscription: read by id on the fast path. */
export type AccessDocument = { _id: string; subscriptions: Readonly<Record<string, Access>> };
export type Access = {
  readonly sequence: number;
  readonly status: SubscriptionResource['status'];
  readonly planId: string;
  readonly until: Instant | null;
  readonly entitlements: Readonly<Record<string, unknown>>;
};

/** One trial per customer and plan family, taken by the subscription that came first. */
type TrialDocument = { _id: string; subscriptionId: string };

export type ClockDocument = { _id: string; now: Instant; target: Instant | null; sequence: number };

const anything = {};

export function openStore(documents: Connection) {
  const resource = Object.fromEntries(['customerId', 'planId', 'status', 'testClock', 'nextWakeAt'].map((name) => [name, String]));
  return {
    plans: documentModel<PlanDocument>(documents, 'plans', {
      version: Number,
      name: anything,
      family: String,
      prices: anything,
      trialDays: Number,
      taxBehaviour: String,
      minQuantity: Number,
      maxQuantity: Number,
      entitlements: anything,
      createdAt: String,
      bodyHash: String,
    }),
    subscriptions: documentModel<SubscriptionDocument>(
      documents,
      'subscriptions',
      { ...resource, createdAt: String, sequence: Number, waiting: Boolean },
      [{ fields: { customerId: 1 } }, { fields: { nextWakeAt: 1 } }, { fields: { testClock: 1 } }, { fields: { planId: 1, status: 1 } }],
    ),
    access: documentModel<AccessDocument>(documents, 'customer_access', { subscriptions: anything }),
    trials: documentModel<TrialDocument>(documents, 'trials', { subscriptionId: String }),
    clocks: documentModel<ClockDocument>(documents, 'test_clocks', { now: String, target: String, sequence: Number }),
  };
}

export type Store = ReturnType<typeof openStore>;

export const planOf = ({ _id, bodyHash: _, ...plan }: PlanDocument): Plan => ({ id: _id, ...plan });

export function subscriptionOf({
  _id,
  nextWakeAt: _n,
  waiting: _w,
  settledThrough: _s,
  ...rest
}: SubscriptionDocument): SubscriptionResource {
  return { id: _id, ...rest };
}
