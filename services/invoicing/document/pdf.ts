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

/** Where paper is not A4. */
const letterCountries = new Set(['US', 'CA', 'MX', 'PH', 'CL', 'CO', 'CR', 'GT', 'PA', 'PR', 'SV', 'VE']);

/** The document as a PDF in its reader's language, written in process. The same document gives the same bytes. */
export async function pdfOf(document: PrintedDocument): Promise<Buffer> {
  const content = contentOf(document);
  const paper = createPdfWriter({
    locale: content.locale,
    size: letterCountries.has(document.buyer.country) ? 'LETTER' : 'A4',
    title: `${content.title} ${content.number}`,
    author: document.seller.name,
    createdAt: document.issuedAt,
  });
  const afterHead = head(paper, content);
  const afterRows = table(paper, content, afterHead);
  const afterTotals = totals(paper, content, afterRows);
  notes(paper, content, afterTotals);
  footers(paper, content, document.seller.name);
  return paper.finished();
}

const wholeWidth = ({ pageWidth }: PdfWriter): Span => ({ x: margin, width: pageWidth - 2 * margin });

/** The next baseline with this much room below it: here, or at the top of a new page. */
function withRoom(paper: PdfWriter, y: number, needed: number, onNewPage: (top: number) => number = (top) => top): number {
  if (y + needed <= paper.height - margin - leading) return y;
  paper.nextPage();
  return onNewPage(margin + leading);
}

function head(paper: PdfWriter, { title, standing, seller, buyer, facts, words }: Content): number {
  const whole = wholeWidth(paper);
  const half = whole.width / 2 - 12;
  const second: Span = { x: margin + half + 24, width: half };
  const [name = '', ...details] = seller;
  paper.line(name, { x: margin, width: half }, margin + 18, { size: 13, weight: 'Bold' });
  paper.line(title, { ...second, align: 'end' }, margin + 18, { size: 20, weight: 'Bold' });
  if (standing !== null) paper.line(standing, { ...second, align: 'end' }, margin + 36, small);
  const sellerEnd = block(paper, details, { x: margin, width: half }, margin + 36, small);
  const top = Math.max(sellerEnd, margin + 60) + leading;
  paper.line(words.billedTo, { x: margin, width: half }, top, small);
  const buyerEnd = block(paper, buyer, { x: margin, width: half }, top + leading, text);
  const factsEnd = facts.reduce((y, [label, value]) => {
    paper.line(label, second, y, small);
    return block(paper, [value], { x: second.x + 60, width: half - 60, align: 'end' }, y, text);
  }, top);
  return Math.max(buyerEnd, factsEnd) + leading;
}

/** Lines below each other, cut to the width; answers the next baseline. */
function block(paper: PdfWriter, lines: readonly string[], place: Span, y: number, style: Style): number {
  const cut = lines.flatMap((line) => paper.wrapped(line, place.width, style));
  for (const [index, line] of cut.entries()) paper.line(line, place, y + index * leading, style);
  return y + cut.length * leading;
}

const columnsOf = (paper: PdfWriter) => {
  const { width } = wholeWidth(paper);
  return {
    description: { x: margin, width: width - 230 },
    quantity: { x: margin + width - 220, width: 60, align: 'end' },
    tax: { x: margin + width - 155, width: 55, align: 'end' },
    amount: { x: margin + width - 95, width: 95, align: 'end' },
  } as const satisfies Record<string, Span>;
};

function table(paper: PdfWriter, { words, rows }: Content, top: number): number {
  const columns = columnsOf(paper);
  const heading = (y: number): number => {
    for (const name of ['description', 'quantity', 'tax', 'amount'] as const) paper.line(words[name], columns[name], y, small);
    paper.rule(wholeWidth(paper), y + 6, faint);
    return y + 6 + leading + 4;
  };
  return rows.reduce((y, row) => drawRow(paper, row, y, heading), heading(withRoom(paper, top, 3 * leading)));
}

function drawRow(paper: PdfWriter, row: Row, y: number, heading: (top: number) => number): number {
  const columns = columnsOf(paper);
  const lines = paper.wrapped(row.description, columns.description.width, text);
  const height = (lines.length + (row.detail === '' ? 0 : 1)) * leading + 5;
  const top = withRoom(paper, y, height, heading);
  block(paper, lines, columns.description, top, text);
  if (row.detail !== '') paper.line(row.detail, columns.description, top + lines.length * leading, small);
  for (const name of ['quantity', 'tax', 'amount'] as const) paper.line(row[name], columns[name], top, text);
  return top + height;
}

function totals(paper: PdfWriter, { totals }: Content, y: number): number {
  const whole = wholeWidth(paper);
  const columns = columnsOf(paper);
  const label: Span = { x: margin + whole.width * 0.3, width: whole.width * 0.7 - 110 };
  const top = withRoom(paper, y, totals.length * (leading + 3) + leading);
  paper.rule(whole, top - leading + 4, faint);
  return totals.reduce((line, { label: name, amount, isMain }) => {
    const style = isMain ? strong : text;
    const cut = paper.wrapped(name, label.width, style);
    paper.line(amount, columns.amount, line, style);
    return block(paper, cut, { ...label, align: 'end' }, line, style) + 3;
  }, top + 4);
}

const notes = (paper: PdfWriter, { notes }: Content, y: number): number =>
  notes.reduce((line, note) => {
    const cut = paper.wrapped(note, wholeWidth(paper).width, small);
    return block(paper, cut, wholeWidth(paper), withRoom(paper, line, cut.length * leading), small);
  }, y + leading);

const footers = (paper: PdfWriter, { words, title, number }: Content, seller: string): void =>
  paper.onEveryPage((page, pages) => {
    const y = paper.height - margin + 14;
    paper.line(`${seller} · ${title} ${number}`, wholeWidth(paper), y, small);
    paper.line(fillIn(words.page, { page, pages }), { ...wholeWidth(paper), align: 'end' }, y, small);
  });
