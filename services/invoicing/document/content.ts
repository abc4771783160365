import { formatDate, formatMoney, formatPercent, regionName } from '../../shared/format.ts';
import type { Instant, Period } from '../../shared/time.ts';
import type { TaxTotal } from '../tax/tax-calculator.ts';
import { lastDayOf, type Party, type PrintedDocument, type PrintedLine } from './printed-document.ts';
import { fillIn, type Translation, translationFor } from './translations.ts';

/** A row of the table, formatted. */
export type Row = {
  readonly description: string;
  readonly detail: string;
  readonly quantity: string;
  readonly tax: string;
  readonly amount: string;
};

export type Total = { readonly label: string; readonly amount: string; readonly isMain: boolean };

/**
 * The texts of a document in the language of its reader, formatted and independent of the layout.
 */
export type Content = {
  readonly locale: string;
  readonly words: Translation;
  readonly title: string;
  readonly number: string;
  /** The status in words, such as Paid; null for a credit note. */
  readonly status: string | null;
  readonly facts: readonly (readonly [label: string, value: string])[];
  readonly seller: readonly string[];
  readonly buyer: readonly string[];
  readonly rows: readonly Row[];
  readonly totals: readonly Total[];
  readonly notes: readonly string[];
};

type Formatting = {
  readonly words: Translation;
  readonly timezone: string;
  readonly money: (amount: number) => string;
  readonly day: (at: Instant) => string;
  readonly percent: (rate: string) => string;
};

/**
 * All texts of a document, with the dates and amounts of its locale and in the customer's time
 * zone.
 */
export function contentOf(document: PrintedDocument): Content {
  const { locale, words } = translationFor(document.locale);
  const formatting: Formatting = {
    words,
    timezone: document.timezone,
    money: (amount) => formatMoney({ amount, currency: document.currency }, locale),
    day: (at) => formatDate(at, document.timezone, locale),
    percent: (rate) => formatPercent(rate, locale),
  };
  return {
    locale,
    words,
    title: document.kind === 'invoice' ? words.invoice : words.creditNote,
    number: document.number,
    status: document.kind === 'invoice' ? { ...words, paid: words.settled }[document.status] : null,
    facts: factsOf(document, formatting),
    seller: partyLines(document.seller, formatting, locale),
    buyer: partyLines(document.buyer, formatting, locale),
    rows: document.lines.map((line) => rowOf(line, formatting)),
    totals: totalsOf(document, formatting),
    notes: notesOf(document, formatting),
  };
}

function factsOf({ number, issuedAt, dueAt, amountDue, period }: PrintedDocument, formatting: Formatting): Content['facts'] {
  const { words, day } = formatting;
  return [
    [words.number, number],
    [words.issued, day(issuedAt)],
    ...(dueAt !== null && amountDue > 0 ? ([[words.due, day(dueAt)]] as const) : []),
    ...(period ? ([[words.period, daysOf(period, formatting)]] as const) : []),
  ];
}

const daysOf = (period: Period, { day, timezone }: Formatting): string => {
  const [first, last] = [day(period.start), day(lastDayOf(period, timezone))];
  return first === last ? first : `${first} – ${last}`;
};

const addressOrder = ['line1', 'line2', 'street', 'postalCode', 'city', 'region', 'state'];

/** Name, address (known fields first, in the order of a letter), country, VAT id, e-mail. */
function partyLines({ name, address, country, vatId, email }: Party, { words }: Formatting, locale: string): readonly string[] {
  const { postalCode, city, ...rest } = address;
  const fields = { ...rest, ...(postalCode || city ? { city: [postalCode, city].filter(Boolean).join(' ') } : {}) };
  const names = [
    ...addressOrder.filter((field) => field in fields),
    ...Object.keys(fields).filter((field) => !addressOrder.includes(field)),
  ];
  return [
    name,
    ...names.map((field) => String(fields[field as keyof typeof fields])),
    country === '' ? '' : regionName(country, locale),
    vatId === null ? '' : `${words.vatId}: ${vatId}`,
    email ?? '',
  ].filter((line) => line !== '');
}

const rowOf = (line: PrintedLine, formatting: Formatting): Row => ({
  description: line.description,
  detail: line.period ? daysOf(line.period, formatting) : '',
  quantity: String(line.quantity),
  tax: line.taxCategory === 'S' ? formatting.percent(line.taxRate) : '–',
  amount: formatting.money(line.amount),
});

function totalsOf(document: PrintedDocument, { words, money, percent }: Formatting): readonly Total[] {
  const isInclusive = document.taxBehaviour === 'inclusive';
  const row = (label: string, amount: number, isMain = false): Total => ({ label, amount: money(amount), isMain });
  const some = (label: string, amount: number): Total[] => (amount === 0 ? [] : [row(label, amount)]);
  const labelOf = ({ name, rate, taxable }: TaxTotal) => `${name} ${percent(rate)} (${words.net} ${money(taxable)})`;
  const taxes = document.taxes
    .filter(({ category }) => category === 'S')
    .map((total) => row(isInclusive ? fillIn(words.includes, { tax: labelOf(total) }) : labelOf(total), total.tax));
  return [
    row(words.subtotal, document.subtotal),
    ...document.discounts.map(({ name, amount }) => row(name, 0 - amount)),
    ...(isInclusive ? [] : taxes),
    row(words.total, document.total, true),
    ...(isInclusive ? taxes : []),
    ...some(words.creditApplied, 0 - document.creditApplied),
    ...some(words.paid, 0 - document.amountPaid),
    ...(document.kind === 'invoice' ? [row(words.amountDue, document.amountDue, true)] : []),
    ...some(words.creditGranted, document.creditGranted),
    ...some(words.refunded, document.refunded),
  ];
}

function notesOf({ taxes, corrects, reason }: PrintedDocument, { words, day }: Formatting): readonly string[] {
  const reasons = taxes.flatMap(({ note }) => (note === null ? [] : [note]));
  return [
    ...(corrects ? [fillIn(words.corrects, { number: corrects.number, date: day(corrects.issuedAt) })] : []),
    ...(reason === null ? [] : [`${words.reason}: ${reason}`]),
    ...new Set(reasons),
  ];
}
