import { formatMoney } from '../../shared/format.ts';
import { allocate, portion, sumOf } from '../../shared/money.ts';
import { accept, type Result, reject } from '../../shared/result.ts';
import type { Instant } from '../../shared/time.ts';
import type { CreditedLine, CreditNote, Invoice, InvoiceLine } from '../invoice.ts';
import { amountDisputed, creditAppliedLater, moneyPaid } from '../invoice-balance.ts';

/**
 * Lines by their position on the invoice, or an amount over all of them, or amounts by line, or
 * none of these for everything that is left. With `refund` the part that was paid with money is
 * refunded; otherwise all of it becomes account credit.
 */
export type CreditNoteRequest = {
  readonly lines?: readonly number[] | undefined;
  readonly amount?: number | undefined;
  readonly amounts?: readonly LineAmount[] | undefined;
  readonly refund?: boolean | undefined;
  readonly reason: string;
};

/**
 * Minor units of one line in the terms of its price: with tax where prices are inclusive, otherwise
 * without. No more is credited than is left of the line.
 */
export type LineAmount = { readonly line: number; readonly amount: number };

/** The amount that the customer had to pay for a line: after its discount and with its tax. */
const payableOf = ({ amount, discount, tax }: InvoiceLine, { taxBehaviour }: Invoice): number =>
  amount - discount + (taxBehaviour === 'exclusive' ? tax : 0);

const creditedOf = ({ creditNotes }: Invoice, index: number): number =>
  creditNotes.flatMap(({ lines }) => lines).reduce((sum, { line, amount }) => (line === index ? sum + amount : sum), 0);

/**
 * The amount of each line that may still be credited; lines that are credits themselves have none.
 */
const leftOf = (invoice: Invoice): number[] =>
  invoice.lines.map((line, index) => Math.max(0, payableOf(line, invoice)) - creditedOf(invoice, index));

/**
 * The lines of a note, or why it is refused: `invoice-not-paid`, `line-not-found`,
 * `line-already-credited` or `exceeds-creditable`. Over all notes of an invoice, no line is
 * credited beyond its worth, their sum never exceeds the total of the invoice, and the tax of each
 * line is returned to the cent, because the rounded figure is the tax returned so far. Credit notes
 * bear the tax rate of the invoice that they correct (EN 16931).
 */
export function creditedBy(invoice: Invoice, { lines, amount, amounts }: CreditNoteRequest): Result<readonly CreditedLine[]> {
  if (invoice.status !== 'paid') return notPaid(invoice);
  const left = leftOf(invoice);
  if (amounts !== undefined) return creditedByLine(invoice, left, amounts);
  const refusal = lineRefusal(left, lines ?? []);
  if (refusal !== undefined) return refusal;
  const creditable = Math.min(invoice.total - sumOf(invoice.creditNotes.map(({ total }) => total)), sumOf(left));
  const chosen = lines === undefined ? left : left.map((each, index) => (lines.includes(index) ? each : 0));
  const requested = amount ?? Math.min(creditable, sumOf(chosen));
  if (requested > creditable || requested <= 0) return exceeded(creditable, invoice, amount === undefined ? '/lines' : '/amount');
  const parts = allocate(requested, chosen);
  return accept(parts.flatMap((part, index) => (part > 0 ? [creditedLine(invoice, index, part)] : [])));
}

const notPaid = ({ _id, status }: Invoice): Result<never> =>
  reject('invoice-not-paid', `Invoice ${_id} is ${status}; only a paid invoice can be credited. Void an open invoice instead.`);

const exceeded = (creditable: number, { currency }: Invoice, pointer: string): Result<never> =>
  reject('exceeds-creditable', `At most ${formatMoney({ amount: creditable, currency }, 'en')} can still be credited.`, pointer);

function lineRefusal(left: readonly number[], lines: readonly number[]): Result<never> | undefined {
  for (const [position, index] of lines.entries()) {
    const pointer = `/lines/${position}`;
    if (left[index] === undefined) return reject('line-not-found', `The invoice has no line ${index}; lines are counted from 0.`, pointer);
    if (left[index] === 0) return reject('line-already-credited', `Line ${index} has already been credited in full.`, pointer);
  }
  return undefined;
}

/**
 * Credits unused time. A line that was credited before contributes only the rest of it, so that an
 * earlier note never makes this one fail.
 */
function creditedByLine(invoice: Invoice, left: readonly number[], amounts: readonly LineAmount[]): Result<readonly CreditedLine[]> {
  const credited = amounts.flatMap(({ line: index, amount }) => {
    const line = invoice.lines[index];
    if (line === undefined) return [];
    const payable = portion(payableOf(line, invoice), amount, line.amount - line.discount);
    const part = Math.min(payable, left[index] ?? 0);
    return part > 0 ? [creditedLine(invoice, index, part)] : [];
  });
  if (credited.length > 0) return accept(credited);
  return reject('exceeds-creditable', 'These lines have already been credited in full.', '/lines');
}

function creditedLine(invoice: Invoice, index: number, amount: number): CreditedLine {
  const line = invoice.lines[index] as InvoiceLine;
  const before = creditedOf(invoice, index);
  const payable = payableOf(line, invoice);
  const tax = portion(line.tax, before + amount, payable) - portion(line.tax, before, payable);
  return { line: index, amount, net: amount - tax, tax };
}

/**
 * The invoice with one more note. A repeat of the same id changes nothing. Refused as in
 * `creditedBy`, or with `payment-disputed` where the refund would need money that a bank holds.
 */
export function withCreditNote(invoice: Invoice, id: string, number: string, request: CreditNoteRequest, at: Instant): Result<Invoice> {
  if (invoice.creditNotes.some((note) => note.id === id)) return accept(invoice);
  const credited = creditedBy(invoice, request);
  if (!credited.ok) return credited;
  const lines = credited.value;
  const [net, tax] = [sumOf(lines.map((line) => line.net)), sumOf(lines.map((line) => line.tax))];
  const total = net + tax;
  const refund = request.refund ? refundWithin(invoice, total) : 0;
  if (refund > 0 && refund > refundableOf(invoice) - amountDisputed(invoice)) return disputed(invoice);
  const note: CreditNote = { id, number, issuedAt: at, reason: request.reason, lines, net, tax, total, refund };
  return accept({ ...invoice, creditNotes: [...invoice.creditNotes, note], notesOwed: true });
}

function disputed(invoice: Invoice): Result<never> {
  const formatted = formatMoney({ amount: amountDisputed(invoice), currency: invoice.currency }, 'en');
  return reject('payment-disputed', `${formatted} of the payment is disputed with the bank and cannot be refunded as well.`);
}

/**
 * The part of a note that is refunded as money. The part that account credit had paid returns as
 * account credit first; and never more is refunded than was paid with money and is not refunded
 * yet.
 */
function refundWithin(invoice: Invoice, total: number): number {
  const returnedAsCredit = sumOf(invoice.creditNotes.map((note) => note.total - note.refund));
  const creditLeft = invoice.creditApplied + creditAppliedLater(invoice) - returnedAsCredit;
  return Math.max(0, Math.min(total - Math.max(0, creditLeft), refundableOf(invoice)));
}

/** Minor units that were paid with money and are neither refunded nor about to be. */
function refundableOf(invoice: Invoice): number {
  const { creditNotes, refunds = [] } = invoice;
  const byNote = sumOf(creditNotes.map((note) => note.refund));
  const withoutNote = sumOf(refunds.filter(({ creditNoteId }) => creditNoteId === null).map(({ amount }) => amount));
  return moneyPaid(invoice) - byNote - withoutNote;
}

/** Gives a note its number. A note that already has one keeps it. */
export const withNoteNumber = (invoice: Invoice, id: string, number: string): Invoice =>
  invoice.creditNotes.some((note) => note.id === id && note.number === '')
    ? { ...invoice, creditNotes: invoice.creditNotes.map((note) => (note.id === id ? { ...note, number } : note)) }
    : invoice;
