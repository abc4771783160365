import type { Connection } from 'mongoose';
import type { MarqueeEvent } from '../shared/events.ts';
import { givenFilters, type PageQuery } from '../shared/list.ts';
import { collectionOf, documentModel, insertNew, type Page, pageOf } from '../shared/mongo.ts';
import { type Instant, millisOf } from '../shared/time.ts';
import type { Account } from './account.ts';

/** A customer with payment methods, and with the events that are not known to be published. */
export type StoredAccount = Account & {
  _id: string;
  /** Number of changes, and sequence of the newest event. */
  sequence: number;
  /** Digest of the body that created the customer, to recognise a repeat; null once erased. */
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
      { fields: { announced: 1, _id: 1 } },
      { fields: { 'customer.email': 1 } },
      { fields: { 'customer.testClock': 1 } },
      { fields: { createdAt: -1, _id: -1 } },
      { fields: { 'paymentMethods.card.expYear': 1 } },
    ],
  );

  return {
    /** False when the id is taken. */
    insert: async (account: StoredAccount): Promise<boolean> => (await insertNew(accounts, [account])).has(account._id),
    find: (id: string): Promise<StoredAccount | null> => collectionOf(accounts).findOne({ _id: id }),
    /** False when the account no longer has the sequence that the change started from. */
    replace: async (from: number, next: StoredAccount): Promise<boolean> =>
      (await collectionOf(accounts).replaceOne({ _id: next._id, sequence: from }, next)).matchedCount === 1,
    /** Clears the published events; a change in between keeps its own unpublished event. */
    markAnnounced: async ({ _id, sequence }: StoredAccount): Promise<void> => {
      await collectionOf(accounts).updateOne({ _id, sequence }, { $set: { announced: true, unpublished: [] } });
    },
    unannounced: (after: string, limit: number): Promise<StoredAccount[]> =>
      collectionOf(accounts)
        .find({ announced: false, _id: { $gt: after } })
        .sort({ _id: 1 })
        .limit(limit)
        .toArray(),
    /** Accounts on system time with a card that may expire within so many days, or has expired. */
    expiringBy: (now: Instant, days: number): AsyncIterable<StoredAccount> => {
      const lastYear = new Date(millisOf(now) + days * 86_400_000).getUTCFullYear();
      const filter = {
        'paymentMethods.card.expYear': { $lte: lastYear },
        'customer.testClock': null,
        'customer.erasedAt': null,
      };
      return collectionOf(accounts).find(filter, { batchSize: 100 });
    },
    page: (filter: { email?: string | undefined; testClock?: string | undefined }, page: PageQuery): Promise<Page<StoredAccount>> =>
      pageOf(accounts, givenFilters({ 'customer.email': filter.email, 'customer.testClock': filter.testClock }), page),
  };
}
