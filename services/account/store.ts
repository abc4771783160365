import type { Connection } from 'mongoose';
import type { MarqueeEvent } from '../shared/events.ts';
import type { PageQuery } from '../shared/list.ts';
import { givenFilters } from '../shared/list.ts';
import { documentModel, insertNew, type Page, pageOf } from '../shared/mongo.ts';
import { type Instant, millisOf } from '../shared/time.ts';
import type { Account } from './account.ts';

/** A customer with their payment methods, and with the events of theirs that are not known to be published. */
export type StoredAccount = Account & {
  _id: string;
  /** Counts the changes; also the sequence of the event that tells of the newest. */
  sequence: number;
  /** Of the body it was created from, to know a repeat; null once erased. */
  creationDigest: string | null;
  unpublished: readonly MarqueeEvent[];
  announced: boolean;
  createdAt: Instant;
};

export type AccountStore = ReturnType<typeof createAccountStore>;

export function createAccountStore(documents: Connection) {
  const accounts = documentModel<StoredAccount>(
    documents,
    'account_customers',
    {
      sequence: Number,
      customer: Object,
      paymentMethods: [Object],
      creationDigest: String,
      unpublished: [Object],
      announced: Boolean,
      createdAt: String,
    },
    [
      { fields: { announced: 1 } },
      { fields: { 'customer.email': 1 } },
      { fields: { 'customer.testClock': 1 } },
      { fields: { createdAt: -1, _id: -1 } },
      { fields: { 'paymentMethods.card.expYear': 1 } },
    ],
  );

  return {
    /** False when the id is taken. */
    insert: async (account: StoredAccount): Promise<boolean> => (await insertNew(accounts, [account])).has(account._id),
    find: (id: string): Promise<StoredAccount | null> => accounts.findById(id).lean<StoredAccount>().exec(),
    /** False when the account is no longer at the sequence the change was made from. */
    replace: async (from: number, next: StoredAccount): Promise<boolean> =>
      (await accounts.collection.replaceOne({ _id: next._id, sequence: from } as never, next as never)).matchedCount === 1,
    /** Its events are out; a change that came in between keeps its own to publish. */
    markAnnounced: async ({ _id, sequence }: StoredAccount): Promise<void> => {
      await accounts.collection.updateOne({ _id, sequence } as never, { $set: { announced: true, unpublished: [] } });
    },
    unannounced: (limit: number): Promise<StoredAccount[]> =>
      accounts
        .find({ announced: false } as never)
        .limit(limit)
        .lean<StoredAccount[]>()
        .exec(),
    /** Those on system time whose default card may expire within so many days, or has, one after the other. */
    expiringBy: (now: Instant, days: number): AsyncIterable<StoredAccount> => {
      const lastYear = new Date(millisOf(now) + days * 86_400_000).getUTCFullYear();
      const filter = {
        'paymentMethods.card.expYear': { $lte: lastYear },
        'customer.testClock': null,
        'customer.erasedAt': null,
      };
      return accounts.collection.find(filter as never, { batchSize: 100 }) as unknown as AsyncIterable<StoredAccount>;
    },
    page: (filter: { email?: string | undefined; testClock?: string | undefined }, page: PageQuery): Promise<Page<StoredAccount>> =>
      pageOf(accounts, givenFilters({ 'customer.email': filter.email, 'customer.testClock': filter.testClock }), page),
  };
}
