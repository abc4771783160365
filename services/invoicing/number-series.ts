import type { Instant } from '../shared/time.ts';

/**
 * The numbers of one year. Each number is at any moment in exactly one place: not given yet (`next` and above), on its way to an
 * invoice (`assigned`), given back (`free`), or on a stored invoice. So there is never a gap that does not close.
 */
export type Series = {
  readonly _id: string;
  readonly next: number;
  readonly assigned: readonly Assignment[];
  readonly free: readonly number[];
  readonly revision: number;
};
export type Assignment = { readonly invoiceId: string; readonly number: number };

/** Each legal entity numbers its own invoices, by the UTC year in which they are issued. */
export const seriesOf = (numberPrefix: string, issuedAt: Instant): string => `${numberPrefix}-${issuedAt.slice(0, 4)}`;

export const numberText = (series: string, number: number): string => `${series}-${String(number).padStart(6, '0')}`;

export const newSeries = (id: string): Series => ({ _id: id, next: 1, assigned: [], free: [], revision: 0 });

/** Gives each invoice a number: the one it has been given before, else a free one, else the next. A repeat changes nothing. */
export function assignNumbers(series: Series, invoiceIds: readonly string[]): Series {
  const known = new Set(series.assigned.map(({ invoiceId }) => invoiceId));
  const wanting = invoiceIds.filter((id) => !known.has(id));
  if (wanting.length === 0) return series;
  const free = [...series.free].sort((a, b) => a - b);
  const reused = free.splice(0, wanting.length);
  const fresh = wanting.length - reused.length;
  const numbers = [...reused, ...Array.from({ length: fresh }, (_, index) => series.next + index)];
  const added = wanting.map((invoiceId, index) => ({ invoiceId, number: numbers[index] as number }));
  return { ...series, next: series.next + fresh, assigned: [...series.assigned, ...added], free };
}

/** Forgets assignments whose invoice is stored. A number that its invoice does not bear (another delivery was first) becomes free again. */
export function confirmStored(series: Series, stored: ReadonlyMap<string, string>): Series {
  const done = series.assigned.filter(({ invoiceId }) => stored.has(invoiceId));
  if (done.length === 0) return series;
  const unused = done.filter(({ invoiceId, number }) => stored.get(invoiceId) !== numberText(series._id, number));
  const assigned = series.assigned.filter(({ invoiceId }) => !stored.has(invoiceId));
  return { ...series, assigned, free: [...series.free, ...unused.map(({ number }) => number)] };
}
