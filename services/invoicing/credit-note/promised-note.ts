import type { Instant } from '../../shared/time.ts';
import type { Invoice, PromisedNote } from '../invoice.ts';
import { withCreditNote } from './credit-note.ts';

/**
 * The invoice with a promise to credit it. A repeat, or a promise that is kept, changes nothing.
 */
export function withPromise(invoice: Invoice, promise: PromisedNote): Invoice {
  const { promisedNotes = [], creditNotes, lapsedNotes = [] } = invoice;
  const isKnown = [...promisedNotes, ...creditNotes].some(({ id }) => id === promise.id) || lapsedNotes.includes(promise.id);
  return isKnown ? invoice : { ...invoice, promisedNotes: [...promisedNotes, promise] };
}

/**
 * The invoice with the promised notes that it can have now. A promise waits while the invoice is
 * open or uncollectible, and while a bank holds money that the refund would need. It lapses where
 * nothing is left to give back: the invoice is void, and its void has returned what was paid, or
 * other notes have credited the lines in full. A call that changes nothing returns the same object.
 */
export const withPromisesKept = (invoice: Invoice, at: Instant): Invoice =>
  (invoice.promisedNotes ?? []).reduce((before, promise) => withPromiseKept(before, promise, at), invoice);

function withPromiseKept(invoice: Invoice, { id, amounts }: PromisedNote, at: Instant): Invoice {
  const { promisedNotes = [], lapsedNotes = [], ...rest } = invoice;
  const others = promisedNotes.filter((promise) => promise.id !== id);
  const kept: Invoice = { ...rest, ...(others.length > 0 && { promisedNotes: others }), ...(lapsedNotes.length > 0 && { lapsedNotes }) };
  if (invoice.status === 'open' || invoice.status === 'uncollectible') return invoice;
  const result = withCreditNote(kept, id, '', { amounts, reason: 'cancellation', refund: true }, at);
  if (result.ok) return result.value;
  return result.rejection.code === 'payment-disputed' ? invoice : { ...kept, lapsedNotes: [...lapsedNotes, id] };
}
