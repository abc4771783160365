import { keyedId } from '../../shared/new-id.ts';
import type { Problem } from '../../shared/problem.ts';
import { refused } from '../../shared/route.ts';
import type { Platform } from '../../shared/service.ts';
import type { Instant } from '../../shared/time.ts';
import { granted } from '../credit/account-credit.ts';
import type { CreditStore } from '../credit/store.ts';
import type { CreditNote, Invoice } from '../invoice.ts';
import type { Seller } from '../legal-entity/legal-entity.ts';
import { seriesOf } from '../number-series.ts';
import type { NumberStore } from '../number-store.ts';
import type { InvoiceStore } from '../store.ts';
import { type CreditNoteRequest, type LineAmount, withCreditNote, withNoteNumber } from './credit-note.ts';
import { creditNoteIssuedEvent } from './credit-note-resource.ts';
import { withPromise, withPromisesKept } from './promised-note.ts';

export type CreditNoteIssuer = {
  /**
   * Issues a note once per key: numbers it, grants the part that is not refunded as account credit,
   * and publishes it. The payment service refunds the rest.
   */
  readonly issue: (invoice: Invoice, request: CreditNoteRequest, key: string | undefined, now: Instant) => Promise<CreditNote | Problem>;
  /**
   * Issues the note of a cancellation, once per key, when the invoice can have it: now or later.
   * Returns the note, undefined where it is still promised or where nothing was left to credit.
   */
  readonly promise: (invoiceId: string, amounts: readonly LineAmount[], key: string, now: Instant) => Promise<IssuedNote | undefined>;
  /** Issues the promised notes that the invoice can have now, and returns those that are new. */
  readonly keepPromises: (invoice: Invoice, now: Instant) => Promise<readonly IssuedNote[]>;
  /** Completes the notes of an invoice that a crash or an outage left unfinished. */
  readonly complete: (invoice: Invoice) => Promise<void>;
};

export type IssuedNote = { readonly invoice: Invoice; readonly note: CreditNote };

/**
 * First the note enters its invoice, which is where it may be refused; then it receives its number,
 * so that a refused note takes none; then its credit is granted; then it is published. Each step is
 * kept under an id derived from the note, so that a repeat, or the next start, continues there.
 */
export function createCreditNoteIssuer(
  platform: Platform,
  invoices: InvoiceStore,
  numbers: NumberStore,
  credits: CreditStore,
): CreditNoteIssuer {
  /**
   * Numbers every note of the invoice, also those that others added meanwhile. Two processes that
   * number the same note agree, because it keeps its first number and the other one becomes free.
   */
  const numbered = async (invoice: Invoice): Promise<Invoice> => {
    const unnumbered = invoice.creditNotes.find(({ number }) => number === '');
    if (unnumbered === undefined) return invoice;
    const { id, issuedAt } = unnumbered;
    const series = seriesFor(invoice.seller, issuedAt);
    const number = (await numbers.assign(series, [id], new Map())).get(id) as string;
    const after = (await invoices.change([invoice._id], (stored) => withNoteNumber(stored, id, number))).get(invoice._id) as Invoice;
    await numbers.confirmStored(series, new Map([[id, noteOf(after, id)?.number ?? '']]));
    return numbered(after);
  };

  const complete = async (unfinished: Invoice): Promise<Invoice> => {
    const invoice = await numbered(unfinished);
    for (const { id, total, refund, issuedAt } of invoice.creditNotes) {
      const credit = { id, amount: total - refund, reason: 'credit-note', expiresAt: null };
      await credits.change(invoice.customerId, invoice.currency, (account) => granted(account, credit, issuedAt));
    }
    await platform.publish(invoice.creditNotes.map((note) => creditNoteIssuedEvent(invoice, note)));
    await invoices.change([invoice._id], (stored) =>
      stored.notesOwed && stored.creditNotes.length === invoice.creditNotes.length ? { ...stored, notesOwed: false } : stored,
    );
    return invoice;
  };

  /** The invoice after a change that may have added notes, with all its notes completed. */
  const changeNotes = async (invoiceId: string, decide: (invoice: Invoice) => Invoice): Promise<Invoice> => {
    const after = (await invoices.change([invoiceId], decide)).get(invoiceId) as Invoice;
    return after.notesOwed ? complete(after) : after;
  };

  return {
    promise: async (invoiceId, amounts, key, now) => {
      const id = keyedId('cn', key);
      const invoice = await changeNotes(invoiceId, (before) => withPromisesKept(withPromise(before, { id, amounts, at: now }), now));
      const note = noteOf(invoice, id);
      const isLapsed = invoice.lapsedNotes?.includes(id) ?? false;
      if (note === undefined) platform.log.info({ invoice: invoiceId, note: id, isLapsed }, 'credit note not issued');
      return note && { invoice, note };
    },
    keepPromises: async ({ _id, promisedNotes = [] }, now) => {
      if (promisedNotes.length === 0) return [];
      const invoice = await changeNotes(_id, (before) => withPromisesKept(before, now));
      return promisedNotes.flatMap(({ id }) => noteOf(invoice, id) ?? []).map((note) => ({ invoice, note }));
    },
    issue: async (invoice, request, key, now) => {
      const id = keyedId('cn', key);
      let refusal: Problem | undefined;
      const changed = await invoices.change([invoice._id], (before) => {
        const result = withCreditNote(before, id, '', request, now);
        refusal = result.ok ? undefined : refused(result.rejection);
        return result.ok ? result.value : before;
      });
      const after = changed.get(invoice._id) as Invoice;
      if (noteOf(after, id) === undefined) return refusal as Problem;
      return noteOf(after.notesOwed ? await complete(after) : after, id) as CreditNote;
    },
    complete: async (unfinished) => {
      const { creditNotes, seller } = await complete(unfinished);
      for (const { id, number, issuedAt } of creditNotes) await numbers.confirmStored(seriesFor(seller, issuedAt), new Map([[id, number]]));
    },
  };
}

const seriesFor = ({ numberPrefix }: Seller, at: Instant): string => seriesOf(`${numberPrefix}-CN`, at);

const noteOf = ({ creditNotes }: Invoice, id: string): CreditNote | undefined => creditNotes.find((note) => note.id === id);
