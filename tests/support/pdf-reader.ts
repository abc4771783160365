import { getDocument, type PDFPageProxy } from 'pdfjs-dist/legacy/build/pdf.mjs';

/** A text drawn on a page; lengths in points, `x` and `y` from the lower left corner. */
type Drawn = { readonly text: string; readonly x: number; readonly y: number; readonly width: number };
type TextItem = { readonly str: string; readonly transform: readonly number[]; readonly width: number };

/** Texts whose baselines are at most this far apart, in points, are on one line. */
const sameBaseline = 1;
/** Texts of a line that are further apart than this, in points, have a space between them. */
const widestJoint = 1;
const directionMarks = /[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]/g;

/** Reads a PDF page by page with pdf.js, which shares no code with the library that wrote it. */
async function readPages<T>(pdf: Buffer, read: (page: PDFPageProxy) => Promise<T>): Promise<T[]> {
  const loading = getDocument({ data: new Uint8Array(pdf), fontExtraProperties: true, verbosity: 0 });
  try {
    const document = await loading.promise;
    const pages: T[] = [];
    for (let number = 1; number <= document.numPages; number += 1) pages.push(await read(await document.getPage(number)));
    return pages;
  } finally {
    await loading.destroy();
  }
}

/**
 * The text of a PDF as it is seen, line by line from top to bottom, with single spaces and without
 * direction marks.
 */
export async function textOfPdf(pdf: Buffer): Promise<string> {
  const pages = await readPages(pdf, async (page) => linesOf(await drawnOn(page)));
  return pages
    .flat()
    .join('\n')
    .replace(directionMarks, '')
    .replace(/[^\S\n]+/g, ' ');
}

async function drawnOn(page: PDFPageProxy): Promise<Drawn[]> {
  const { items } = await page.getTextContent();
  const drawn = (items as TextItem[]).map(({ str, transform, width }) => ({
    text: str,
    x: transform[4] ?? 0,
    y: transform[5] ?? 0,
    width,
  }));
  return drawn.filter(({ text }) => text.trim() !== '');
}

function linesOf(drawn: readonly Drawn[]): string[] {
  const lines: Drawn[][] = [];
  for (const one of drawn.toSorted((a, b) => b.y - a.y)) {
    const line = lines.at(-1);
    if (line?.[0] !== undefined && line[0].y - one.y <= sameBaseline) line.push(one);
    else lines.push([one]);
  }
  return lines.map(lineText);
}

function lineText(line: readonly Drawn[]): string {
  const fromLeft = line.toSorted((a, b) => a.x - b.x);
  return fromLeft.reduce((text, { text: next, x }, index) => {
    const before = fromLeft[index - 1];
    const apart = before !== undefined && x - (before.x + before.width) > widestJoint;
    return `${text}${apart ? ' ' : ''}${next}`;
  }, '');
}

export type PdfFont = { readonly name: string; readonly embedded: boolean; readonly subset: boolean };
type LoadedFont = { readonly name: string; readonly missingFile?: boolean; readonly data?: Uint8Array };

/**
 * The fonts of a PDF: whether each is embedded, and only with the characters that the document
 * uses.
 */
export async function fontsOfPdf(pdf: Buffer): Promise<PdfFont[]> {
  const pages = await readPages(pdf, fontsOn);
  return [...new Map(pages.flat().map((font) => [font.name, font])).values()];
}

async function fontsOn(page: PDFPageProxy): Promise<PdfFont[]> {
  const { items } = await page.getTextContent();
  // pdf.js loads the fonts of a page with the operations that draw it.
  await page.getOperatorList();
  const ids = new Set(items.flatMap((item) => ('fontName' in item ? [item.fontName] : [])));
  return [...ids].map((id) => {
    const { name, missingFile, data } = page.commonObjs.get(id) as LoadedFont;
    // A subset's name begins with a tag of six letters (PDF 1.7, 9.6.4).
    return { name, embedded: missingFile === false && data !== undefined, subset: /^[A-Z]{6}\+/.test(name) };
  });
}
