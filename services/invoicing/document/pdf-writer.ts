import PDFDocument from 'pdfkit';
import type { Instant } from '../../shared/time.ts';
import type { Typeface, Weight } from './fonts.ts';
import { directionOf, languageOf, linesOf, runsOf } from './text-runs.ts';

export type Style = { readonly size: number; readonly weight?: Weight; readonly colour?: string };

/**
 * A horizontal span in points. `x` counts from the side where reading starts, and `start` and `end`
 * are sides in the direction of reading.
 */
export type Span = { readonly x: number; readonly width: number; readonly align?: 'start' | 'end' };

export type PdfWriter = ReturnType<typeof createPdfWriter>;

type Settings = {
  readonly locale: string;
  readonly size: 'A4' | 'LETTER';
  readonly title: string;
  readonly author: string;
  readonly createdAt: Instant;
};

const ink = '#1a1a1a';

/**
 * Writes PDF pages in any script and direction. Fonts are embedded, reduced to the characters that
 * are used. Equal content gives equal bytes.
 */
export function createPdfWriter({ locale, size, title, author, createdAt }: Settings) {
  const [direction, language] = [directionOf(locale), languageOf(locale)];
  const info = { Title: title, Author: author, Creator: 'Marquee', Producer: 'Marquee', CreationDate: new Date(createdAt) };
  const pdf = new PDFDocument({
    ...{ size, margin: 0, bufferPages: true, lang: locale, displayTitle: true, pdfVersion: '1.7', info },
    font: null as unknown as string,
  });
  const chunks: Buffer[] = [];
  pdf.on('data', (chunk: Buffer) => chunks.push(chunk));
  const { width: pageWidth, height } = pdf.page;

  /** Its types omit that PDFKit takes a font that fontkit has opened. */
  const useFont = ({ font, name }: Typeface, size: number) => pdf.font(font as never, name, size);

  const measured = (text: string, { size, weight = 'Regular' }: Style) =>
    runsOf(text, direction, language, weight).map((run) => ({
      ...run,
      width: useFont(run.typeface, size).widthOfString(run.text),
    }));
  const widthOf = (text: string, style: Style): number => measured(text, style).reduce((sum, { width }) => sum + width, 0);

  /** One line with its baseline at `y`. */
  const line = (text: string, { x, width, align = 'start' }: Span, y: number, style: Style): void => {
    const runs = measured(text, style);
    const used = runs.reduce((sum, run) => sum + run.width, 0);
    const fromStart = align === 'start' ? x : x + width - used;
    let left = direction === 'ltr' ? fromStart : pageWidth - fromStart - used;
    pdf.fillColor(style.colour ?? ink);
    for (const run of runs) {
      useFont(run.typeface, style.size);
      pdf.text(run.text, left, y, { lineBreak: false, baseline: 'alphabetic' });
      left += run.width;
    }
  };

  return {
    pageWidth,
    height,
    line,
    /** A text wrapped into lines that fit the width. */
    wrapped: (text: string, width: number, style: Style): readonly string[] =>
      linesOf(text, language, width, (part) => widthOf(part, style)),
    rule: ({ x, width }: Span, y: number, colour: string): void => {
      const left = direction === 'ltr' ? x : pageWidth - x - width;
      pdf
        .moveTo(left, y)
        .lineTo(left + width, y)
        .lineWidth(0.6)
        .strokeColor(colour)
        .stroke();
    },
    nextPage: (): void => void pdf.addPage(),
    /** Draws on each page once all pages exist. */
    onEveryPage: (draw: (page: number, pages: number) => void): void => {
      const { start, count } = pdf.bufferedPageRange();
      for (let page = 0; page < count; page += 1) {
        pdf.switchToPage(start + page);
        draw(page + 1, count);
      }
    },
    finished: (): Promise<Buffer> => {
      const done = new Promise<Buffer>((resolve) => pdf.on('end', () => resolve(Buffer.concat(chunks))));
      pdf.end();
      return done;
    },
  };
}
