import type { CustomerResource } from '../../shared/contracts/customer-resource.ts';
import { plusLocalDays } from '../../shared/local-time.ts';
import { sumOf } from '../../shared/money.ts';
import { type Instant, later, type Period } from '../../shared/time.ts';
import type { BilledTo, CreditNote, Invoice } from '../invoice.ts';
import { creditAppliedLater } from '../invoice-balance.ts';
import type { Seller } from '../legal-entity/legal-entity.ts';
import type { TaxCategoryCode, TaxTotal } from '../tax/tax-calculator.ts';

/** A party as it stands on paper: as it was when the invoice was made. */
export type Party = {
  readonly name: string;
  readonly email: string | null;
  readonly address: NonNullable<CustomerResource['address']>;
  readonly country: string;
  readonly vatId: string | null;
};

/** Minor units. `amount` is before its discount; `net` after discounts and without tax. */
export type PrintedLine = {
  readonly description: string;
  readonly quantity: number;
  readonly period: Period | null;
  readonly amount: number;
  readonly discount: number;
  readonly net: number;
  readonly tax: number;
  /** A decimal such as `0.19`. */
  readonly taxRate: string;
  readonly taxCategory: TaxCategoryCode;
};

/** The last instant's day of a period that people and EN 16931 name by its days: the day before its end, which belongs to the next one. */
export const lastDayOf = ({ start, end }: Period, timezone: string): Instant => later(start, plusLocalDays(end, -1, timezone));

/** Everything that an invoice or a credit note says in writing, whatever it is written as. A credit note's amounts are positive: it is itself the minus. */
export type PrintedDocument = {
  readonly kind: 'invoice' | 'credit-note';
  readonly number: string;
  readonly issuedAt: Instant;
  readonly dueAt: Instant | null;
  readonly status: Invoice['status'];
  readonly locale: string;
  /** The customer's, in which days are written. */
  readonly timezone: string;
  readonly currency: string;
  readonly seller: Party;
  readonly buyer: Party;
  readonly period: Period | null;
  readonly lines: readonly PrintedLine[];
  readonly discounts: readonly { readonly name: string; readonly amount: number }[];
  /** Whether `amount` of a line, and the subtotal, include their tax. */
  readonly taxBehaviour: 'inclusive' | 'exclusive';
  readonly taxes: readonly TaxTotal[];
  readonly subtotal: number;
  readonly discount: number;
  readonly net: number;
  readonly tax: number;
  readonly total: number;
  readonly creditApplied: number;
  /** What a negative sum gave to the account credit. */
  readonly creditGranted: number;
  /** What a credit note gives back to where the money came from. An invoice does not change by what goes back later. */
  readonly refunded: number;
  readonly amountPaid: number;
  readonly amountDue: number;
  /** The invoice that a credit note corrects. */
  readonly corrects: { readonly number: string; readonly issuedAt: Instant } | null;
  /** Why a credit note was issued. */
  readonly reason: string | null;
};

const buyerOf = ({ name, email, address, country, vatId }: BilledTo): Party => ({ name, email, address: address ?? {}, country, vatId });

const sellerOf = ({ name, email, address, country, vatId }: Seller): Party => ({ name, email, address, country, vatId });

/** A finalised invoice as it is written. What is open of it is what is due now; a void one and a bad debt are due as they were. */
export function printedInvoice(invoice: Invoice): PrintedDocument {
  const { subtotal, discount, tax, total, creditGranted, amountPaid } = invoice;
  const creditApplied = invoice.creditApplied + creditAppliedLater(invoice);
  return {
    kind: 'invoice',
    number: invoice.number,
    issuedAt: invoice.issuedAt,
    dueAt: invoice.dueAt,
    status: invoice.status,
    locale: invoice.billedTo.locale,
    timezone: invoice.billedTo.timezone,
    currency: invoice.currency,
    seller: sellerOf(invoice.seller),
    buyer: buyerOf(invoice.billedTo),
    period: invoice.period.start === invoice.period.end ? null : invoice.period,
    lines: invoice.lines.map(({ description, quantity, period, amount, discount, net, tax, taxRate, taxCategory }) => ({
      ...{ description, quantity, period, amount, discount, net, tax, taxRate },
      taxCategory: taxCategory as TaxCategoryCode,
    })),
    discounts: invoice.discounts.map(({ name, amount }) => ({ name, amount })),
    taxBehaviour: invoice.taxBehaviour,
    taxes: invoice.taxes,
    ...{
      subtotal,
      discount,
      net: sumOf(invoice.lines.map((line) => line.net)),
      tax,
      total,
      creditApplied,
      creditGranted,
      refunded: 0,
      amountPaid,
    },
    amountDue: invoice.amountDue - creditAppliedLater(invoice) - amountPaid,
    corrects: null,
    reason: null,
  };
}

/** A credit note as it is written: the lines it gives back, each with its own tax, and one total a rate. */
export function printedCreditNote(invoice: Invoice, note: CreditNote): PrintedDocument {
  const written = printedInvoice(invoice);
  const lines = note.lines.map(({ line, amount, net, tax }): PrintedLine => {
    const { description, period, taxRate, taxCategory } = written.lines[line] as PrintedLine;
    const shown = invoice.taxBehaviour === 'inclusive' ? amount : net;
    return { description, quantity: 1, period, amount: shown, discount: 0, net, tax, taxRate, taxCategory };
  });
  const subtotal = sumOf(lines.map(({ amount }) => amount));
  return {
    ...written,
    kind: 'credit-note',
    number: note.number,
    issuedAt: note.issuedAt,
    dueAt: null,
    lines,
    discounts: [],
    taxes: taxesOf(written, lines),
    ...{ subtotal, discount: 0, net: note.net, tax: note.tax, total: note.total },
    ...{ creditApplied: 0, creditGranted: note.total - note.refund, refunded: note.refund, amountPaid: 0, amountDue: 0 },
    corrects: { number: invoice.number, issuedAt: invoice.issuedAt },
    reason: note.reason,
  };
}

/**
 * The invoice's taxes over what is given back. Where taxes stack on one line (GST and QST) its tax goes to each by its rate, the last one
 * taking what rounding leaves.
 */
function taxesOf({ taxes }: PrintedDocument, lines: readonly PrintedLine[]): TaxTotal[] {
  const groups = [...Map.groupBy(lines, ({ taxCategory, taxRate }) => `${taxCategory} ${taxRate}`).values()];
  return groups.flatMap((group) => {
    const [{ taxCategory, taxRate }] = group as [PrintedLine];
    const [taxable, tax] = [sumOf(group.map(({ net }) => net)), sumOf(group.map((line) => line.tax))];
    const single = taxes.filter((total) => total.category === taxCategory && Number(total.rate) === Number(taxRate));
    const levied = single.length > 0 ? single.slice(0, 1) : taxes.filter(({ category }) => category === taxCategory);
    const whole = sumOf(levied.map(({ rate }) => Math.round(Number(rate) * 1e6)));
    let left = tax;
    return levied.map((total, index) => {
      const share = index === levied.length - 1 ? left : Math.round((tax * Math.round(Number(total.rate) * 1e6)) / whole);
      left -= share;
      return { ...total, taxable, tax: share };
    });
  });
}
