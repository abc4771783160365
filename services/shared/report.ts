import { z } from 'zod';
import { currency, identity, utcInstant } from './fields.ts';
import { ok, type RouteResponse } from './route.ts';
import { type Instant, instantOf } from './time.ts';

const day = /^\d{4}-\d{2}-\d{2}$/;

/** The instant of a text; a day means its first instant in UTC. */
export const momentOf = (text: string): Instant | undefined => instantOf(day.test(text) ? `${text}T00:00:00Z` : text);

/** A day in UTC or an instant with an offset. */
export const momentText = z
  .string()
  .refine((text) => momentOf(text) !== undefined, 'Must be a day such as 2026-01-31, or an ISO 8601 instant with an offset.')
  .meta({ anyOf: [{ format: 'date' }, { format: 'date-time' }], examples: ['2026-01-31'] });

/**
 * The query that every report accepts: the half-open range [from, to), a currency and a test clock.
 */
export const reportQuery = z.strictObject({
  from: momentText.optional(),
  to: momentText.optional(),
  currency: currency.optional(),
  testClock: identity('tc').optional(),
});

export type ReportQuery = z.infer<typeof reportQuery>;

export type Range = { readonly from: Instant | undefined; readonly to: Instant | undefined };

export const rangeOf = ({ from, to }: ReportQuery): Range => ({ from: from && momentOf(from), to: to && momentOf(to) });

export type Row = Readonly<Record<string, string | number | null>>;

const textColumns = new Set(['currency', 'plan', 'period', 'day', 'month', 'country']);

/**
 * The JSON response of a report: what was requested, and rows of these columns; of `oneOf` each row
 * has one. Amounts are minor units.
 */
export const reportSchema = (columns: readonly string[], oneOf: readonly string[] = []) => {
  const cellOf = (column: string) => (textColumns.has(column) ? z.string() : z.number().nullable());
  return z.object({
    report: z.string(),
    at: utcInstant.optional(),
    from: utcInstant.optional(),
    to: utcInstant.optional(),
    currency: z.string().optional(),
    groupBy: z.string().optional(),
    data: z.array(
      z.object({
        ...Object.fromEntries(oneOf.map((column) => [column, cellOf(column).optional()])),
        ...Object.fromEntries(columns.map((column) => [column, cellOf(column)])),
      }),
    ),
  });
};

/** A report as JSON, or as CSV (RFC 4180) for clients that accept `text/csv`. */
export const reportResponses = (schema: z.ZodType) => ({ 200: { media: { 'application/json': schema, 'text/csv': 'text' } } }) as const;

/** The rows as JSON with the request, or as CSV (RFC 4180) for those who accept `text/csv`. */
export function reportAnswer(
  accept: unknown,
  request: Readonly<Record<string, unknown>>,
  columns: readonly string[],
  rows: readonly Row[],
): RouteResponse {
  if (!String(accept ?? '').includes('text/csv')) return ok({ ...request, data: rows });
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
