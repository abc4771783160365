import { notFound, type Problem } from '../shared/problem.ts';
import type { ProblemCode } from '../shared/problems/index.ts';
import { accept, type Result } from '../shared/result.ts';
import { type ResponseBody, type Route, type RouteResponse, refused, route } from '../shared/route.ts';
import { membersOf } from './consolidation/consolidated-invoice.ts';
import type { ConsolidationStore } from './consolidation/store.ts';
import { eInvoiceOf } from './document/e-invoice.ts';
import { eInvoiceProblems } from './document/e-invoice-refusal.ts';
import { htmlOf } from './document/html.ts';
import { pdfOf } from './document/pdf.ts';
import { printedConsolidation } from './document/printed-consolidation.ts';
import { type PrintedDocument, printedCreditNote, printedInvoice } from './document/printed-document.ts';
import type { Invoice } from './invoice.ts';
import type { InvoiceStore } from './store.ts';

/** One file format of the documents, known by the extension of the path. */
export type Format = {
  readonly extension: string;
  /** Capitalised, for operation ids. */
  readonly name: string;
  readonly summary: string;
  readonly description: string;
  readonly contentType: string;
  readonly responses: Readonly<Record<200, ResponseBody>>;
  readonly problems: readonly ProblemCode[];
  readonly write: (document: PrintedDocument) => Result<string | Buffer> | Promise<Result<Buffer>>;
};

export const formats: readonly Format[] = [
  {
    extension: 'pdf',
    name: 'Pdf',
    summary: 'as PDF',
    description: "The text is in the customer's language, with fonts embedded.",
    contentType: 'application/pdf',
    responses: { 200: { media: { 'application/pdf': 'binary' } } },
    problems: [],
    write: async (document) => accept(await pdfOf(document)),
  },
  {
    extension: 'html',
    name: 'Html',
    summary: 'as HTML',
    description: "The page is in the customer's language and loads nothing from elsewhere.",
    contentType: 'text/html; charset=utf-8',
    responses: { 200: { media: { 'text/html': 'text' } } },
    problems: [],
    write: (document) => accept(htmlOf(document)),
  },
  {
    extension: 'xml',
    name: 'EInvoice',
    summary: 'as e-invoice',
    description: 'The e-invoice is UBL 2.1 and follows EN 16931. It is refused where the document cannot satisfy the rules of EN 16931.',
    contentType: 'application/xml; charset=utf-8',
    responses: { 200: { media: { 'application/xml': 'text' } } },
    problems: eInvoiceProblems,
    write: eInvoiceOf,
  },
];

/** The document as a file. A page loads and runs nothing, whatever a name on it contains. */
export async function respondIn({ contentType, extension, write }: Format, document: PrintedDocument): Promise<RouteResponse | Problem> {
  const headers = {
    'content-type': contentType,
    'content-disposition': `inline; filename="${document.number}.${extension}"`,
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
    'cache-control': 'private, no-cache',
  };
  const written = await write(document);
  return written.ok ? { status: 200, body: written.value, headers } : refused(written.rejection);
}

/**
 * An invoice in print; one that shares its number with others is printed as their consolidated
 * invoice.
 */
async function printedDocumentOf(
  invoices: InvoiceStore,
  consolidations: Pick<ConsolidationStore, 'find'>,
  invoice: Invoice,
): Promise<PrintedDocument> {
  const [consolidation] = invoice.consolidation ? await consolidations.find([invoice.consolidation.id]) : [];
  return consolidation?.basis ? printedConsolidation(await membersOf(invoices, consolidation.basis)) : printedInvoice(invoice);
}

/** Invoices and credit notes as files, in the customer's language. */
export const documentRoutes = (invoices: InvoiceStore, consolidations: Pick<ConsolidationStore, 'find'>): readonly Route[] =>
  formats.flatMap((format) => [
    route({
      method: 'get',
      path: `/v1/invoices/:id.${format.extension}`,
      scope: 'invoices:read',
      operationId: `retrieveInvoice${format.name}`,
      summary: `Retrieve an invoice ${format.summary}`,
      description: `Returns the document of an invoice. ${format.description} An invoice that is a part of a consolidated invoice returns the document of the whole.`,
      responses: format.responses,
      problems: ['invoice-not-found', ...format.problems],
      handle: async ({ params: { id = '' } }) => {
        const invoice = (await invoices.find([id])).get(id);
        return invoice ? respondIn(format, await printedDocumentOf(invoices, consolidations, invoice)) : notFound('invoice', id);
      },
    }),
    route({
      method: 'get',
      path: `/v1/invoices/:id/credit-notes/:noteId.${format.extension}`,
      scope: 'invoices:read',
      operationId: `retrieveCreditNote${format.name}`,
      summary: `Retrieve a credit note ${format.summary}`,
      description: `Returns the document of a credit note. ${format.description}`,
      responses: format.responses,
      problems: ['credit-note-not-found', ...format.problems],
      handle: async ({ params: { id = '', noteId = '' } }) => {
        const invoice = (await invoices.find([id])).get(id);
        const note = invoice?.creditNotes.find((issued) => issued.id === noteId);
        return invoice && note ? respondIn(format, printedCreditNote(invoice, note)) : notFound('credit-note', noteId);
      },
    }),
  ]);
