import { z } from 'zod';
import { differenceSchema } from './difference-resource.ts';
import { disputeSchema } from './dispute-resource.ts';
import { publishedPaymentSchema, refundSchema } from './payment-resource.ts';

const payment = (description: string, example: object) => publishedPaymentSchema.meta({ description, example });
const refund = (description: string, example: object) => refundSchema.meta({ description, example });
const dispute = (description: string, example: object) => disputeSchema.meta({ description, example });

const difference = (description: string, example: object) =>
  differenceSchema.extend({ reconciliationId: z.string().meta({ examples: ['rec_1'] }) }).meta({ description, example });

export const paymentEvents = {
  'payment.succeeded': payment('A payment succeeded.', { status: 'succeeded', category: null }),
  'payment.declined': payment('An attempt of a payment was declined.', {
    status: 'declined',
    category: 'soft',
    declineCode: 'insufficient_funds',
  }),
  'payment.action-required': payment('The customer has to authenticate a payment.', {
    status: 'action-required',
    category: 'action-required',
  }),
  'payment.processing': payment('A bank takes days to settle a payment.', { status: 'processing', category: null, settledAt: null }),
  'refund.succeeded': refund('A refund succeeded.', { status: 'succeeded' }),
  'refund.failed': refund('A refund failed, or its money was returned by the bank.', {
    status: 'failed',
    failureCode: 'expired_or_canceled_card',
  }),
  'dispute.opened': dispute('A customer disputed a payment with their bank.', { status: 'needs-response', settledAt: null }),
  'dispute.lost': dispute('A dispute was lost: the amount stays withdrawn.', { status: 'lost' }),
  'dispute.won': dispute('A dispute was won: the amount was returned.', { status: 'won' }),
  'payment-routing.saved': z
    .object({
      routes: z.array(
        z.object({
          gateway: z.string().meta({ examples: ['stripe'] }),
          currencies: z.array(z.string()).optional(),
          countries: z.array(z.string()).optional(),
        }),
      ),
    })
    .meta({ description: 'An operator replaced the payment routing.' }),
  'reconciliation.difference-repaired': difference('A difference between two ledgers was repaired.', {
    acceptedAt: null,
    acceptedBy: null,
    note: null,
  }),
  'reconciliation.difference-accepted': difference('A difference between two ledgers was accepted as it is.', {
    repairedAt: null,
    repairedBy: null,
  }),
};
