import type { Connection } from 'mongoose';
import { type PageQuery, splitListQuery } from '../shared/list.ts';
import { collectionOf, documentModel, insertNew, type Page, pageOf } from '../shared/mongo.ts';
import type { Instant } from '../shared/time.ts';
import type { Channel } from './message.ts';
import type { Notification } from './notification.ts';

/** A notification as clients see it. */
export type NotificationResource = Omit<Notification, '_id' | 'nextAttemptAt'> & { readonly id: string };

export type NotificationQuery = PageQuery & {
  readonly customerId?: string | undefined;
  readonly state?: Notification['state'] | undefined;
  readonly channel?: Notification['channel'] | undefined;
};

export type NotificationStore = ReturnType<typeof createNotificationStore>;

export function createNotificationStore(documents: Connection) {
  const notifications = documentModel<Notification>(
    documents,
    'notifications',
    {
      event: String,
      template: String,
      customerId: String,
      channel: String,
      locale: String,
      subject: String,
      body: String,
      state: String,
      createdAt: String,
      sentAt: String,
      attempts: Number,
      nextAttemptAt: String,
      testClock: String,
    },
    [{ fields: { customerId: 1, createdAt: -1 } }, { fields: { nextAttemptAt: 1 } }],
  );

  return {
    /** Inserts new notifications; one that exists is not changed. */
    write: async (rows: readonly Notification[]): Promise<void> => void (await insertNew(notifications, rows)),
    list: async (query: NotificationQuery): Promise<Page<NotificationResource>> => {
      const { page: paging, filters } = splitListQuery(query);
      const page = await pageOf(notifications, filters, paging);
      return { ...page, data: page.data.map(resourceOf) };
    },
    /** The notifications of these channels that are due, the longest due first. */
    due: async (now: Instant, channels: readonly Channel[], limit: number): Promise<readonly Notification[]> => {
      return collectionOf(notifications)
        .find({ nextAttemptAt: dueBy(now), channel: { $in: channels } })
        .sort({ nextAttemptAt: 1 })
        .limit(limit)
        .toArray();
    },
    /**
     * Claims a due notification for one attempt and counts the attempt. No other process can claim
     * it before `until`. Undefined when another process was faster.
     */
    claim: async (id: string, now: Instant, until: Instant): Promise<Notification | undefined> => {
      const filter = { _id: id, nextAttemptAt: dueBy(now) };
      const update = { $set: { nextAttemptAt: until }, $inc: { attempts: 1 } };
      const claimed = await collectionOf(notifications).findOneAndUpdate(filter, update, { returnDocument: 'after' });
      return claimed ?? undefined;
    },
    recordOutcome: async (id: string, outcome: Partial<Pick<Notification, 'state' | 'sentAt' | 'nextAttemptAt'>>): Promise<void> => {
      await collectionOf(notifications).updateOne({ _id: id }, { $set: outcome });
    },
  };
}

const dueBy = (now: Instant) => ({ $ne: null, $lte: now });

const resourceOf = ({ _id, nextAttemptAt: _, ...notification }: Notification): NotificationResource => ({ id: _id, ...notification });
