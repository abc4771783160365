import { z } from 'zod';
import { invoiceLineSchema, invoiceTaxSchema } from '../shared/contracts/invoice-resource.ts';
import { currency, minorUnits } from '../shared/fields.ts';
import type { Invoice } from './invoice.ts';

const lineExplanationSchema = invoiceLineSchema
  .extend({
    net: minorUnits.meta({ description: 'Amount after discounts and without tax' }),
    planVersion: z.int().nullable().meta({ description: 'Version of the plan that set the price' }),
    discounts: z.array(z.object({ couponId: z.string(), percent: z.number().nullable(), base: minorUnits, share: minorUnits })),
    event: z.string().meta({ description: 'Event that requested the invoice' }),
    rule: z.string().meta({ description: 'Billing rule of the line' }),
    unit: z.enum(['day', 'second']),
    numerator: z.int().meta({ description: 'Units that are charged' }),
    denominator: z.int().meta({ description: 'Units of the whole period' }),
    base: minorUnits.meta({ description: 'Price of the whole period; base times numerator over denominator is the amount' }),
  })
  .meta({ id: 'InvoiceLineExplanation' });

export const explanationSchema = z
  .object({
    invoiceId: z.string(),
    number: z.string(),
    cause: z.string().meta({ description: 'Why the invoice was requested', examples: ['renewal'] }),
    event: z.string().meta({ description: 'Event that requested the invoice' }),
    currency,
    seller: z.string().meta({ description: 'Id of the legal entity that sells' }),
    tax: z.object({ behaviour: z.enum(['inclusive', 'exclusive']), totals: z.array(invoiceTaxSchema) }),
    lines: z.array(lineExplanationSchema),
  })
  .meta({ id: 'InvoiceExplanation', description: 'The facts that each line was computed from, as stored; amounts in minor units' });

/** The event, rule, fraction, price version, coupons and tax behind each line, as stored. */
export const explainInvoice = (invoice: Invoice) => ({
  invoiceId: invoice._id,
  number: invoice.number,
  cause: invoice.cause,
  event: invoice.causeEvent,
  currency: invoice.currency,
  seller: invoice.seller.id,
  tax: { behaviour: invoice.taxBehaviour, totals: invoice.taxes },
  lines: invoice.lines.map(({ explanation, net, ...line }, index) => ({
    ...line,
    net,
    discounts: invoice.discounts.flatMap(({ couponId, percent, base, shares }) =>
      shares[index] ? [{ couponId, percent, base, share: shares[index] }] : [],
    ),
    event: invoice.causeEvent,
    ...explanation,
  })),
});
