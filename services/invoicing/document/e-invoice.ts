import { create } from 'xmlbuilder2';
import { localDay } from '../../shared/local-time.ts';
import { sumOf } from '../../shared/money.ts';
import { accept, type Result } from '../../shared/result.ts';
import type { Instant } from '../../shared/time.ts';
import { linesOf } from './e-invoice-lines.ts';
import { buyerOf, sellerOf } from './e-invoice-parties.ts';
import { refusalOf } from './e-invoice-refusal.ts';
import { type TaxGroup, taxGroupsOf, taxTotalOf } from './e-invoice-taxes.ts';
import { amountIn, type Content, periodOf, textOf } from './e-invoice-values.ts';
import type { PrintedDocument } from './printed-document.ts';

const schema = 'urn:oasis:names:specification:ubl:schema:xsd';

/**
 * The document as UBL 2.1 (ISO/IEC 19845) that satisfies the core invoice of EN 16931-1:2017, with
 * sums exact to the minor unit. Refused with an `e-invoice-*` code where those rules cannot hold.
 */
export function eInvoiceOf(document: PrintedDocument): Result<string> {
  const groups = taxGroupsOf(document);
  const rejection = refusalOf(document, groups);
  if (rejection !== undefined) return { ok: false, rejection };
  const content = document.kind === 'invoice' ? invoiceOf(document, groups) : creditNoteOf(document, groups);
  // People enter names, and XML 1.0 allows no control characters, not even escaped.
  return accept(create({ version: '1.0', encoding: 'UTF-8', invalidCharReplacement: '' }, content).end({ prettyPrint: true }));
}

/** EN 16931 has calendar days without a zone: those of the customer are used. */
const dayOf = (instant: Instant, { timezone }: PrintedDocument): string => localDay(instant, timezone);

const rootOf = (name: string): Record<string, Content> => ({
  '@xmlns': `${schema}:${name}-2`,
  '@xmlns:cac': `${schema}:CommonAggregateComponents-2`,
  '@xmlns:cbc': `${schema}:CommonBasicComponents-2`,
  'cbc:CustomizationID': 'urn:cen.eu:en16931:2017',
});

const invoiceOf = (document: PrintedDocument, groups: readonly TaxGroup[]): Record<string, Content> => ({
  Invoice: {
    ...rootOf('Invoice'),
    'cbc:ID': document.number,
    'cbc:IssueDate': dayOf(document.issuedAt, document),
    // An amount to be paid requires a due date (BR-CO-25).
    'cbc:DueDate': dayOf(document.dueAt ?? document.issuedAt, document),
    'cbc:InvoiceTypeCode': '380',
    'cbc:Note': textOf(document.reason),
    ...restOf(document, groups),
    'cac:InvoiceLine': linesOf(document),
  },
});

const creditNoteOf = (document: PrintedDocument, groups: readonly TaxGroup[]): Record<string, Content> => ({
  CreditNote: {
    ...rootOf('CreditNote'),
    'cbc:ID': document.number,
    'cbc:IssueDate': dayOf(document.issuedAt, document),
    'cbc:CreditNoteTypeCode': '381',
    'cbc:Note': textOf(document.reason),
    ...restOf(document, groups),
    'cac:CreditNoteLine': linesOf(document),
  },
});

/** The elements that both kinds have, in the same order. */
const restOf = (document: PrintedDocument, groups: readonly TaxGroup[]): Record<string, Content | undefined> => ({
  'cbc:DocumentCurrencyCode': document.currency,
  'cac:InvoicePeriod': periodOf(document.period, document.timezone),
  'cac:BillingReference': document.corrects === null ? undefined : referenceTo(document.corrects, document),
  'cac:AccountingSupplierParty': sellerOf(document),
  'cac:AccountingCustomerParty': buyerOf(document),
  'cac:TaxTotal': taxTotalOf(groups, document.currency),
  'cac:LegalMonetaryTotal': totalsOf(document, groups),
});

/** BG-3. */
const referenceTo = ({ number, issuedAt }: NonNullable<PrintedDocument['corrects']>, document: PrintedDocument): Content => ({
  'cac:InvoiceDocumentReference': { 'cbc:ID': number, 'cbc:IssueDate': dayOf(issuedAt, document) },
});

/**
 * BG-22, from the lines, so that sums equal their parts (BR-CO-10, BR-CO-13, BR-CO-15). The part
 * that is not due counts as prepaid (BR-CO-16): payments, applied account credit, and as a minus
 * the account credit that a negative sum granted.
 */
function totalsOf({ currency, lines, amountDue }: PrintedDocument, groups: readonly TaxGroup[]): Content {
  const amount = amountIn(currency);
  const net = sumOf(lines.map((line) => line.net));
  const total = net + sumOf(groups.map(({ tax }) => tax));
  return {
    'cbc:LineExtensionAmount': amount(net),
    'cbc:TaxExclusiveAmount': amount(net),
    'cbc:TaxInclusiveAmount': amount(total),
    'cbc:PrepaidAmount': total === amountDue ? undefined : amount(total - amountDue),
    'cbc:PayableAmount': amount(amountDue),
  };
}
