import type { Connection } from 'mongoose';
import type { PageQuery } from '../../shared/list.ts';
import { documentModel, insertNew, type Page, pageOf } from '../../shared/mongo.ts';
import { batched } from '../../shared/one-batch-at-a-time.ts';
import type { Instant } from '../../shared/time.ts';
import type { Webhook } from './webhook.ts';

export type WebhookStore = {
  /** True for a webhook that was not there yet. Those that come together are written together. */
  readonly keep: (webhook: Webhook) => Promise<boolean>;
  readonly find: (id: string) => Promise<Webhook | undefined>;
  readonly handled: (id: string, at: Instant) => Promise<void>;
  readonly unhandled: (limit: number) => Promise<readonly Webhook[]>;
  readonly list: (page: PageQuery) => Promise<Page<Webhook>>;
};

export function createWebhookStore(documents: Connection): WebhookStore {
  const webhooks = documentModel<Webhook>(
    documents,
    'payment_webhooks',
    { type: String, receivedAt: String, createdAt: String, reference: String, intentId: String, methodToken: String, handledAt: String },
    [{ fields: { createdAt: -1 } }, { fields: { handledAt: 1 } }],
  );
  const keep = batched(async (rows: readonly Webhook[]) => {
    const first = new Map(rows.map((row) => [row._id, row]));
    const inserted = await insertNew(webhooks, [...first.values()]);
    return rows.map((row) => inserted.has(row._id) && first.get(row._id) === row);
  });
  return {
    keep: async (webhook) => (await keep([webhook]))[0] === true,
    find: async (id) => ((await webhooks.findById(id).lean()) as unknown as Webhook | null) ?? undefined,
    handled: async (id, at) => {
      await webhooks.collection.updateOne({ _id: id } as never, { $set: { handledAt: at } });
    },
    unhandled: async (limit) =>
      (await webhooks
        .find({ handledAt: null } as never)
        .limit(limit)
        .lean()) as unknown as Webhook[],
    list: (page) => pageOf(webhooks, {}, page),
  };
}
