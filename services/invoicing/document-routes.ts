import { notFound, type Problem } from '../shared/problem.ts';
import { accept, type Result } from '../shared/result.ts';
import { type Route, type RouteResponse, refused, route } from '../shared/route.ts';
import { membersOf } from './consolidation/consolidated-invoice.ts';
import { eInvoiceOf } from './document/e-invoice.ts';
import { htmlOf } from './document/html.ts';
import { pdfOf } from './document/pdf.ts';
import { printedConsolidation } from './document/printed-consolidation.ts';
import { type PrintedDocument, printedCreditNote, printedInvoice } from './document/printed-document.ts';
import type { Invoice } from './invoice.ts';
import type { InvoiceStore } from './store.ts';

type Format = { readonly type: string; readonly write: (document: PrintedDocument) => Result<string | Buffer> | Promise<Result<Buffer>> };

/** By the ending of the path. A page loads nothing and runs nothing, whatever a name on it says. */
export const formats: Readonly<Record<string, Format>> = {
  pdf: { type: 'application/pdf', write: async (document) => accept(await pdfOf(document)) },
  html: { type: 'text/html; charset=utf-8', write: (document) => accept(htmlOf(document)) },
  xml: { type: 'application/xml; charset=utf-8', write: eInvoiceOf },
};

export const standardOf = (ending: string): string => (ending === 'xml' ? ' (UBL 2.1, EN 16931)' : '');

export async function respondIn({ type, write }: Format, ending: string, document: PrintedDocument): Promise<RouteResponse | Problem> {
  const headers = {
    'content-type': type,
    'content-disposition': `inline; filename="${document.number}.${ending}"`,
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
    'cache-control': 'private, no-cache',
  };
  const written = await write(document);
  return written.ok ? { status: 200, body: written.value, headers } : refused(written.rejection);
}

/** An invoice in writing; one that shares its number with others is written as what they are together. */
async function printedDocumentOf(invoices: InvoiceStore, invoice: Invoice): Promise<PrintedDocument> {
  if (invoice.consolidation === undefined) return printedInvoice(invoice);
  return printedConsolidation(await membersOf(invoices, invoice.consolidation));
}

/** Invoices and credit notes in writing, in the customer's language. */
export const documentRoutes = (invoices: InvoiceStore): readonly Route[] =>
  Object.entries(formats).flatMap(([ending, format]) => [
    route({
      method: 'get',
      path: `/v1/invoices/:id.${ending}`,
      scope: 'invoices:read',
      summary: `An invoice as ${ending.toUpperCase()}${standardOf(ending)}`,
      handle: async ({ params: { id = '' } }) => {
        const invoice = (await invoices.find([id])).get(id);
        return invoice ? respondIn(format, ending, await printedDocumentOf(invoices, invoice)) : notFound('invoice', id);
      },
    }),
    route({
      method: 'get',
      path: `/v1/invoices/:id/credit-notes/:noteId.${ending}`,
      scope: 'invoices:read',
      summary: `A credit note as ${ending.toUpperCase()}${standardOf(ending)}`,
      handle: async ({ params: { id = '', noteId = '' } }) => {
        const invoice = (await invoices.find([id])).get(id);
        const note = invoice?.creditNotes.find((issued) => issued.id === noteId);
        return invoice && note ? respondIn(format, ending, printedCreditNote(invoice, note)) : notFound('credit-note', noteId);
      },
    }),
  ]);
