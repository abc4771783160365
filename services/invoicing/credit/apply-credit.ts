import type { Draft } from '../draft.ts';
import type { Invoice } from '../invoice.ts';
import { creditAccountId, drawn, drawnFor, granted, returnedBeyond } from './account-credit.ts';
import type { CreditStore } from './store.ts';

/**
 * Grants the credit of drafts with a negative sum, then applies account credit to the other drafts,
 * in order. Returns the minor units applied by invoice. The ids of the entries are derived from the
 * invoices, so a repeat draws nothing more. A repeat whose total is smaller than what was drawn
 * applies its total; the rest returns once the invoice is stored (`returnExcess`), because another
 * process may store it with all that was drawn.
 */
export async function applyCredit(credits: CreditStore, drafts: readonly Draft[]): Promise<ReadonlyMap<string, number>> {
  for (const { _id, customerId, currency, creditGranted, issuedAt } of drafts.filter((draft) => draft.creditGranted > 0)) {
    const credit = { id: `${_id}:granted`, amount: creditGranted, reason: 'invoice', expiresAt: null };
    await credits.change(customerId, currency, (account) => granted(account, credit, issuedAt));
  }
  const paying = drafts.filter(({ total }) => total > 0);
  const accounts = await credits.find(paying.map(({ customerId, currency }) => creditAccountId(customerId, currency)));
  const creditOf = new Map<string, number>();
  for (const { _id, customerId, currency, total, issuedAt } of paying) {
    if (!accounts.has(creditAccountId(customerId, currency))) continue;
    const account = await credits.change(customerId, currency, (before) => drawn(before, _id, total, issuedAt));
    creditOf.set(_id, Math.min(total, drawnFor(account, _id)));
  }
  return creditOf;
}

/** The facts of a stored invoice that say how much of the drawn credit it keeps, in minor units. */
type CreditedInvoice = Pick<Invoice, '_id' | 'customerId' | 'currency' | 'creditApplied' | 'issuedAt'>;

/** Returns what was drawn for stored invoices beyond the credit that they bear. */
export async function returnExcess(credits: CreditStore, stored: readonly CreditedInvoice[]): Promise<void> {
  const accounts = await credits.find(stored.map(({ customerId, currency }) => creditAccountId(customerId, currency)));
  for (const { _id, customerId, currency, creditApplied, issuedAt } of stored) {
    const account = accounts.get(creditAccountId(customerId, currency));
    if (account && drawnFor(account, _id) > creditApplied)
      await credits.change(customerId, currency, (before) => returnedBeyond(before, _id, creditApplied, issuedAt));
  }
}
