import type { Connection } from 'mongoose';
import type { SubscriptionResource } from '../../actors/subscription/client.ts';
import { documentModel } from '../shared/mongo.ts';
import type { Instant } from '../shared/time.ts';
import { openPlans } from './catalogue/plan-store.ts';
import { openProducts } from './catalogue/product.ts';
import { openCoupons } from './coupons/coupon-store.ts';
import { openPromotionCodes } from './coupons/promotion-code-store.ts';

/** The read model: what the actor said last, by its sequence. The actor is the truth; this may be rebuilt from it. */
export type SubscriptionDocument = Omit<SubscriptionResource, 'id'> & {
  _id: string;
  nextWakeAt: Instant | null;
  /** Waits for the outcome of a payment, so that its wake is none of time's. */
  waiting: boolean;
  /** What it asked to be invoiced when it last renewed. */
  renewal?: { readonly invoiceId: string; readonly start: Instant; readonly currency: string; readonly taxBehaviour: string };
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
    plans: openPlans(documents),
    products: openProducts(documents),
    coupons: openCoupons(documents),
    promotionCodes: openPromotionCodes(documents),
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

export function subscriptionOf({
  _id,
  nextWakeAt: _n,
  waiting: _w,
  settledThrough: _s,
  renewal: _r,
  ...rest
}: SubscriptionDocument): SubscriptionResource {
  return { id: _id, ...rest };
}
