import type { CustomerResource } from '../../shared/contracts/customer-resource.ts';
import { plusLocalDays } from '../../shared/local-time.ts';
import { sumOf } from '../../shared/money.ts';
import { pick } from '../../shared/pick.ts';
import { type Instant, later, type Period } from '../../shared/time.ts';
import type { BilledTo, CreditNote, Invoice } from '../invoice.ts';
import { creditAppliedLater } from '../invoice-balance.ts';
import type { Seller } from '../legal-entity/legal-entity.ts';
import type { TaxCategoryCode, TaxTotal } from '../tax/tax-calculator.ts';

/** A seller or buyer in print, as it was when the invoice was made. */
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

/**
 * The last day of a period, for people and EN 16931: the day before its end, which belongs to the
 * next period.
 */
export const lastDayOf = ({ start, end }: Period, timezone: string): Instant => later(start, plusLocalDays(end, -1, timezone));

/**
 * The content of an invoice or a credit note in print, in any format. Amounts are minor units. The
 * amounts of a credit note are positive, because the document itself is the minus.
 */
export type PrintedDocument = {
  readonly kind: 'invoice' | 'credit-note';
  readonly number: string;
  readonly issuedAt: Instant;
  readonly dueAt: Instant | null;
  readonly status: Invoice['status'];
  readonly locale: string;
  /** Time zone of the customer, in which days are printed. */
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
  /** Account credit that a negative sum granted. */
  readonly creditGranted: number;
  /** The refunded part of a credit note. Later refunds do not change the document of an invoice. */
  readonly refunded: number;
  readonly amountPaid: number;
  readonly amountDue: number;
  /** The invoice that a credit note corrects. */
  readonly corrects: { readonly number: string; readonly issuedAt: Instant } | null;
  /** Why a credit note was issued. */
  readonly reason: string | null;
};

const partyOf = ({ name, email, address, country, vatId }: BilledTo | Seller): Party => ({
  name,
  email,
  address: address ?? {},
  country,
  vatId,
});

const lineFields = [
  ...(['description', 'quantity', 'period', 'amount', 'discount', 'net', 'tax'] as const),
  ...(['taxRate', 'taxCategory'] as const),
];

/**
 * A finalised invoice in print. The amount due is what is still unpaid; a void or uncollectible
 * invoice is printed with the amount that was due.
 */
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
    seller: partyOf(invoice.seller),
    buyer: partyOf(invoice.billedTo),
    period: invoice.period.start === invoice.period.end ? null : invoice.period,
    lines: invoice.lines.map((line) => pick(line, lineFields)),
    discounts: invoice.discounts.map((discount) => pick(discount, ['name', 'amount'])),
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

/**
 * A credit note in print: the credited lines, each with its tax, and one tax total for each rate.
 */
export function printedCreditNote(invoice: Invoice, note: CreditNote): PrintedDocument {
  const printed = printedInvoice(invoice);
  const lines = note.lines.map(({ line, amount, net, tax }): PrintedLine => {
    const { description, period, taxRate, taxCategory } = printed.lines[line] as PrintedLine;
    const printedAmount = invoice.taxBehaviour === 'inclusive' ? amount : net;
    return { description, quantity: 1, period, amount: printedAmount, discount: 0, net, tax, taxRate, taxCategory };
  });
  const subtotal = sumOf(lines.map(({ amount }) => amount));
  return {
    ...printed,
    kind: 'credit-note',
    number: note.number,
    issuedAt: note.issuedAt,
    dueAt: null,
    lines,
    discounts: [],
    taxes: taxesOf(printed, lines),
    ...{ subtotal, discount: 0, net: note.net, tax: note.tax, total: note.total },
    ...{ creditApplied: 0, creditGranted: note.total - note.refund, refunded: note.refund, amountPaid: 0, amountDue: 0 },
    corrects: { number: invoice.number, issuedAt: invoice.issuedAt },
    reason: note.reason,
  };
}

/**
 * The taxes of the invoice over the credited lines. Where taxes stack on one line (GST and QST),
 * its tax is divided by their rates, and the last one receives the rounding difference.
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
