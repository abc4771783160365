import { type Connection, Schema } from 'mongoose';
import type { PageQuery } from '../shared/list.ts';
import { collectionOf, documentModel, type Page, pageOf, upsertAll } from '../shared/mongo.ts';
import type { Instant } from '../shared/time.ts';
import { type ContactDocument, type ContactResource, contactResource } from './contact.ts';
import type { ContactUpdate } from './contact-updates.ts';
import type { SyncCursor } from './sync-cursor.ts';

export type CrmStore = ReturnType<typeof createCrmStore>;

/** Contacts whose customer is known. */
const known = { profile: { $ne: null } } as const;

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
    /** Writes each update whose slot is older. A repeat, or an older update, changes nothing. */
    update: (updates: readonly ContactUpdate[]): Promise<void> =>
      upsertAll(
        contacts,
        updates.map(({ customerId, slot, sequence, value, at, testClock }) => ({
          filter: { _id: customerId, [`${slot}.sequence`]: { $not: { $gte: sequence } } },
          update: { $set: { [slot]: { ...value, sequence }, changedAt: now() }, $setOnInsert: { createdAt: at, testClock } },
        })),
      ),
    contact: async (customerId: string): Promise<ContactResource | undefined> => {
      const document = await collectionOf(contacts).findOne({ _id: customerId });
      return document ? contactResource(document) : undefined;
    },
    list: async (paging: PageQuery): Promise<Page<ContactResource>> => {
      const page = await pageOf(contacts, known, paging);
      return { ...page, data: contactResources(page.data) };
    },
    /** Contacts after the cursor, in the order of their last change. */
    changedSince: async (cursor: SyncCursor | undefined, limit: number): Promise<ContactResource[]> => {
      const later = cursor && {
        $or: [{ changedAt: { $gt: cursor.changedAt } }, { changedAt: cursor.changedAt, _id: { $gt: cursor.id } }],
      };
      const rows = await collectionOf(contacts)
        .find({ ...known, ...later })
        .sort({ changedAt: 1, _id: 1 })
        .limit(limit)
        .toArray();
      return contactResources(rows);
    },
  };
}

const contactResources = (documents: readonly ContactDocument[]): ContactResource[] =>
  documents.map(contactResource).filter((contact) => contact !== undefined);
