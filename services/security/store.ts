import type { Connection } from 'mongoose';
import { givenFilters, type PageQuery } from '../shared/list.ts';
import { collectionOf, documentModel, insertNew, type Page, pageOf } from '../shared/mongo.ts';
import type { Instant } from '../shared/time.ts';
import type { AuditEntry } from './entry.ts';

export type AuditFilter = {
  readonly subject?: string | undefined;
  readonly customerId?: string | undefined;
  readonly type?: string | undefined;
  /** Half-open range of the time of recording. */
  readonly from?: Instant | undefined;
  readonly to?: Instant | undefined;
};

export type AuditStore = ReturnType<typeof createAuditStore>;

/** Adds and reads entries. No function changes or removes one. */
export function createAuditStore(documents: Connection) {
  const entries = documentModel<AuditEntry>(
    documents,
    'security_audit',
    {
      at: String,
      type: String,
      subject: String,
      sequence: Number,
      customerId: String,
      who: String,
      digest: Object,
      createdAt: String,
      hash: String,
    },
    [
      { fields: { createdAt: -1, _id: -1 } },
      { fields: { subject: 1, createdAt: -1 } },
      { fields: { customerId: 1, createdAt: -1 } },
      { fields: { type: 1, createdAt: -1 } },
    ],
  );

  return {
    /** Adds entries and returns the new ids. An existing entry stays unchanged. */
    append: (rows: readonly AuditEntry[]): Promise<ReadonlySet<string>> => insertNew(entries, rows),
    /** True if the trail has an entry for this event. */
    has: async (id: string): Promise<boolean> => (await collectionOf(entries).findOne({ _id: id }, { projection: { _id: 1 } })) !== null,
    page: (filter: AuditFilter, page: PageQuery): Promise<Page<AuditEntry>> => pageOf(entries, conditionsOf(filter), page),
    each: (filter: AuditFilter): AsyncIterable<AuditEntry> =>
      collectionOf(entries).find<AuditEntry>(conditionsOf(filter), { batchSize: 500 }),
  };
}

function conditionsOf({ from, to, ...exact }: AuditFilter): Record<string, unknown> {
  const range = givenFilters({ $gte: from, $lt: to });
  return { ...givenFilters(exact), ...(Object.keys(range).length > 0 && { createdAt: range }) };
}
