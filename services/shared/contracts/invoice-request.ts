import { z } from 'zod';
import { currency, localisedText, minorUnits, period } from '../fields.ts';
import type { ResourceOf } from './resource-of.ts';
import { taxBehaviourSchema } from './subscription-terms.ts';

const explanationSchema = z
  .object({
    rule: z.enum([
      'full-period',
      'partial-period',
      'unused-time',
      'blocked-time',
      'whole-period-returned',
      'one-off',
      'early-exit',
      'gift',
    ]),
    unit: z.enum(['day', 'second']),
    numerator: z.int().meta({ examples: [28] }),
    denominator: z.int().meta({ examples: [28] }),
    base: minorUnits.meta({ description: 'Minor units for the whole of the denominator', examples: [1799] }),
  })
  .meta({
    id: 'LineExplanation',
    description: 'How the amount of a line follows: base × numerator / denominator, rounded half away from zero',
  });

export const requestedLineSchema = z
  .object({
    kind: z.enum(['recurring', 'add-on', 'one-off', 'credit']),
    planId: z
      .string()
      .nullable()
      .meta({ description: 'Null for a one-off charge', examples: ['plan_premium'] }),
    planVersion: z
      .int()
      .nullable()
      .meta({ examples: [1] }),
    name: localisedText,
    quantity: z.int().meta({ examples: [1] }),
    amount: minorUnits.meta({ description: 'Minor units; credits are negative', examples: [1799] }),
    discount: minorUnits.meta({ description: 'Share of the line in the discounts, never negative', examples: [0] }),
    period,
    explanation: explanationSchema,
    creditedInvoiceId: z
      .string()
      .nullable()
      .exactOptional()
      .meta({ description: 'For a credit: the invoice that had charged the returned time' }),
  })
  .meta({ id: 'RequestedLine', description: 'A line of a requested invoice, before tax' });

const discountSchema = z
  .object({
    couponId: z.string().meta({ examples: ['cpn_launch'] }),
    name: z.string().meta({ examples: ['Launch offer'] }),
    percent: z
      .number()
      .nullable()
      .meta({ examples: [20] }),
    base: minorUnits.meta({ description: 'Amount that the coupon applied to' }),
    amount: minorUnits.meta({ description: 'Amount that the coupon deducts', examples: [360] }),
    shares: z.array(z.int()).meta({ description: 'Parts of the amount by line, in the order of the lines', examples: [[360]] }),
  })
  .meta({ id: 'InvoiceDiscount', description: 'What one coupon deducts from an invoice' });

/** What invoicing is asked to finalise: everything but tax, account credit and the number. */
export const invoiceRequestSchema = z
  .object({
    invoiceId: z.string().meta({ examples: ['inv_sub_1_1'] }),
    cause: z.enum(['first', 'renewal', 'change', 'cancellation', 'pause', 'resume', 'recovery', 'one-off', 'gift']),
    currency,
    taxBehaviour: taxBehaviourSchema,
    period,
    lines: z.array(requestedLineSchema),
    discounts: z.array(discountSchema).meta({ examples: [[]] }),
    chargeIds: z.array(z.string()).meta({ description: 'Pending one-off charges among the lines', examples: [[]] }),
  })
  .meta({ id: 'InvoiceRequest', description: 'An invoice to be finalised: everything but tax, account credit and the number' });

export type Explanation = ResourceOf<typeof explanationSchema>;
export type RequestedLine = ResourceOf<typeof requestedLineSchema>;
export type Discount = ResourceOf<typeof discountSchema>;
export type InvoiceRequest = ResourceOf<typeof invoiceRequestSchema>;
