import type { Connection } from 'mongoose';
import { documentModel } from '../shared/mongo.ts';
import { type CreditAccount, newCreditAccount } from './account-credit.ts';
import { changeDocument } from './compare-and-set.ts';

export type CreditStore = {
  /** The accounts that exist, by id (`creditAccountId`). */
  readonly find: (ids: readonly string[]) => Promise<ReadonlyMap<string, CreditAccount>>;
  readonly ofCustomer: (customerId: string) => Promise<readonly CreditAccount[]>;
  /** Applies a pure change atomically; one that answers the same object writes nothing. */
  readonly change: (customerId: string, currency: string, change: (account: CreditAccount) => CreditAccount) => Promise<CreditAccount>;
};

export function createCreditStore(documents: Connection): CreditStore {
  const fields = { customerId: String, currency: String, grants: [{}], entries: [{}], revision: Number };
  const model = documentModel<CreditAccount>(documents, 'account_credit', fields, [{ fields: { customerId: 1 } }]);
  return {
    find: async (ids) => {
      const rows = (await model.find({ _id: { $in: [...new Set(ids)] } } as never).lean()) as unknown as CreditAccount[];
      return new Map(rows.map((row) => [row._id, row]));
    },
    ofCustomer: async (customerId) => (await model.find({ customerId } as never).lean()) as unknown as CreditAccount[],
    change: (customerId, currency, decide) => changeDocument(model, newCreditAccount(customerId, currency), decide),
  };
}
