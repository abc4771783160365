import type { Draft } from '../draft.ts';
import { creditAccountId, drawn, drawnFor, granted } from './account-credit.ts';
import type { CreditStore } from './store.ts';

/**
 * Grants the credit of drafts with a negative sum, then applies account credit to the other drafts,
 * in order. Returns the minor units drawn by invoice. The ids of the entries are derived from the
 * invoices, so a repeat draws nothing more.
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
    creditOf.set(_id, drawnFor(account, _id));
  }
  return creditOf;
}
