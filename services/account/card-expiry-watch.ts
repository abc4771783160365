import type { Connection } from 'mongoose';
import { documentModel, insertNew } from '../shared/mongo.ts';
import type { Platform } from '../shared/service.ts';
import type { Instant } from '../shared/time.ts';
import { expiringCard, expiringEvent, noticeIdOf } from './card-expiry.ts';
import type { AccountStore, StoredAccount } from './store.ts';

const dailyMillis = 24 * 3_600_000;
const retryMillis = 60_000;
const batchSize = 100;

export type CardExpiryWatch = {
  /**
   * Publishes a notice for each card that expires soon, and returns their number. A repeat
   * publishes none.
   */
  readonly sweep: () => Promise<number>;
  readonly start: () => void;
  readonly stop: () => Promise<void>;
};

/**
 * Once a day, publishes a notice for customers whose default card is about to expire, before a
 * payment fails. Customers without a coming bill get none. Each notice is published, then recorded:
 * a crash in between publishes it again under the same id. Customers on a test clock are omitted,
 * because the watch runs on system time.
 */
export function createCardExpiryWatch(
  { documents, invoke, publish, now, log, config }: CardExpiryParts,
  accounts: AccountStore,
): CardExpiryWatch {
  const notices = openNotices(documents);
  let timer: NodeJS.Timeout | undefined;
  let sweeping: Promise<unknown> = Promise.resolve();

  const notify = async (batch: readonly StoredAccount[]): Promise<number> => {
    const time = now();
    const soon = batch.flatMap((account) => expiringCard(account, time, config.cardExpiryDays) ?? []);
    const recorded = await notices.known(soon.map(noticeIdOf));
    const pending = soon.filter((card) => !recorded.has(noticeIdOf(card)));
    if (pending.length === 0) return 0;
    const customerIds = pending.map(({ method }) => method.customerId);
    const { nextBilling } = (await invoke('subscription', 'post', 'next-billing', { customerIds })) as NextBilling;
    const events = pending.flatMap((card) => {
      const at = nextBilling[card.method.customerId];
      return at === undefined ? [] : [expiringEvent(card, at, time)];
    });
    if (events.length > 0) await publish(events);
    await notices.record(
      events.map(({ subject }) => subject),
      time,
    );
    return events.length;
  };
  const sweep = async (): Promise<number> => {
    let published = 0;
    for await (const batch of batched(accounts.expiringBy(now(), config.cardExpiryDays))) published += await notify(batch);
    return published;
  };
  const run = (): void => {
    sweeping = sweep()
      .then(() => dailyMillis)
      .catch((err: unknown) => {
        log.warn({ err }, 'card-expiry notification failed');
        return retryMillis;
      })
      .then((millis) => {
        timer = setTimeout(run, millis).unref();
      });
  };

  return {
    sweep,
    start: run,
    stop: async () => {
      clearTimeout(timer);
      await sweeping;
      clearTimeout(timer);
    },
  };
}

type CardExpiryParts = Pick<Platform, 'documents' | 'invoke' | 'publish' | 'now' | 'log' | 'config'>;

type NextBilling = { readonly nextBilling: Readonly<Record<string, Instant>> };

type NoticeDocument = { readonly _id: string; readonly toldAt: Instant };

function openNotices(documents: Connection) {
  const notices = documentModel<NoticeDocument>(documents, 'account_card_expiry_notices', { toldAt: String });
  return {
    known: async (ids: readonly string[]): Promise<ReadonlySet<string>> =>
      new Set((await notices.find({ _id: { $in: [...ids] } }).lean()).map(({ _id }) => String(_id))),
    record: async (ids: readonly string[], toldAt: Instant): Promise<void> =>
      void (await insertNew(
        notices,
        ids.map((_id) => ({ _id, toldAt })),
      )),
  };
}

async function* batched<Item>(items: AsyncIterable<Item>): AsyncGenerator<readonly Item[]> {
  let batch: Item[] = [];
  for await (const item of items) {
    batch.push(item);
    if (batch.length < batchSize) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
