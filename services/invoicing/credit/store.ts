import type { Connection } from 'mongoose';
import { collectionOf, documentModel } from '../../shared/mongo.ts';
import type { Instant } from '../../shared/time.ts';
import { changeDocument } from '../compare-and-set.ts';
import { type CreditAccount, newCreditAccount, nextExpiry } from './account-credit.ts';

export type CreditStore = {
  /** The accounts that exist, by id (`creditAccountId`). */
  readonly find: (ids: readonly string[]) => Promise<ReadonlyMap<string, CreditAccount>>;
  readonly ofCustomer: (customerId: string) => Promise<readonly CreditAccount[]>;
  /**
   * Applies a pure change by compare-and-set; a change that returns the same object writes nothing.
   */
  readonly change: (customerId: string, currency: string, change: (account: CreditAccount) => CreditAccount) => Promise<CreditAccount>;
  /**
   * Accounts with credit that expired by `now` and is not written off, in the order of their ids.
   */
  readonly expired: (now: Instant, after: string, limit: number) => Promise<readonly CreditAccount[]>;
};

export function createCreditStore(documents: Connection): CreditStore {
  const fields = { customerId: String, currency: String, grants: [{}], entries: [{}], revision: Number, nextExpiry: String };
  const model = documentModel<CreditAccount>(documents, 'account_credit', fields, [
    { fields: { customerId: 1 } },
    { fields: { nextExpiry: 1 } },
  ]);
  const accounts = collectionOf(model);
  return {
    find: async (ids) => {
      const rows = await accounts.find<CreditAccount>({ _id: { $in: [...new Set(ids)] } }).toArray();
      return new Map(rows.map((row) => [row._id, row]));
    },
    ofCustomer: (customerId) => accounts.find<CreditAccount>({ customerId }).toArray(),
    change: (customerId, currency, decide) =>
      changeDocument(model, newCreditAccount(customerId, currency), (before) => {
        const after = decide(before);
        return after === before ? before : { ...after, nextExpiry: nextExpiry(after) };
      }),
    expired: (now, after, limit) =>
      accounts
        .find<CreditAccount>({ nextExpiry: { $ne: null, $lte: now }, _id: { $gt: after } })
        .sort({ _id: 1 })
        .limit(limit)
        .toArray(),
  };
}
