import { z } from 'zod';
import { listQuery } from '../shared/list.ts';

const status = z.enum(['processing', 'succeeded', 'declined', 'action-required', 'cancelled']);
const id = z.string().max(250).optional();

export const paymentsQuery = listQuery({ customerId: id, subscriptionId: id, invoiceId: id, status: status.optional() });

/** What every movement of money for an invoice shows: a payment, a refund, a dispute. `amount` in minor units of `currency`. */
export const movementFields = {
  id: z.string(),
  invoiceId: z.string(),
  subscriptionId: z.string(),
  customerId: z.string(),
  amount: z.number().int(),
  currency: z.string(),
  createdAt: z.string(),
  settledAt: z.string().nullable(),
  testClock: z.string().nullable(),
};

export const paymentAnswer = z.object({
  ...movementFields,
  status,
  attempt: z.number().int(),
  category: z.enum(['soft', 'hard', 'expired-card', 'action-required', 'no-payment-method']).nullable(),
  declineCode: z.string().nullable(),
  gateway: z.string(),
  amountDisputed: z.number().int(),
  paymentMethodId: z.string().nullable(),
  nextAction: z.object({ type: z.literal('authenticate'), clientSecret: z.string() }).nullable(),
});
export const paymentsAnswer = z.object({ data: z.array(paymentAnswer), nextCursor: z.string().nullable() });
