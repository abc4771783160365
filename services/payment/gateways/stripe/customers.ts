import type { Connection } from 'mongoose';
import { documentModel, insertNew } from '../../../shared/mongo.ts';
import type { StripeClient } from './client.ts';

type StripeCustomer = { _id: string; stripeId: string };

export type StripeCustomers = {
  /** Stripe's id of our customer, if there is one. */
  readonly find: (customerId: string) => Promise<string | undefined>;
  /**
   * Stripe's id of our customer, who is created at Stripe if needed. A customer is created once,
   * because a repeat has the same key and the first id written wins.
   */
  readonly ensure: (customerId: string) => Promise<string>;
  /** Adopts an existing Stripe customer, and returns the id that won. */
  readonly adopt: (customerId: string, stripeId: string) => Promise<string>;
};

/** Maps our customers to Stripe's. Stripe receives only our id: names and addresses stay here. */
export function createStripeCustomers(documents: Connection, stripe: StripeClient): StripeCustomers {
  const customers = documentModel<StripeCustomer>(documents, 'stripe_customers', { stripeId: String });
  const find = async (customerId: string) => (await customers.findById(customerId).lean<StripeCustomer>())?.stripeId;
  const adopt = async (customerId: string, stripeId: string): Promise<string> => {
    const fresh = await insertNew(customers, [{ _id: customerId, stripeId }]);
    return fresh.has(customerId) ? stripeId : ((await find(customerId)) ?? stripeId);
  };
  return {
    find,
    adopt,
    ensure: async (customerId) => {
      const known = await find(customerId);
      if (known !== undefined) return known;
      const { id } = await stripe.customers.create({ metadata: { reference: customerId } }, { idempotencyKey: `${customerId}:customer` });
      return adopt(customerId, id);
    },
  };
}
