import { passes } from '../shared/fault-points.ts';
import { isDuplicateKey } from '../shared/mongo.ts';
import { batched } from '../shared/one-batch-at-a-time.ts';
import { applyCredit, returnExcess } from './credit/apply-credit.ts';
import type { CreditStore } from './credit/store.ts';
import { type Draft, withNumberAndCredit } from './draft.ts';
import type { Invoice } from './invoice.ts';
import { createNumberCatchUp } from './number-catch-up.ts';
import { seriesOf } from './number-series.ts';
import type { NumberStore } from './number-store.ts';
import type { InvoiceStore } from './store.ts';

export type Finalisation = {
  /**
   * Returns the stored invoice of each draft, in order. A repeat returns the same invoice and
   * changes nothing.
   */
  readonly finalise: (drafts: readonly Draft[]) => Promise<readonly Invoice[]>;
  /** Confirms numbers that a crash left assigned although their invoice is stored. */
  readonly recover: () => Promise<void>;
};

/**
 * A number that another document bears is found at the first try; other processes may be as late.
 */
const mostTries = 3;

const seriesFor = ({ issuedAt, seller }: Pick<Draft, 'issuedAt' | 'seller'>): string => seriesOf(seller.numberPrefix, issuedAt);

/**
 * Number, then account credit, then the invoice: each step is kept under an id derived from the
 * invoice, so that after a crash the redelivered event finds the completed steps and continues. One
 * batch at a time, because all need the same number series.
 */
export function createFinalisation(invoices: InvoiceStore, numbers: NumberStore, credits: CreditStore): Finalisation {
  /** Invoices that this process has stored; the write of the next batch confirms their numbers. */
  const stored = new Map<string, Map<string, string>>();
  const catchUp = createNumberCatchUp(numbers, invoices);

  const finalise = async (drafts: readonly Draft[]): Promise<readonly Invoice[]> => {
    const requested = new Map(drafts.map((draft) => [draft._id, draft]));
    const before = await invoices.find([...requested.keys()]);
    const { made, inserted } = await store([...requested.values()].filter(({ _id }) => !before.has(_id)));
    passes('invoicing.after-insert');
    for (const invoice of made) if (inserted.has(invoice._id)) noteStored(invoice);
    // Only an invoice that credit pays in full can have drawn more than it bears.
    const paidByCredit = made.filter(({ _id, creditApplied, total }) => inserted.has(_id) && creditApplied === total);
    await returnExcess(credits, paidByCredit);
    const repeated = [...requested.keys()].filter((id) => !inserted.has(id));
    const all = new Map([...made.map((invoice) => [invoice._id, invoice] as const), ...(await releaseRepeats(repeated))]);
    return drafts.map(({ _id }) => all.get(_id) as Invoice);
  };

  /**
   * Where another document bears a number, the series is behind: it catches up and gives others.
   */
  const store = async (drafts: readonly Draft[]) => {
    for (let tries = 1; ; tries++) {
      const made = await make(drafts);
      try {
        return { made, inserted: await invoices.insert(made) };
      } catch (error) {
        if (tries === mostTries || !isDuplicateKey(error)) throw error;
        for (const series of new Set(made.map(seriesFor))) await catchUp.one(series);
      }
    }
  };

  const make = async (drafts: readonly Draft[]): Promise<Invoice[]> => {
    if (drafts.length === 0) return [];
    const numberOf = await assignNumbers(drafts);
    passes('invoicing.after-number');
    const creditOf = await applyCredit(credits, drafts);
    return drafts.map((draft) => withNumberAndCredit(draft, numberOf.get(draft._id) as string, creditOf.get(draft._id) ?? 0));
  };

  const assignNumbers = async (drafts: readonly Draft[]): Promise<ReadonlyMap<string, string>> => {
    const numberOf = new Map<string, string>();
    for (const [series, members] of Map.groupBy(drafts, seriesFor)) {
      const done = stored.get(series) ?? new Map();
      const given = await numbers.assign(
        series,
        members.map(({ _id }) => _id),
        done,
      );
      stored.delete(series);
      for (const [invoiceId, number] of given) numberOf.set(invoiceId, number);
    }
    return numberOf;
  };

  /**
   * Another delivery was faster: its invoice stays, and the number and credit of this one are
   * released.
   */
  const releaseRepeats = async (ids: readonly string[]): Promise<ReadonlyMap<string, Invoice>> => {
    if (ids.length === 0) return new Map();
    const existing = await invoices.find(ids);
    const rows = [...existing.values()];
    await returnExcess(credits, rows);
    for (const [series, members] of Map.groupBy(rows, seriesFor))
      await numbers.confirmStored(series, new Map(members.map(({ _id, number }) => [_id, number])));
    return existing;
  };

  const noteStored = (invoice: Invoice): void => {
    const series = seriesFor(invoice);
    stored.set(series, (stored.get(series) ?? new Map()).set(invoice._id, invoice.number));
  };

  const recover = async (): Promise<void> => {
    for (const { _id: series, assigned } of await numbers.all()) {
      const existing = await invoices.find(assigned.map(({ invoiceId }) => invoiceId));
      await numbers.confirmStored(series, new Map([...existing.values()].map((invoice) => [invoice._id, invoice.number])));
    }
  };

  return { finalise: batched(finalise), recover };
}
