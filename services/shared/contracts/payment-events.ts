import { z } from 'zod';
import { currency, minorUnits, utcInstant } from '../fields.ts';
import { disputeSchema } from './dispute-resource.ts';
import { publishedPaymentSchema, refundSchema } from './payment-resource.ts';

const payment = (description: string, example: object) => publishedPaymentSchema.meta({ description, example });
const refund = (description: string, example: object) => refundSchema.meta({ description, example });
const dispute = (description: string, example: object) => disputeSchema.meta({ description, example });

const text = z.string().nullable();

const difference = (description: string, example: object) =>
  z
    .object({
      reconciliationId: z.string().meta({ examples: ['rec_1'] }),
      n: z.int().meta({ description: 'Number of the difference in its report, from 1', examples: [1] }),
      kind: z.enum([
        'charge-without-payment',
        'payment-without-charge',
        'amount-differs',
        'charged-twice',
        'refund-without-record',
        'refund-without-money',
        'invoice-open-though-paid',
        'invoice-paid-without-payment',
        'invoice-missing',
        'payment-stuck',
        'subscription-unaware',
      ]),
      gateway: text.meta({ examples: ['simulated'] }),
      intentId: text.meta({ examples: ['pi_1'] }),
      refundId: text.meta({ examples: [null] }),
      paymentId: text.meta({ examples: ['pay_inv_sub_1_1'] }),
      invoiceId: text.meta({ examples: ['inv_sub_1_1'] }),
      subscriptionId: text.meta({ examples: ['sub_1'] }),
      customerId: text.meta({ examples: ['cus_1'] }),
      currency,
      gatewayAmount: minorUnits.nullable(),
      paymentAmount: minorUnits.nullable(),
      invoiceAmount: minorUnits.nullable(),
      at: utcInstant.nullable(),
      repair: z
        .enum(['record-charge', 'settle-payment', 'tell-payment', 'refund-charge', 'record-refund', 'refund-again', 'ask-again'])
        .nullable()
        .meta({ description: 'Automatic repair; null where a person decides' }),
      repairedAt: utcInstant.nullable(),
      repairedBy: text.meta({ examples: ['usr_1'] }),
      acceptedAt: utcInstant.nullable(),
      acceptedBy: text.meta({ examples: ['usr_1'] }),
      note: text.meta({ examples: ['Settled by bank transfer'] }),
    })
    .meta({ description, example });

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
