import type { Connection } from 'mongoose';
import { type PageQuery, splitListQuery } from '../shared/list.ts';
import { documentModel, insertNew, type Page, pageOf } from '../shared/mongo.ts';
import type { Instant } from '../shared/time.ts';
import type { Notification } from './notification.ts';

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
    /** What is written already stays as it is. */
    write: async (rows: readonly Notification[]): Promise<void> => void (await insertNew(notifications, rows)),
    list: async (query: NotificationQuery): Promise<Page<NotificationResource>> => {
      const { page: paging, filters } = splitListQuery(query);
      const page = await pageOf(notifications, filters, paging);
      return { ...page, data: page.data.map(resourceOf) };
    },
    /** What is to be sent by these channels now, the longest due first. */
    due: async (now: Instant, channels: readonly string[], limit: number): Promise<readonly Notification[]> => {
      const rows = await notifications.collection
        .find({ nextAttemptAt: dueBy(now), channel: { $in: channels } } as never)
        .sort({ nextAttemptAt: 1 })
        .limit(limit)
        .toArray();
      return rows as unknown as Notification[];
    },
    /** Takes a due notification for one attempt, counted in it; undefined where another process was faster. Until `until` nobody else takes it. */
    claim: async (id: string, now: Instant, until: Instant): Promise<Notification | undefined> => {
      const filter = { _id: id, nextAttemptAt: dueBy(now) } as never;
      const taken = { $set: { nextAttemptAt: until }, $inc: { attempts: 1 } };
      const claimed = await notifications.collection.findOneAndUpdate(filter, taken, { returnDocument: 'after' });
      return (claimed as unknown as Notification | null) ?? undefined;
    },
    settle: async (id: string, outcome: Partial<Pick<Notification, 'state' | 'sentAt' | 'nextAttemptAt'>>): Promise<void> => {
      await notifications.collection.updateOne({ _id: id as never }, { $set: outcome });
    },
  };
}

const dueBy = (now: Instant) => ({ $ne: null, $lte: now });

const resourceOf = ({ _id, nextAttemptAt: _, ...notification }: Notification): NotificationResource => ({ id: _id, ...notification });
