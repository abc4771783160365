import { keyedId } from '../shared/new-id.ts';
import type { Problem } from '../shared/problem.ts';
import { refused } from '../shared/route.ts';
import type { Platform } from '../shared/service.ts';
import type { Instant } from '../shared/time.ts';
import { granted } from './account-credit.ts';
import { type CreditNote, creditedBy, creditNoteIssued, type NoteRequest, withCreditNote } from './credit-note.ts';
import type { CreditStore } from './credit-store.ts';
import type { Invoice } from './invoice.ts';
import type { NumberStore } from './number-store.ts';
import { seriesOf } from './numbering.ts';
import type { InvoiceStore } from './store.ts';

export type Crediting = {
  /** Issues a note once per key, gives its total as account credit, and publishes it. */
  readonly credit: (invoice: Invoice, asked: NoteRequest, key: string | undefined, now: Instant) => Promise<CreditNote | Problem>;
  /**
   * Gives and publishes what a crash kept back, and drops the assignments of numbers that are borne. One that no note bears yet is left to
   * its note, which another process may be writing at this moment: a gap is mended by the repeat of the request, a number given twice never.
   */
  readonly recover: () => Promise<void>;
};

/** Number, then the note in its invoice, then credit, then the event: each under an id derived from the note, so that a repeat goes on where it stopped. */
export function createCrediting(platform: Platform, invoices: InvoiceStore, numbers: NumberStore, credits: CreditStore): Crediting {
  const seriesFor = ({ seller }: Invoice, at: Instant): string => seriesOf(`${seller.numberPrefix}-CN`, at);

  const announce = async (invoice: Invoice): Promise<void> => {
    for (const { id, total, issuedAt } of invoice.creditNotes) {
      const credit = { id, amount: total, reason: 'credit-note', expiresAt: null };
      await credits.change(invoice.customerId, invoice.currency, (account) => granted(account, credit, issuedAt));
    }
    await platform.publish(invoice.creditNotes.map((note) => creditNoteIssued(invoice, note)));
    await invoices.change([invoice._id], (stored) =>
      stored.notesOwed && stored.creditNotes.length === invoice.creditNotes.length ? { ...stored, notesOwed: false } : stored,
    );
  };

  const credit: Crediting['credit'] = async (invoice, asked, key, now) => {
    const id = keyedId('cn', key);
    const isKnown = invoice.creditNotes.some((note) => note.id === id);
    const first = isKnown ? undefined : creditedBy(invoice, asked);
    if (first && !first.ok) return refused(first.rejection);
    const series = seriesFor(invoice, now);
    const number = (await numbers.assign(series, [id], new Map())).get(id) as string;
    let refusal: Problem | undefined;
    const changed = await invoices.change([invoice._id], (before) => {
      const result = withCreditNote(before, id, number, asked, now);
      refusal = result.ok ? undefined : refused(result.rejection);
      return result.ok ? result.value : before;
    });
    const after = changed.get(invoice._id) as Invoice;
    const note = after.creditNotes.find((each) => each.id === id);
    await numbers.settle(series, new Map([[id, note?.number ?? '']]));
    if (note === undefined) return refusal as Problem;
    if (after.notesOwed) await announce(after);
    return note;
  };

  return {
    credit,
    recover: async () => {
      for (const invoice of await invoices.owingNotes()) await announce(invoice);
      for (const { _id: series, assigned } of await numbers.all()) {
        const waiting = new Set(assigned.map(({ invoiceId }) => invoiceId));
        const bearing = await invoices.bearingNotes([...waiting].filter((id) => id.startsWith('cn_')));
        const notes = bearing.flatMap(({ creditNotes }) => creditNotes).filter(({ id }) => waiting.has(id));
        await numbers.settle(series, new Map(notes.map(({ id, number }) => [id, number])));
      }
    },
  };
}
