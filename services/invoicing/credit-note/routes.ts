import { z } from 'zod';
import { nowOn } from '../../shared/domain-time.ts';
import { amount } from '../../shared/fields.ts';
import { pageSchema } from '../../shared/list.ts';
import { isProblem, notFound } from '../../shared/problem.ts';
import { created, ok, type Route, route } from '../../shared/route.ts';
import { type InvoicingParts, largestAmount } from '../routes.ts';
import { creditNoteResource, creditNoteSchema } from './credit-note-resource.ts';
import type { CreditNoteIssuer } from './issue-credit-note.ts';

const creditNoteBody = z
  .strictObject({
    lines: z
      .array(z.int().min(0))
      .min(1)
      .max(500)
      .optional()
      .meta({ description: 'Lines of the invoice to credit in full, counted from 0', examples: [[0]] }),
    amount: amount.max(largestAmount).optional().meta({ description: 'Minor units to credit over all lines' }),
    reason: z.string().min(1).max(500),
    refund: z.boolean().default(false).meta({ description: 'Refund the part that was paid with money instead of granting credit' }),
  })
  .refine(({ lines, amount }) => lines === undefined || amount === undefined, {
    path: ['amount'],
    message: 'Send either lines or an amount, not both.',
  })
  .refine(({ lines = [] }) => new Set(lines).size === lines.length, { path: ['lines'], message: 'List each line only once.' })
  .meta({ id: 'IssueCreditNote' });

/** Credit notes: corrections of invoices that are paid. */
export const creditNoteRoutes = ({ platform, invoices }: InvoicingParts, creditNotes: CreditNoteIssuer): readonly Route[] => [
  route({
    method: 'post',
    path: '/v1/invoices/:id/credit-notes',
    scope: 'invoices:write',
    operationId: 'issueCreditNote',
    summary: 'Issue a credit note',
    description:
      'Credits a paid invoice: the given lines, the given amount in minor units, or everything that is left of it. The amount becomes account credit. With refund, the part that was paid with money is refunded to the payment method instead. A repeat with the same Idempotency-Key returns the first credit note.',
    body: creditNoteBody,
    responses: { 201: creditNoteSchema },
    problems: [
      'invoice-not-found',
      'invoice-not-paid',
      'line-not-found',
      'line-already-credited',
      'exceeds-creditable',
      'payment-disputed',
    ],
    handle: async ({ params: { id = '' }, body, idempotencyKey }) => {
      const invoice = (await invoices.find([id])).get(id);
      if (!invoice) return notFound('invoice', id);
      const note = await creditNotes.issue(invoice, body, idempotencyKey, await nowOn(platform, invoice.testClock));
      return isProblem(note) ? note : created(creditNoteResource(invoice, note));
    },
  }),
  route({
    method: 'get',
    path: '/v1/invoices/:id/credit-notes',
    scope: 'invoices:read',
    operationId: 'listCreditNotes',
    summary: 'List the credit notes of an invoice',
    description: 'Lists all credit notes of an invoice in the order in which they were issued, in one page.',
    responses: { 200: pageSchema(creditNoteSchema) },
    problems: ['invoice-not-found'],
    handle: async ({ params: { id = '' } }) => {
      const invoice = (await invoices.find([id])).get(id);
      if (!invoice) return notFound('invoice', id);
      const numbered = invoice.creditNotes.filter(({ number }) => number !== '');
      return ok({ data: numbered.map((note) => creditNoteResource(invoice, note)), nextCursor: null });
    },
  }),
];
