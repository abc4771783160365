import { z } from 'zod';
import { isCurrency } from './money.ts';
import { ok, type RouteResponse } from './route.ts';
import { type Instant, instantOf } from './time.ts';

const day = /^\d{4}-\d{2}-\d{2}$/;

/** A day stands for its first instant in UTC. */
export const momentOf = (text: string): Instant | undefined => instantOf(day.test(text) ? `${text}T00:00:00Z` : text);

export const momentText = z.string().refine((text) => momentOf(text) !== undefined, 'A day such as 2026-01-31, or an instant.');

/** What every report can be asked for. `from` belongs to it, `to` does not. */
export const reportQuery = z.strictObject({
  from: momentText.optional(),
  to: momentText.optional(),
  currency: z.string().refine(isCurrency, 'An ISO 4217 code.').optional(),
  testClock: z.string().optional(),
});

export type ReportQuery = z.infer<typeof reportQuery>;

export type Range = { readonly from: Instant | undefined; readonly to: Instant | undefined };

export const rangeOf = ({ from, to }: ReportQuery): Range => ({ from: from && momentOf(from), to: to && momentOf(to) });

export type Row = Readonly<Record<string, string | number | null>>;

/** The rows as JSON beside what was asked, or as CSV (RFC 4180) for those who accept `text/csv`. */
export function reportAnswer(
  accept: unknown,
  asked: Readonly<Record<string, unknown>>,
  columns: readonly string[],
  rows: readonly Row[],
): RouteResponse {
  if (!String(accept ?? '').includes('text/csv')) return ok({ ...asked, data: rows });
  return { status: 200, headers: { 'content-type': 'text/csv; charset=utf-8' }, body: csvOf(columns, rows) };
}

export const csvOf = (columns: readonly string[], rows: readonly Row[]): string =>
  [columns, ...rows.map((row) => columns.map((column) => cell(row[column])))].map((cells) => `${cells.join(',')}\r\n`).join('');

/** Quoted where it must be. What a spreadsheet would run as a formula is made text. */
function cell(value: string | number | null | undefined): string {
  if (typeof value !== 'string') return value == null ? '' : String(value);
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
