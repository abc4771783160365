import { sumOf } from '../../shared/money.ts';
import { type Instant, later } from '../../shared/time.ts';
import { issuedAtOf, statusOf } from '../consolidation/consolidated-invoice.ts';
import type { Invoice } from '../invoice.ts';
import type { TaxTotal } from '../tax/tax-calculator.ts';
import { type PrintedDocument, printedInvoice } from './printed-document.ts';

/**
 * A consolidated invoice in print: the lines and sums of all its invoices. A void member is printed
 * as it was but is not due, unless all members are void.
 */
export function printedConsolidation(members: readonly Invoice[]): PrintedDocument {
  const printed = members.map(printedInvoice);
  const [first] = printed as [PrintedDocument];
  const status = statusOf(members);
  const issuedAt = issuedAtOf(members);
  const sum = (amountOf: (document: PrintedDocument) => number): number => sumOf(printed.map(amountOf));
  return {
    ...first,
    ...{ status, issuedAt, dueAt: issuedAt, period: periodOver(printed) },
    lines: printed.flatMap(({ lines }) => lines),
    discounts: printed.flatMap(({ discounts }) => discounts),
    taxes: taxesOver(printed),
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

function periodOver(printed: readonly PrintedDocument[]): PrintedDocument['period'] {
  const periods = printed.flatMap(({ period }) => period ?? []);
  const earlier = (left: Instant, right: Instant): Instant => (left < right ? left : right);
  if (periods.length === 0) return null;
  return { start: periods.map(({ start }) => start).reduce(earlier), end: periods.map(({ end }) => end).reduce(later) };
}

/** One row for each tax over all invoices: its taxable amount and the tax. */
function taxesOver(printed: readonly PrintedDocument[]): readonly TaxTotal[] {
  const keyOf = ({ taxable: _taxable, tax: _tax, ...kind }: TaxTotal): string => JSON.stringify(Object.entries(kind).sort());
  const groups = Map.groupBy(
    printed.flatMap(({ taxes }) => taxes),
    keyOf,
  );
  return [...groups.values()].map((rows) => ({
    ...(rows[0] as TaxTotal),
    taxable: sumOf(rows.map(({ taxable }) => taxable)),
    tax: sumOf(rows.map(({ tax }) => tax)),
  }));
}
