import type { Instant } from '../shared/time.ts';

/**
 * The invoice numbers of one seller and year. At any moment each number is in exactly one place:
 * not given yet (`next` and above), on its way to an invoice (`assigned`), returned (`free`), or on
 * a stored invoice. Therefore no gap remains.
 */
export type Series = {
  readonly _id: string;
  readonly next: number;
  readonly assigned: readonly Assignment[];
  readonly free: readonly number[];
  readonly revision: number;
};
export type Assignment = { readonly invoiceId: string; readonly number: number };

/** The series of a legal entity, by the UTC year in which an invoice is issued. */
export const seriesOf = (numberPrefix: string, issuedAt: Instant): string => `${numberPrefix}-${issuedAt.slice(0, 4)}`;

export const numberText = (series: string, number: number): string => `${series}-${String(number).padStart(6, '0')}`;

export const newSeries = (id: string): Series => ({ _id: id, next: 1, assigned: [], free: [], revision: 0 });

/**
 * Assigns a number to each invoice: the one it was assigned before, else a free one, else the next.
 * A repeat changes nothing.
 */
export function assignNumbers(series: Series, invoiceIds: readonly string[]): Series {
  const known = new Set(series.assigned.map(({ invoiceId }) => invoiceId));
  const unassigned = invoiceIds.filter((id) => !known.has(id));
  if (unassigned.length === 0) return series;
  const free = [...series.free].sort((a, b) => a - b);
  const reused = free.splice(0, unassigned.length);
  const fresh = unassigned.length - reused.length;
  const numbers = [...reused, ...Array.from({ length: fresh }, (_, index) => series.next + index)];
  const added = unassigned.map((invoiceId, index) => ({ invoiceId, number: numbers[index] as number }));
  return { ...series, next: series.next + fresh, assigned: [...series.assigned, ...added], free };
}

/**
 * Ends the assignments of stored invoices. A number that its invoice does not bear, because another
 * delivery was faster, becomes free again.
 */
export function confirmStored(series: Series, stored: ReadonlyMap<string, string>): Series {
  const done = series.assigned.filter(({ invoiceId }) => stored.has(invoiceId));
  if (done.length === 0) return series;
  const unused = done.filter(({ invoiceId, number }) => stored.get(invoiceId) !== numberText(series._id, number));
  const assigned = series.assigned.filter(({ invoiceId }) => !stored.has(invoiceId));
  return { ...series, assigned, free: [...series.free, ...unused.map(({ number }) => number)] };
}

/**
 * The series after documents were found to bear numbers that it did not know of, as behind a
 * restored store: such a number is neither given again, nor free, nor on its way to another
 * document. `borne` names the document that bears each number.
 */
export function withoutBorne(series: Series, borne: ReadonlyMap<number, string>): Series {
  const next = Math.max(series.next, ...[...borne.keys()].map((number) => number + 1));
  const skipped = Array.from({ length: next - series.next }, (_, index) => series.next + index);
  const free = [...series.free, ...skipped].filter((number) => !borne.has(number));
  const assigned = series.assigned.filter(({ invoiceId, number }) => (borne.get(number) ?? invoiceId) === invoiceId);
  const isUnchanged = next === series.next && free.length === series.free.length && assigned.length === series.assigned.length;
  return isUnchanged ? series : { ...series, next, free, assigned };
}
