import { type Content, contentOf, type Row } from './content.ts';
import { createPdfWriter, type PdfWriter, type Span, type Style } from './pdf-writer.ts';
import type { PrintedDocument } from './printed-document.ts';
import { fillIn } from './translations.ts';

const margin = 48;
const [grey, faint] = ['#666666', '#d0d0d0'];
const text: Style = { size: 9.5 };
const small: Style = { size: 8.5, colour: grey };
const strong: Style = { size: 9.5, weight: 'Bold' };
const leading = 14;

/** Countries where paper is not A4. */
const letterCountries = new Set(['US', 'CA', 'MX', 'PH', 'CL', 'CO', 'CR', 'GT', 'PA', 'PR', 'SV', 'VE']);

/** The document as a PDF, written in this process. The same document gives the same bytes. */
export async function pdfOf(document: PrintedDocument): Promise<Buffer> {
  const content = contentOf(document);
  const writer = createPdfWriter({
    locale: content.locale,
    size: letterCountries.has(document.buyer.country) ? 'LETTER' : 'A4',
    title: `${content.title} ${content.number}`,
    author: document.seller.name,
    createdAt: document.issuedAt,
  });
  const afterHead = head(writer, content);
  const afterRows = table(writer, content, afterHead);
  const afterTotals = totals(writer, content, afterRows);
  notes(writer, content, afterTotals);
  footers(writer, content, document.seller.name);
  return writer.finished();
}

const wholeWidth = ({ pageWidth }: PdfWriter): Span => ({ x: margin, width: pageWidth - 2 * margin });

/** The next baseline with this much room below it: `y`, or the top of a new page. */
function withRoom(writer: PdfWriter, y: number, needed: number, onNewPage: (top: number) => number = (top) => top): number {
  if (y + needed <= writer.height - margin - leading) return y;
  writer.nextPage();
  return onNewPage(margin + leading);
}

function head(writer: PdfWriter, { title, status, seller, buyer, facts, words }: Content): number {
  const whole = wholeWidth(writer);
  const half = whole.width / 2 - 12;
  const second: Span = { x: margin + half + 24, width: half };
  const [name = '', ...details] = seller;
  writer.line(name, { x: margin, width: half }, margin + 18, { size: 13, weight: 'Bold' });
  writer.line(title, { ...second, align: 'end' }, margin + 18, { size: 20, weight: 'Bold' });
  if (status !== null) writer.line(status, { ...second, align: 'end' }, margin + 36, small);
  const sellerEnd = block(writer, details, { x: margin, width: half }, margin + 36, small);
  const top = Math.max(sellerEnd, margin + 60) + leading;
  writer.line(words.billedTo, { x: margin, width: half }, top, small);
  const buyerEnd = block(writer, buyer, { x: margin, width: half }, top + leading, text);
  const factsEnd = facts.reduce((y, [label, value]) => {
    writer.line(label, second, y, small);
    return block(writer, [value], { x: second.x + 60, width: half - 60, align: 'end' }, y, text);
  }, top);
  return Math.max(buyerEnd, factsEnd) + leading;
}

/** Draws lines below each other, wrapped to the width, and returns the next baseline. */
function block(writer: PdfWriter, lines: readonly string[], span: Span, y: number, style: Style): number {
  const cut = lines.flatMap((line) => writer.wrapped(line, span.width, style));
  for (const [index, line] of cut.entries()) writer.line(line, span, y + index * leading, style);
  return y + cut.length * leading;
}

const columnsOf = (writer: PdfWriter) => {
  const { width } = wholeWidth(writer);
  return {
    description: { x: margin, width: width - 230 },
    quantity: { x: margin + width - 220, width: 60, align: 'end' },
    tax: { x: margin + width - 155, width: 55, align: 'end' },
    amount: { x: margin + width - 95, width: 95, align: 'end' },
  } as const satisfies Record<string, Span>;
};

function table(writer: PdfWriter, { words, rows }: Content, top: number): number {
  const columns = columnsOf(writer);
  const heading = (y: number): number => {
    for (const name of ['description', 'quantity', 'tax', 'amount'] as const) writer.line(words[name], columns[name], y, small);
    writer.rule(wholeWidth(writer), y + 6, faint);
    return y + 6 + leading + 4;
  };
  return rows.reduce((y, row) => drawRow(writer, row, y, heading), heading(withRoom(writer, top, 3 * leading)));
}

function drawRow(writer: PdfWriter, row: Row, y: number, heading: (top: number) => number): number {
  const columns = columnsOf(writer);
  const lines = writer.wrapped(row.description, columns.description.width, text);
  const height = (lines.length + (row.detail === '' ? 0 : 1)) * leading + 5;
  const top = withRoom(writer, y, height, heading);
  block(writer, lines, columns.description, top, text);
  if (row.detail !== '') writer.line(row.detail, columns.description, top + lines.length * leading, small);
  for (const name of ['quantity', 'tax', 'amount'] as const) writer.line(row[name], columns[name], top, text);
  return top + height;
}

function totals(writer: PdfWriter, { totals }: Content, y: number): number {
  const whole = wholeWidth(writer);
  const columns = columnsOf(writer);
  const label: Span = { x: margin + whole.width * 0.3, width: whole.width * 0.7 - 110 };
  const top = withRoom(writer, y, totals.length * (leading + 3) + leading);
  writer.rule(whole, top - leading + 4, faint);
  return totals.reduce((line, { label: name, amount, isMain }) => {
    const style = isMain ? strong : text;
    const cut = writer.wrapped(name, label.width, style);
    writer.line(amount, columns.amount, line, style);
    return block(writer, cut, { ...label, align: 'end' }, line, style) + 3;
  }, top + 4);
}

const notes = (writer: PdfWriter, { notes }: Content, y: number): number =>
  notes.reduce((line, note) => {
    const cut = writer.wrapped(note, wholeWidth(writer).width, small);
    return block(writer, cut, wholeWidth(writer), withRoom(writer, line, cut.length * leading), small);
  }, y + leading);

const footers = (writer: PdfWriter, { words, title, number }: Content, seller: string): void =>
  writer.onEveryPage((page, pages) => {
    const y = writer.height - margin + 14;
    writer.line(`${seller} · ${title} ${number}`, wholeWidth(writer), y, small);
    writer.line(fillIn(words.page, { page, pages }), { ...wholeWidth(writer), align: 'end' }, y, small);
  });
