import type { Connection } from 'mongoose';
import { collectionOf, documentModel } from '../shared/mongo.ts';
import { changeDocument } from './compare-and-set.ts';
import { assignNumbers, confirmStored, newSeries, numberText, type Series, withoutBorne } from './number-series.ts';

/** Invoice ids with the number of each invoice. */
export type Numbers = ReadonlyMap<string, string>;

export type NumberStore = {
  /** A number for each invoice, in at most one write, which also confirms the `stored` invoices. */
  readonly assign: (series: string, invoiceIds: readonly string[], stored: Numbers) => Promise<Numbers>;
  /**
   * Ends the assignments of stored invoices; a number that its invoice does not bear is free again.
   */
  readonly confirmStored: (series: string, stored: Numbers) => Promise<void>;
  readonly all: () => Promise<readonly Series[]>;
  readonly find: (series: string) => Promise<Series>;
  /** Leaves out the numbers that documents bear: see `withoutBorne`. */
  readonly leaveOut: (series: string, borne: ReadonlyMap<number, string>) => Promise<void>;
};

export function createNumberStore(documents: Connection): NumberStore {
  const fields = { next: Number, assigned: [{}], free: [Number], revision: Number };
  const model = documentModel<Series>(documents, 'invoice_numbers', fields);
  const change = (id: string, decide: (series: Series) => Series) => changeDocument(model, newSeries(id), decide);

  return {
    assign: async (id, invoiceIds, stored) => {
      const { assigned } = await change(id, (series) => assignNumbers(confirmStored(series, stored), invoiceIds));
      const requested = new Set(invoiceIds);
      const given = assigned.filter(({ invoiceId }) => requested.has(invoiceId));
      return new Map(given.map(({ invoiceId, number }) => [invoiceId, numberText(id, number)]));
    },
    confirmStored: async (id, stored) => {
      await change(id, (series) => confirmStored(series, stored));
    },
    all: () => collectionOf(model).find<Series>({}).toArray(),
    find: async (id) => (await collectionOf(model).findOne<Series>({ _id: id })) ?? newSeries(id),
    leaveOut: async (id, borne) => {
      await change(id, (series) => withoutBorne(series, borne));
    },
  };
}
