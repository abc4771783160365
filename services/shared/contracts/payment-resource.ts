import { z } from 'zod';
import { currency, minorUnits, utcInstant } from '../fields.ts';
import type { ResourceOf } from './resource-of.ts';

const declineCategorySchema = z
  .enum(['soft', 'hard', 'expired-card', 'action-required', 'no-payment-method'])
  .meta({ description: 'Kind of a declined attempt, which decides whether and when it is retried' });

export type DeclineCategory = z.infer<typeof declineCategorySchema>;
export { declineCategorySchema };

/** The fields of every movement of money for an invoice: a payment, a refund, a dispute. */
export const movementFields = {
  id: z.string(),
  invoiceId: z.string().meta({ examples: ['inv_sub_1_1'] }),
  subscriptionId: z.string().meta({ examples: ['sub_1'] }),
  customerId: z.string().meta({ examples: ['cus_1'] }),
  amount: minorUnits,
  currency,
  createdAt: utcInstant,
  settledAt: utcInstant.nullable().meta({ description: 'When the outcome became known; null until then' }),
  testClock: z
    .string()
    .nullable()
    .meta({ description: 'Test clock of the customer, null for real time', examples: [null] }),
};

export type Movement = ResourceOf<z.ZodObject<typeof movementFields>>;

/**
 * `data` of `payment.succeeded`, `payment.declined`, `payment.action-required`,
 * `payment.processing`.
 */
export const publishedPaymentSchema = z
  .object({
    ...movementFields,
    id: z.string().meta({ examples: ['pay_inv_sub_1_1'] }),
    status: z.enum(['processing', 'succeeded', 'declined', 'action-required', 'cancelled']),
    attempt: z.int().meta({ description: 'Number of the attempt that the outcome belongs to, counted from 1', examples: [1] }),
    category: declineCategorySchema.nullable(),
    declineCode: z
      .string()
      .nullable()
      .meta({ description: 'Decline code of the gateway', examples: [null] }),
    gateway: z.string().meta({ description: 'simulated, stripe, or manual for money received offline', examples: ['simulated'] }),
  })
  .meta({ id: 'PublishedPayment', description: 'The one payment of an invoice after an outcome' });

export type PaymentResource = ResourceOf<typeof publishedPaymentSchema>;

/** A payment in responses: more than its events carry, for the app that goes on with it. */
export const paymentSchema = publishedPaymentSchema
  .extend({
    amountDisputed: minorUnits.meta({ description: 'Minor units that the bank has withdrawn, pending or permanently', examples: [0] }),
    paymentMethodId: z
      .string()
      .nullable()
      .meta({ description: 'The payment method that was charged', examples: ['pm_1'] }),
    nextAction: z
      .object({ type: z.literal('authenticate'), clientSecret: z.string() })
      .nullable()
      .meta({ description: 'How the customer authenticates the payment, while its status is action-required' }),
  })
  .meta({ id: 'Payment', description: 'The one payment of an invoice' });

/** A refund, in responses and as `data` of `refund.succeeded` and `refund.failed`. */
export const refundSchema = z
  .object({
    ...movementFields,
    id: z.string().meta({ examples: ['ref_1'] }),
    paymentId: z.string().meta({ examples: ['pay_inv_sub_1_1'] }),
    to: z.enum(['method', 'credit']).meta({ description: 'method: to the payment method; credit: to the account credit' }),
    status: z.enum(['processing', 'succeeded', 'failed']),
    reason: z.string().meta({ examples: ['Service was down'] }),
    origin: z.enum(['marquee', 'gateway']).meta({ description: 'gateway: requested directly at the gateway' }),
    reopen: z.boolean().optional().meta({ description: 'True where the refunded amount is due again and the invoice is open' }),
    creditNoteId: z
      .string()
      .nullable()
      .meta({ description: 'The credit note that requested the refund', examples: ['cn_1'] }),
    failureCode: z
      .string()
      .nullable()
      .meta({ description: 'Why a failed refund failed', examples: [null] }),
  })
  .meta({ id: 'Refund', description: 'Money of a successful payment that is returned' });

export type RefundResource = ResourceOf<typeof refundSchema>;
