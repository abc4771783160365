import { z } from 'zod';
import { type MarqueeEvent, newEvent } from '../../shared/events.ts';
import { currency, minorUnits, utcInstant } from '../../shared/fields.ts';
import type { CreditNote, Invoice } from '../invoice.ts';

export const creditNoteSchema = z
  .object({
    id: z.string().meta({ examples: ['cn_1'] }),
    number: z.string().meta({ examples: ['MQ-CN-2026-000001'] }),
    issuedAt: utcInstant,
    reason: z.string(),
    lines: z.array(
      z.object({
        line: z.int().meta({ description: 'Line of the invoice, counted from 0' }),
        amount: minorUnits.meta({ description: 'Credited amount with tax' }),
        net: minorUnits,
        tax: minorUnits,
      }),
    ),
    net: minorUnits,
    tax: minorUnits,
    total: minorUnits,
    refund: minorUnits.meta({ description: 'Part of the total that is refunded; the rest is account credit' }),
    invoiceId: z.string(),
    invoiceNumber: z.string(),
    customerId: z.string(),
    subscriptionId: z.string(),
    currency,
  })
  .meta({ id: 'CreditNote', description: 'A correction of a paid invoice; amounts are positive minor units' });

export const creditNoteResource = (invoice: Invoice, note: CreditNote): z.infer<typeof creditNoteSchema> => ({
  ...note,
  lines: [...note.lines],
  invoiceId: invoice._id,
  invoiceNumber: invoice.number,
  customerId: invoice.customerId,
  subscriptionId: invoice.subscriptionId,
  currency: invoice.currency,
});

/**
 * The event of an issued note. `returned` is, for each line, the credited amount in the terms of
 * the price: with tax where prices are inclusive, otherwise without.
 */
export const creditNoteIssuedEvent = (invoice: Invoice, note: CreditNote): MarqueeEvent =>
  newEvent({
    type: 'credit-note.issued',
    subject: note.id,
    sequence: 1,
    time: note.issuedAt,
    customerId: invoice.customerId,
    testClock: invoice.testClock,
    data: {
      ...creditNoteResource(invoice, note),
      returned: note.lines.map(({ line, amount, net }) => ({
        planId: invoice.lines[line]?.planId ?? null,
        amount: invoice.taxBehaviour === 'inclusive' ? amount : net,
      })),
    },
  });
