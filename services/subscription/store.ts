import type { Connection } from 'mongoose';
import type { SubscriptionResource } from '../../actors/subscription/client.ts';
import { documentModel } from '../shared/mongo.ts';
import type { Instant } from '../shared/time.ts';
import { openPlans } from './catalogue/plan-store.ts';
import { openProducts } from './catalogue/product-store.ts';
import { openCoupons } from './coupons/coupon-store.ts';
import { openPromotionCodes } from './coupons/promotion-code-store.ts';

/**
 * The read model of a subscription: its resource at the highest sequence received. The actor is the
 * truth, and the read model can be rebuilt from it.
 */
export type SubscriptionDocument = Omit<SubscriptionResource, 'id'> & {
  _id: string;
  nextWakeAt: Instant | null;
  /** True while the outcome of a payment is pending, so that no wake time applies. */
  waiting: boolean;
  /** The invoice that the last renewal requested. */
  renewal?: { readonly invoiceId: string; readonly start: Instant; readonly currency: string; readonly taxBehaviour: string };
  /** True from `subscription.quarantined` to the next event; absent in older rows. */
  quarantined?: boolean;
  /** How often it was swept since its last event; absent in older rows. */
  sweeps?: number;
  /** The sweeper leaves it alone until then. Null, or absent in older rows, if it was not swept. */
  sweepAgainAt?: Instant | null;
  /** The sequence up to which a test clock has seen all consequences. */
  settledThrough?: number;
};

/** The access of a customer by subscription, read by the id of the customer on the hot path. */
export type AccessDocument = { _id: string; subscriptions: Readonly<Record<string, Access>> };
export type Access = {
  readonly sequence: number;
  readonly status: SubscriptionResource['status'];
  readonly planId: string;
  readonly until: Instant | null;
  readonly entitlements: Readonly<Record<string, unknown>>;
};

/** The trial of a customer and plan family, claimed by the subscription that came first. */
type TrialDocument = { _id: string; subscriptionId: string };

export type ClockDocument = { _id: string; now: Instant; target: Instant | null; sequence: number };

const anyValue = {};

export function openStore(documents: Connection) {
  const texts = Object.fromEntries(['customerId', 'planId', 'status', 'testClock', 'nextWakeAt'].map((name) => [name, String]));
  return {
    plans: openPlans(documents),
    products: openProducts(documents),
    coupons: openCoupons(documents),
    promotionCodes: openPromotionCodes(documents),
    subscriptions: documentModel<SubscriptionDocument>(
      documents,
      'subscriptions',
      { ...texts, createdAt: String, sequence: Number, waiting: Boolean, quarantined: Boolean, sweeps: Number, sweepAgainAt: String },
      [
        { fields: { customerId: 1 } },
        { fields: { nextWakeAt: 1 } },
        { fields: { testClock: 1, waiting: 1, nextWakeAt: 1, _id: 1 } },
        { fields: { planId: 1, status: 1 } },
      ],
    ),
    access: documentModel<AccessDocument>(documents, 'customer_access', { subscriptions: anyValue }),
    trials: documentModel<TrialDocument>(documents, 'trials', { subscriptionId: String }),
    clocks: documentModel<ClockDocument>(documents, 'test_clocks', { now: String, target: String, sequence: Number }),
  };
}

export type Store = ReturnType<typeof openStore>;

/** The resource in a read-model document. `sequence` is a part of both. */
export function subscriptionOf({
  _id,
  nextWakeAt: _n,
  waiting: _w,
  settledThrough: _s,
  renewal: _r,
  quarantined: _q,
  sweeps: _c,
  sweepAgainAt: _a,
  ...rest
}: SubscriptionDocument): SubscriptionResource {
  return { id: _id, ...rest };
}
