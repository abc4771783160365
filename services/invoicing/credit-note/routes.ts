import { z } from 'zod';
import { nowOn } from '../../shared/domain-time.ts';
import { isProblem, notFound } from '../../shared/problem.ts';
import { created, ok, type Route, route } from '../../shared/route.ts';
import type { InvoicingParts } from '../routes.ts';
import { creditNoteResource } from './credit-note.ts';
import type { CreditNoteIssuer } from './issue-credit-note.ts';

const noteBody = z
  .strictObject({
    lines: z.array(z.number().int().min(0)).min(1).max(500).optional(),
    amount: z.number().int().min(1).max(1_000_000_000_000).optional(),
    reason: z.string().min(1).max(500),
    refund: z.boolean().default(false),
  })
  .refine(({ lines, amount }) => lines === undefined || amount === undefined, {
    path: ['amount'],
    message: 'Name lines or an amount, not both.',
  })
  .refine(({ lines = [] }) => new Set(lines).size === lines.length, { path: ['lines'], message: 'Name each line once.' });

/** Credit notes: corrections of invoices that are paid. */
export const creditNoteRoutes = ({ platform, invoices }: InvoicingParts, creditNotes: CreditNoteIssuer): readonly Route[] => [
  route({
    method: 'post',
    path: '/v1/invoices/:id/credit-notes',
    scope: 'invoices:write',
    summary:
      'Credit a paid invoice, by line, by amount or what is left of it; as account credit, or with `refund` back to where the money came from',
    body: noteBody,
    handle: async ({ params: { id = '' }, body: asked, idempotencyKey }) => {
      const invoice = (await invoices.find([id])).get(id);
      if (!invoice) return notFound('invoice', id);
      const note = await creditNotes.issue(invoice, asked, idempotencyKey, await nowOn(platform, invoice.testClock));
      return isProblem(note) ? note : created(creditNoteResource(invoice, note));
    },
  }),
  route({
    method: 'get',
    path: '/v1/invoices/:id/credit-notes',
    scope: 'invoices:read',
    summary: 'The credit notes of an invoice, in the order they were issued',
    handle: async ({ params: { id = '' } }) => {
      const invoice = (await invoices.find([id])).get(id);
      if (!invoice) return notFound('invoice', id);
      return ok({
        data: invoice.creditNotes.filter(({ number }) => number !== '').map((note) => creditNoteResource(invoice, note)),
        nextCursor: null,
      });
    },
  }),
];
