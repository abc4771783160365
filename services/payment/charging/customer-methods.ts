import type { Connection } from 'mongoose';
import type { MarqueeEvent } from '../../shared/events.ts';
import { collectionOf, documentModel, upsertAll } from '../../shared/mongo.ts';
import type { ChargeableMethod } from '../payment.ts';

type MethodsDocument = { _id: string; sequence: number; methods: readonly ChargeableMethod[]; country?: string | null };

/** The payment methods of customers, from the events of the account service. */
export function customerMethods(documents: Connection) {
  const model = documentModel<MethodsDocument>(documents, 'payment_customers', { sequence: Number, methods: [{}], country: String });
  const customers = collectionOf(model);
  return {
    /** The latest published methods of customers, in the order that each customer has set. */
    methods: async (customerIds: readonly string[]): Promise<ReadonlyMap<string, MethodsDocument>> => {
      const rows = await customers.find({ _id: { $in: [...new Set(customerIds)] } }).toArray();
      return new Map(rows.map((row) => [row._id, row]));
    },
    /**
     * Saves customers' methods from their events; one that is older than the saved one is ignored.
     */
    saveMethods: (
      events: readonly MarqueeEvent<
        'customer.payment-method-added' | 'customer.payment-method-removed' | 'customer.payment-method-updated'
      >[],
    ): Promise<void> =>
      upsertAll(
        model,
        events.map(({ sequence, data: { customerId, paymentMethods, country = null } }) => ({
          filter: { _id: customerId, sequence: { $lt: sequence } },
          update: { $set: { sequence, country, methods: paymentMethods.map(({ id, token, gateway }) => ({ id, token, gateway })) } },
        })),
      ),
  };
}
