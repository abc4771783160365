import { z } from 'zod';
import { currency, minorUnits, utcInstant } from '../fields.ts';
import { publishedInvoiceSchema } from './invoice-resource.ts';

const event = (description: string, example: object) => publishedInvoiceSchema.meta({ description, example });

const creditedLineSchema = z.object({
  line: z.int().meta({ description: 'Position of the line on the invoice, from 0', examples: [0] }),
  amount: minorUnits.meta({ description: 'Net and tax together' }),
  net: minorUnits.meta({ examples: [924] }),
  tax: minorUnits.meta({ examples: [175] }),
});

export const creditNoteSchema = z
  .object({
    id: z.string().meta({ examples: ['cn_1'] }),
    number: z.string().meta({ examples: ['MQ-CN-2026-000001'] }),
    issuedAt: utcInstant,
    reason: z.string().meta({ examples: ['Service was down'] }),
    lines: z.array(creditedLineSchema),
    net: minorUnits.meta({ examples: [924] }),
    tax: minorUnits.meta({ examples: [175] }),
    total: minorUnits,
    refund: minorUnits.meta({ description: 'Part of the total that is refunded; the rest becomes account credit' }),
    invoiceId: z.string().meta({ examples: ['inv_sub_1_1'] }),
    invoiceNumber: z.string().meta({ examples: ['MQ-2026-000042'] }),
    customerId: z.string().meta({ examples: ['cus_1'] }),
    subscriptionId: z.string().meta({ examples: ['sub_1'] }),
    currency,
  })
  .meta({ id: 'PublishedCreditNote', description: 'A correction of a finalised invoice; amounts in minor units of its currency' });

export const invoiceEvents = {
  'invoice.finalised': event('An invoice was finalised: its lines, tax and number no longer change.', {
    status: 'open',
    amountPaid: 0,
    attempts: [],
  }),
  'invoice.payment-recorded': event('An offline payment was recorded on an invoice.', { status: 'open' }),
  'invoice.paid': event('An invoice was paid in full.', { status: 'paid' }),
  'invoice.reopened': event('A refund made a paid invoice due again.', { status: 'open' }),
  'invoice.voided': event('An invoice was voided: it is no longer due.', { status: 'void' }),
  'invoice.marked-uncollectible': event('An invoice was given up as a bad debt.', { status: 'uncollectible' }),
  'credit-note.issued': creditNoteSchema
    .extend({
      returned: z
        .array(
          z.object({
            planId: z
              .string()
              .nullable()
              .meta({ examples: ['plan_premium'] }),
            amount: minorUnits,
          }),
        )
        .meta({ description: 'Amount of each line in the terms of the price: with tax where prices contain it' }),
    })
    .meta({ description: 'A credit note was issued.' }),
};
