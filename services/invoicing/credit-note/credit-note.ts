import { type MarqueeEvent, newEvent } from '../../shared/events.ts';
import { allocate, portion } from '../../shared/money.ts';
import { accept, type Result, reject } from '../../shared/result.ts';
import type { Instant } from '../../shared/time.ts';
import type { CreditedLine, CreditNote, Invoice, InvoiceLine } from '../invoice.ts';
import { amountDisputed, creditAppliedLater, moneyPaid } from '../invoice-balance.ts';

/**
 * Lines by their place on the invoice, or an amount over all of them, or amounts by line, or nothing of these for everything that is left.
 * With `refund` money goes back as far as money paid; else all becomes account credit.
 */
export type CreditNoteRequest = {
  readonly lines?: readonly number[] | undefined;
  readonly amount?: number | undefined;
  readonly amounts?: readonly LineAmount[] | undefined;
  readonly refund?: boolean | undefined;
  readonly reason: string;
};

/** Minor units of one line by the price's own terms: with tax where prices are inclusive, else without. No more than is left is given. */
export type LineAmount = { readonly line: number; readonly amount: number };

/** What the customer had to pay for a line: with its tax, after its discount. */
const worthOf = ({ amount, discount, tax }: InvoiceLine, { taxBehaviour }: Invoice): number =>
  amount - discount + (taxBehaviour === 'exclusive' ? tax : 0);

const creditedOf = ({ creditNotes }: Invoice, index: number): number =>
  creditNotes.flatMap(({ lines }) => lines).reduce((sum, { line, amount }) => (line === index ? sum + amount : sum), 0);

/** What may still be given back of each line; lines that are credits themselves have nothing to give. */
const leftOf = (invoice: Invoice): number[] =>
  invoice.lines.map((line, index) => Math.max(0, worthOf(line, invoice)) - creditedOf(invoice, index));

/**
 * The lines of a note, or why there is none. Over all notes of an invoice no line gives back more than it was worth, all together no more
 * than the invoice's total, and each line's tax is returned to the cent: what is rounded is the tax returned so far (EN 16931 knows credit
 * notes by the rate of the invoice they correct).
 */
export function creditedBy(invoice: Invoice, { lines, amount, amounts }: CreditNoteRequest): Result<readonly CreditedLine[]> {
  if (invoice.status !== 'paid') return reject('invoice-not-paid', `The invoice is ${invoice.status}; one that is open is voided instead.`);
  const left = leftOf(invoice);
  if (amounts !== undefined) return creditedByLine(invoice, left, amounts);
  const given = invoice.creditNotes.reduce((sum, { total }) => sum + total, 0);
  const most = Math.min(
    invoice.total - given,
    left.reduce((sum, each) => sum + each, 0),
  );
  for (const [position, index] of (lines ?? []).entries()) {
    const pointer = `/lines/${position}`;
    if (left[index] === undefined) return reject('line-not-found', `The invoice has no line ${index}.`, pointer);
    if (left[index] === 0) return reject('line-already-credited', `Nothing is left of line ${index}.`, pointer);
  }
  const chosen = lines === undefined ? left : left.map((each, index) => (lines.includes(index) ? each : 0));
  const wanted =
    amount ??
    Math.min(
      most,
      chosen.reduce((sum, each) => sum + each, 0),
    );
  if (wanted > most || wanted <= 0)
    return reject('exceeds-creditable', `At most ${most} can still be credited.`, amount === undefined ? '/lines' : '/amount');
  const parts = allocate(wanted, chosen);
  return accept(parts.flatMap((part, index) => (part > 0 ? [creditedLine(invoice, index, part)] : [])));
}

/** Used for time that is returned. What a line has no more is left out, so that a part that was credited before never fails the rest. */
function creditedByLine(invoice: Invoice, left: readonly number[], amounts: readonly LineAmount[]): Result<readonly CreditedLine[]> {
  const credited = amounts.flatMap(({ line: index, amount }) => {
    const line = invoice.lines[index];
    if (line === undefined) return [];
    const worth = portion(worthOf(line, invoice), amount, line.amount - line.discount);
    const part = Math.min(worth, left[index] ?? 0);
    return part > 0 ? [creditedLine(invoice, index, part)] : [];
  });
  return credited.length === 0 ? reject('exceeds-creditable', 'Nothing is left of these lines.', '/lines') : accept(credited);
}

function creditedLine(invoice: Invoice, index: number, amount: number): CreditedLine {
  const line = invoice.lines[index] as InvoiceLine;
  const before = creditedOf(invoice, index);
  const worth = worthOf(line, invoice);
  const tax = portion(line.tax, before + amount, worth) - portion(line.tax, before, worth);
  return { line: index, amount, net: amount - tax, tax };
}

/** The invoice with one more note. The same id again changes nothing. */
export function withCreditNote(invoice: Invoice, id: string, number: string, asked: CreditNoteRequest, at: Instant): Result<Invoice> {
  if (invoice.creditNotes.some((note) => note.id === id)) return accept(invoice);
  const credited = creditedBy(invoice, asked);
  if (!credited.ok) return credited;
  const lines = credited.value;
  const [net, tax] = [lines.reduce((sum, line) => sum + line.net, 0), lines.reduce((sum, line) => sum + line.tax, 0)];
  const total = net + tax;
  const refund = asked.refund ? refundWithin(invoice, total) : 0;
  if (refund > 0 && refund > refundableOf(invoice) - amountDisputed(invoice))
    return reject('payment-disputed', `${amountDisputed(invoice)} of what was paid is disputed, and not given back as well.`);
  const note: CreditNote = { id, number, issuedAt: at, reason: asked.reason, lines, net, tax, total, refund };
  return accept({ ...invoice, creditNotes: [...invoice.creditNotes, note], notesOwed: true });
}

/**
 * How much of a note goes back as money. What account credit had paid comes back as account credit first; and never more goes back than
 * came as money and is not on its way back already.
 */
function refundWithin(invoice: Invoice, total: number): number {
  const { creditApplied, creditNotes } = invoice;
  const creditLeft = creditApplied + creditAppliedLater(invoice) - creditNotes.reduce((sum, note) => sum + note.total - note.refund, 0);
  return Math.max(0, Math.min(total - Math.max(0, creditLeft), refundableOf(invoice)));
}

/** Minor units that came as money and are neither given back nor on their way back. */
function refundableOf(invoice: Invoice): number {
  const { creditNotes, refunds = [] } = invoice;
  const byNote = creditNotes.reduce((sum, note) => sum + note.refund, 0);
  const alone = refunds.reduce((sum, refund) => (refund.creditNoteId === null ? sum + refund.amount : sum), 0);
  return moneyPaid(invoice) - byNote - alone;
}

/** Gives a note the number it bears from now on. One that has a number keeps it. */
export const withNoteNumber = (invoice: Invoice, id: string, number: string): Invoice =>
  invoice.creditNotes.some((note) => note.id === id && note.number === '')
    ? { ...invoice, creditNotes: invoice.creditNotes.map((note) => (note.id === id ? { ...note, number } : note)) }
    : invoice;

export const creditNoteResource = (invoice: Invoice, note: CreditNote) => ({
  ...note,
  invoiceId: invoice._id,
  invoiceNumber: invoice.number,
  customerId: invoice.customerId,
  subscriptionId: invoice.subscriptionId,
  currency: invoice.currency,
});

/** Tells of a note, and per line what the price's own terms gave back: with tax where prices are inclusive, else without. */
export const creditNoteIssuedEvent = (invoice: Invoice, note: CreditNote): MarqueeEvent =>
  newEvent({
    type: 'credit-note.issued',
    subject: note.id,
    sequence: 1,
    time: note.issuedAt,
    customerId: invoice.customerId,
    testClock: invoice.testClock,
    data: {
      ...creditNoteResource(invoice, note),
      returned: note.lines.map(({ line, amount, net }) => ({
        planId: invoice.lines[line]?.planId ?? null,
        amount: invoice.taxBehaviour === 'inclusive' ? amount : net,
      })),
    },
  });
