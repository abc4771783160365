import { type Connection, Schema } from 'mongoose';
import type { PageQuery } from '../shared/list.ts';
import { documentModel, type Page, pageOf, upsertAll } from '../shared/mongo.ts';
import type { Instant } from '../shared/time.ts';
import { type ContactDocument, type ContactResource, resourceOf } from './contact.ts';
import type { Telling } from './contact-updates.ts';
import type { SyncCursor } from './sync-cursor.ts';

export type CrmStore = ReturnType<typeof createCrmStore>;

const known = { profile: { $ne: null } };

export function createCrmStore(documents: Connection, now: () => Instant) {
  const contacts = documentModel<ContactDocument>(
    documents,
    'crm_contacts',
    {
      createdAt: String,
      changedAt: String,
      testClock: String,
      profile: Schema.Types.Mixed,
      subscriptions: Schema.Types.Mixed,
      failures: Schema.Types.Mixed,
      disputes: Schema.Types.Mixed,
    },
    [{ fields: { changedAt: 1 } }, { fields: { createdAt: -1 } }],
  );

  return {
    /** Fills slots with what is newer than what they hold. A repeat, and what is older, changes nothing. */
    tell: (tellings: readonly Telling[]): Promise<void> =>
      upsertAll(
        contacts,
        tellings.map(({ customerId, slot, sequence, value, at, testClock }) => ({
          filter: { _id: customerId, [`${slot}.sequence`]: { $not: { $gte: sequence } } },
          update: { $set: { [slot]: { ...value, sequence }, changedAt: now() }, $setOnInsert: { createdAt: at, testClock } },
        })),
      ),
    contact: async (customerId: string): Promise<ContactResource | undefined> => {
      const document = await contacts.collection.findOne({ _id: customerId as never });
      return document ? resourceOf(document as unknown as ContactDocument) : undefined;
    },
    list: async (paging: PageQuery): Promise<Page<ContactResource>> => {
      const page = await pageOf(contacts, known, paging);
      return { ...page, data: resourcesOf(page.data) };
    },
    /** Contacts in order of their last change, from behind the cursor on. */
    changedSince: async (cursor: SyncCursor | undefined, limit: number): Promise<ContactResource[]> => {
      const later = cursor && {
        $or: [{ changedAt: { $gt: cursor.changedAt } }, { changedAt: cursor.changedAt, _id: { $gt: cursor.id } }],
      };
      const rows = await contacts.collection
        .find({ ...known, ...later } as never)
        .sort({ changedAt: 1, _id: 1 })
        .limit(limit)
        .toArray();
      return resourcesOf(rows as unknown as ContactDocument[]);
    },
  };
}

const resourcesOf = (documents: readonly ContactDocument[]): ContactResource[] =>
  documents.map(resourceOf).filter((contact) => contact !== undefined);
