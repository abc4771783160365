import type { Connection } from 'mongoose';
import { documentModel, insertNew } from '../../../shared/mongo.ts';
import { paymentOfReference } from '../../webhooks/webhook.ts';
import type { JointPayment } from './consolidated-payment.ts';

export type JointStore = ReturnType<typeof createJointStore>;

export function createJointStore(documents: Connection) {
  const model = documentModel<JointPayment & { _id: string }>(documents, 'joint_payments', {
    consolidationId: String,
    customerId: String,
    payments: [String],
    charged: [String],
    amount: Number,
    methods: [{}],
    attemptAt: String,
  });
  const findKnown = async (id: string): Promise<JointPayment | undefined> =>
    ((await model.findById(id).lean()) as unknown as JointPayment | null) ?? undefined;
  const find = async (id: string): Promise<JointPayment> => {
    const joint = await findKnown(id);
    if (!joint) throw new Error(`the joint payment ${id} is not known yet`);
    return joint;
  };

  return {
    find,
    /** The payments that a charge under this reference is for: the one of its invoice, or those that are charged together. */
    paymentIdsOf: async (reference: string): Promise<readonly string[]> => {
      const id = paymentOfReference(reference);
      const joint = await findKnown(id);
      return joint ? (joint.charged ?? joint.payments) : [id];
    },
    /** Records joint payments; those that are there stay as they are. */
    insert: async (joints: readonly JointPayment[]): Promise<void> => {
      await insertNew(model, joints);
    },
    /** Decides what is charged, once: answers what was decided first. */
    decide: async ({ _id }: JointPayment, decided: Pick<JointPayment, 'charged' | 'amount' | 'methods'>): Promise<JointPayment> => {
      await model.collection.updateOne({ _id, charged: null } as never, { $set: decided } as never);
      return find(_id);
    },
  };
}
