import { z } from 'zod';
import { currency, minorUnits, period, utcInstant } from '../fields.ts';
import type { ResourceOf } from './resource-of.ts';

export const invoiceStatusSchema = z.enum(['draft', 'open', 'paid', 'void', 'uncollectible', 'refunded', 'partially-refunded']);

export type InvoiceStatus = z.infer<typeof invoiceStatusSchema>;

const taxRate = z.string().meta({ description: 'Exact decimal, for example 0.19', examples: ['0.19'] });
const taxCategory = z.enum(['S', 'Z', 'E', 'AE', 'G', 'O']).meta({ description: 'EN 16931 category of the tax (UNCL5305)' });

export const invoiceLineSchema = z
  .object({
    kind: z.enum(['recurring', 'credit', 'discount', 'one-off', 'add-on']),
    description: z.string().meta({ examples: ['Premium'] }),
    amount: minorUnits.meta({ description: 'Minor units; negative for credits and discounts', examples: [1799] }),
    discount: minorUnits.meta({ description: 'Share of the line in the discounts of the invoice, never negative', examples: [0] }),
    quantity: z.int().meta({ examples: [1] }),
    period: period.nullable().meta({ description: 'Half-open period that the line charges or credits; null for a discount' }),
    taxRate,
    taxCategory,
    tax: minorUnits.meta({ description: 'Tax of the line in minor units', examples: [287] }),
    planId: z
      .string()
      .nullable()
      .meta({
        description: 'The plan or add-on that the line charges; null for one-off charges and discounts',
        examples: ['plan_premium'],
      }),
  })
  .meta({ id: 'InvoiceLine' });

export type InvoiceLineResource = ResourceOf<typeof invoiceLineSchema>;

export const invoiceTaxSchema = z
  .object({
    category: taxCategory,
    rate: taxRate,
    taxable: minorUnits.meta({ description: 'Net amount that the tax is charged on, in minor units', examples: [1512] }),
    tax: minorUnits.meta({ examples: [287] }),
    reason: z
      .string()
      .nullable()
      .meta({ description: 'Stable code for why no tax is charged; null for category S', examples: [null] }),
    note: z
      .string()
      .nullable()
      .meta({ description: 'Sentence for the invoice about why no tax is charged (BT-120)', examples: [null] }),
    name: z.string().meta({ description: 'Name of the tax in its jurisdiction: USt., VAT, GST, Sales tax', examples: ['USt.'] }),
    jurisdiction: z.string().meta({ examples: ['DE'] }),
  })
  .meta({ id: 'InvoiceTax', description: 'Total of one tax, category and rate over the invoice' });

export type InvoiceTaxResource = ResourceOf<typeof invoiceTaxSchema>;

export const invoiceSettlementSchema = z
  .object({
    id: z.string().meta({ examples: ['set_1'] }),
    kind: z.enum(['credit', 'manual']).meta({ description: 'credit: account credit; manual: an offline payment' }),
    amount: minorUnits,
    at: utcInstant,
    receipt: z
      .object({
        method: z.enum(['bank-transfer', 'cash', 'cheque', 'other']),
        reference: z.string().meta({ examples: ['RF18 5390 0754 7034'] }),
        proof: z
          .string()
          .nullable()
          .meta({ description: 'Address of the document that proves the receipt', examples: [null] }),
        receivedAt: utcInstant,
      })
      .nullable()
      .meta({ description: 'How the money of an offline payment arrived; null for account credit' }),
  })
  .meta({ id: 'InvoiceSettlement', description: 'Account credit or an offline payment that paid the invoice or a part of it' });

export type SettlementResource = ResourceOf<typeof invoiceSettlementSchema>;

export const paymentAttemptSchema = z
  .object({
    at: utcInstant,
    outcome: z.enum(['succeeded', 'declined', 'action-required']),
    declineCode: z
      .string()
      .nullable()
      .meta({ description: 'Decline code of the gateway', examples: [null] }),
  })
  .meta({ id: 'PaymentAttempt', description: 'Outcome of one attempt to charge the invoice' });

export type PaymentAttempt = ResourceOf<typeof paymentAttemptSchema>;

/**
 * An invoice in responses, and as `data` of its events. All amounts are minor units of `currency`.
 */
export const invoiceSchema = z
  .object({
    id: z.string().meta({ examples: ['inv_sub_1_1'] }),
    number: z.string().meta({ description: 'Consecutive invoice number', examples: ['MQ-2026-000042'] }),
    status: invoiceStatusSchema,
    customerId: z.string().meta({ examples: ['cus_1'] }),
    subscriptionId: z.string().meta({ examples: ['sub_1'] }),
    issuedAt: utcInstant,
    dueAt: utcInstant,
    period,
    lines: z.array(invoiceLineSchema),
    subtotal: minorUnits.meta({ description: 'Sum of the lines before discounts, in minor units', examples: [1799] }),
    discount: minorUnits.meta({ description: 'Sum of the discounts, never negative', examples: [0] }),
    tax: minorUnits.meta({ examples: [287] }),
    taxes: z.array(invoiceTaxSchema),
    total: minorUnits.meta({ description: 'Amount of the invoice with tax, never negative', examples: [1799] }),
    creditApplied: minorUnits.meta({ description: 'Part that the account credit paid', examples: [0] }),
    creditGranted: minorUnits.meta({ description: 'Account credit that a negative sum granted; the total is then 0', examples: [0] }),
    amountDue: minorUnits.meta({ description: 'Part of the total to be charged, account credit deducted', examples: [1799] }),
    amountPaid: minorUnits.meta({ examples: [1799] }),
    currency,
    credited: minorUnits.meta({ description: 'Sum of the credit notes', examples: [0] }),
    amountRefunded: minorUnits.meta({ description: 'Sum of the refunds', examples: [0] }),
    amountDisputed: minorUnits.meta({ description: 'Sum that the bank has withdrawn, pending or permanently', examples: [0] }),
    amountRemaining: minorUnits.meta({ description: 'Sum still to be paid; 0 unless open or uncollectible', examples: [0] }),
    settlements: z.array(invoiceSettlementSchema),
    givenBack: z
      .object({ credit: minorUnits, refund: minorUnits })
      .nullable()
      .meta({ description: 'What a void invoice returned as account credit and as refund; null unless void' }),
    reopened: z
      .array(z.object({ refundId: z.string(), amount: minorUnits }))
      .meta({ description: 'Refunds that made their amount due again' }),
    attempts: z.array(paymentAttemptSchema),
    testClock: z
      .string()
      .nullable()
      .meta({ description: 'Test clock of the customer, null for real time', examples: [null] }),
    consolidationId: z
      .string()
      .nullable()
      .meta({ description: 'The consolidated invoice that this one is a part of', examples: [null] }),
  })
  .meta({ id: 'Invoice', description: 'A finalised invoice; amounts in minor units of its currency' });

const consolidatedInvoiceSchema = z.object({
  invoiceId: z.string().meta({ examples: ['inv_sub_1_1'] }),
  subscriptionId: z.string().meta({ examples: ['sub_1'] }),
  amountDue: minorUnits.meta({ description: 'As it was finalised, in minor units' }),
});
const consolidationSchema = z
  .object({ id: z.string(), number: z.string(), members: z.array(consolidatedInvoiceSchema) })
  .meta({ id: 'Consolidation', description: 'Invoices of one customer and day that share one number and one charge' });

export type Consolidation = ResourceOf<typeof consolidationSchema>;
export type ConsolidatedInvoice = ResourceOf<typeof consolidatedInvoiceSchema>;

/** `data` of the events of an invoice: the resource as it was at that change. */
export const publishedInvoiceSchema = invoiceSchema
  .extend({
    consolidation: consolidationSchema
      .optional()
      .meta({ description: 'In invoice.finalised of an invoice that shares its number and its charge with others' }),
  })
  .meta({ id: 'PublishedInvoice', description: 'An invoice as it was when the event occurred' });

export type InvoiceResource = ResourceOf<typeof publishedInvoiceSchema>;

/** An invoice that would be made, with neither number nor storage. */
export const invoicePreviewSchema = invoiceSchema
  .extend({
    number: z.null(),
    status: z.literal('draft'),
    cause: z.string().meta({ description: 'Why the invoice would be made', examples: ['renewal'] }),
  })
  .meta({ id: 'InvoicePreview', description: 'An invoice that would be made; nothing is stored' });

export type InvoicePreview = ResourceOf<typeof invoicePreviewSchema>;
