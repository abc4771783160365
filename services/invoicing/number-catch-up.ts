import { numberText, type Series } from './number-series.ts';
import type { NumberStore } from './number-store.ts';
import type { InvoiceStore } from './store.ts';

/** Brings one series, or every series, up to the numbers that stored documents bear. */
export type NumberCatchUp = { readonly one: (seriesId: string) => Promise<void>; readonly all: () => Promise<void> };

const numbersPerQuery = 50;

/**
 * A series may be behind its invoices and credit notes where the store lost its latest writes or
 * was restored. Then it would give a number twice, and no invoice could be stored with it. Numbers
 * have no gap, so the search ends where none of the next numbers is borne.
 */
export function createNumberCatchUp(numbers: NumberStore, invoices: Pick<InvoiceStore, 'bearersOf'>): NumberCatchUp {
  const catchUp = async (series: Series): Promise<void> => {
    const bearersOf = async (candidates: readonly number[]): Promise<ReadonlyMap<number, string>> => {
      if (candidates.length === 0) return new Map();
      const textOf = new Map(candidates.map((number) => [numberText(series._id, number), number]));
      const found = await invoices.bearersOf([...textOf.keys()]);
      return new Map([...found].map(([text, bearer]) => [textOf.get(text) as number, bearer]));
    };
    const borne = new Map(await bearersOf([...series.free, ...series.assigned.map(({ number }) => number)]));
    for (let from = series.next; ; from += numbersPerQuery) {
      const found = await bearersOf(Array.from({ length: numbersPerQuery }, (_, index) => from + index));
      for (const [number, bearer] of found) borne.set(number, bearer);
      if (found.size === 0) break;
    }
    if (borne.size > 0) await numbers.leaveOut(series._id, borne);
  };

  return {
    one: async (seriesId) => catchUp(await numbers.find(seriesId)),
    all: async () => {
      for (const series of await numbers.all()) await catchUp(series);
    },
  };
}
