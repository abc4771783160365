import { sumOf } from '../../shared/money.ts';
import { type Instant, later } from '../../shared/time.ts';
import { issuedAtOf, statusOf } from '../consolidation/consolidated-invoice.ts';
import type { Invoice } from '../invoice.ts';
import type { TaxTotal } from '../tax/tax-calculator.ts';
import { type PrintedDocument, printedInvoice } from './printed-document.ts';

/**
 * Several invoices of one number as the one document they are: all their lines, and their sums. One that was voided stands on it as it was, but
 * is not due, unless all of it is void.
 */
export function printedConsolidation(members: readonly Invoice[]): PrintedDocument {
  const written = members.map(printedInvoice);
  const [first] = written as [PrintedDocument];
  const status = statusOf(members);
  const issuedAt = issuedAtOf(members);
  const sum = (amountOf: (document: PrintedDocument) => number): number => sumOf(written.map(amountOf));
  return {
    ...first,
    ...{ status, issuedAt, dueAt: issuedAt, period: periodOver(written) },
    lines: written.flatMap(({ lines }) => lines),
    discounts: written.flatMap(({ discounts }) => discounts),
    taxes: taxesOver(written),
    subtotal: sum(({ subtotal }) => subtotal),
    discount: sum(({ discount }) => discount),
    net: sum(({ net }) => net),
    tax: sum(({ tax }) => tax),
    total: sum(({ total }) => total),
    creditApplied: sum(({ creditApplied }) => creditApplied),
    creditGranted: sum(({ creditGranted }) => creditGranted),
    amountPaid: sum(({ amountPaid }) => amountPaid),
    amountDue: sum((document) => (document.status === 'void' && status !== 'void' ? 0 : document.amountDue)),
  };
}

function periodOver(written: readonly PrintedDocument[]): PrintedDocument['period'] {
  const periods = written.flatMap(({ period }) => period ?? []);
  const sooner = (left: Instant, right: Instant): Instant => (left < right ? left : right);
  if (periods.length === 0) return null;
  return { start: periods.map(({ start }) => start).reduce(sooner), end: periods.map(({ end }) => end).reduce(later) };
}

/** One row a tax, as each invoice has one: what it was taken of, and what it came to. */
function taxesOver(written: readonly PrintedDocument[]): readonly TaxTotal[] {
  const keyOf = ({ taxable: _taxable, tax: _tax, ...kind }: TaxTotal): string => JSON.stringify(Object.entries(kind).sort());
  const groups = Map.groupBy(
    written.flatMap(({ taxes }) => taxes),
    keyOf,
  );
  return [...groups.values()].map((rows) => ({
    ...(rows[0] as TaxTotal),
    taxable: sumOf(rows.map(({ taxable }) => taxable)),
    tax: sumOf(rows.map(({ tax }) => tax)),
  }));
}
