import type { Connection } from 'mongoose';
import { collectionOf, documentModel, insertNew } from '../../../shared/mongo.ts';
import type { MethodRefusal } from '../../payment.ts';
import { paymentOfReference } from '../../webhooks/webhook.ts';
import type { ConsolidatedPayment } from './consolidated-payment.ts';

export type ConsolidatedStore = ReturnType<typeof createConsolidatedStore>;

export function createConsolidatedStore(documents: Connection) {
  const model = documentModel<ConsolidatedPayment>(documents, 'joint_payments', {
    consolidationId: String,
    customerId: String,
    payments: [String],
    charged: [String],
    amount: Number,
    methods: [{}],
    attemptAt: String,
    refusals: [{}],
  });
  const consolidatedPayments = collectionOf(model);
  const find = async (id: string): Promise<ConsolidatedPayment> => {
    const found = await consolidatedPayments.findOne({ _id: id });
    if (!found) throw new Error(`the consolidated payment ${id} does not exist yet`);
    return found;
  };

  return {
    find,
    /**
     * Ids of the payments of a charge, by its reference: the one of its invoice, or those charged
     * together.
     */
    paymentIdsOf: async (reference: string): Promise<readonly string[]> => {
      const id = paymentOfReference(reference);
      const found = await consolidatedPayments.findOne({ _id: id });
      return found ? (found.charged ?? found.payments) : [id];
    },
    /** Records consolidated payments; existing ones stay as they are. */
    insert: async (rows: readonly ConsolidatedPayment[]): Promise<void> => {
      await insertNew(model, rows);
    },
    /** Stores that a method was refused, before the next one is tried. */
    noteRefusal: async ({ _id }: ConsolidatedPayment, refusal: MethodRefusal): Promise<void> => {
      await consolidatedPayments.updateOne({ _id }, { $push: { refusals: refusal } });
    },
    /** Decides the charge once, and returns the first decision. */
    decide: async (
      { _id }: ConsolidatedPayment,
      decided: Pick<ConsolidatedPayment, 'charged' | 'amount' | 'methods'>,
    ): Promise<ConsolidatedPayment> => {
      await consolidatedPayments.updateOne({ _id, charged: null }, { $set: decided });
      return find(_id);
    },
  };
}
