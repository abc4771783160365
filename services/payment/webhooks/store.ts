import type { Connection } from 'mongoose';
import type { PageQuery } from '../../shared/list.ts';
import { collectionOf, documentModel, insertNew, type Page, pageOf } from '../../shared/mongo.ts';
import { batched } from '../../shared/one-batch-at-a-time.ts';
import type { Instant } from '../../shared/time.ts';
import type { Webhook } from './webhook.ts';

export type WebhookStore = {
  /**
   * True for a webhook that was not stored yet. Webhooks that arrive together are written together.
   */
  readonly insert: (webhook: Webhook) => Promise<boolean>;
  readonly find: (id: string) => Promise<Webhook | undefined>;
  readonly markHandled: (id: string, at: Instant) => Promise<void>;
  readonly unhandled: (limit: number) => Promise<readonly Webhook[]>;
  readonly list: (page: PageQuery) => Promise<Page<Webhook>>;
};

export function createWebhookStore(documents: Connection): WebhookStore {
  const model = documentModel<Webhook>(
    documents,
    'payment_webhooks',
    { type: String, receivedAt: String, createdAt: String, reference: String, intentId: String, methodToken: String, handledAt: String },
    [{ fields: { createdAt: -1 } }, { fields: { handledAt: 1 } }],
  );
  const webhooks = collectionOf(model);
  const insert = batched(async (rows: readonly Webhook[]) => {
    const first = new Map(rows.map((row) => [row._id, row]));
    const inserted = await insertNew(model, [...first.values()]);
    return rows.map((row) => inserted.has(row._id) && first.get(row._id) === row);
  });
  return {
    insert: async (webhook) => (await insert([webhook]))[0] === true,
    find: async (id) => (await webhooks.findOne({ _id: id })) ?? undefined,
    markHandled: async (id, at) => {
      await webhooks.updateOne({ _id: id }, { $set: { handledAt: at } });
    },
    unhandled: (limit) => webhooks.find({ handledAt: null }).limit(limit).toArray(),
    list: (page) => pageOf(model, {}, page),
  };
}
