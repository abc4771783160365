import type { Connection } from 'mongoose';
import { documentModel, insertNew } from '../shared/mongo.ts';
import type { Platform } from '../shared/service.ts';
import type { Instant } from '../shared/time.ts';
import { expiringCard, expiringEvent, noticeIdOf } from './card-expiry.ts';
import type { AccountStore, StoredAccount } from './store.ts';

const everyMillis = 24 * 3_600_000;
const againMillis = 60_000;
const atOnce = 100;

export type CardExpiryWatch = {
  /** Tells of cards that expire soon; answers of how many. Repeating it tells nothing twice. */
  readonly sweep: () => Promise<number>;
  readonly start: () => void;
  readonly stop: () => Promise<void>;
};

/**
 * Once a day, who is to be billed with a card that is about to expire is asked for another, before a payment fails. Who has nothing to be
 * billed for is not bothered. Each telling is published, then noted: a crash in between publishes it again under the same id.
 * Customers on a test clock are left out: no clock of theirs passes here.
 */
export function createCardExpiryWatch(
  { documents, invoke, publish, now, log, config }: CardExpiryParts,
  accounts: AccountStore,
): CardExpiryWatch {
  const notices = openNotices(documents);
  let timer: NodeJS.Timeout | undefined;
  let sweeping: Promise<unknown> = Promise.resolve();

  const tell = async (batch: readonly StoredAccount[]): Promise<number> => {
    const time = now();
    const soon = batch.flatMap((account) => expiringCard(account, time, config.cardExpiryDays) ?? []);
    const told = await notices.known(soon.map(noticeIdOf));
    const untold = soon.filter((card) => !told.has(noticeIdOf(card)));
    if (untold.length === 0) return 0;
    const customerIds = untold.map(({ method }) => method.customerId);
    const { nextBilling } = (await invoke('subscription', 'post', 'next-billing', { customerIds })) as NextBilling;
    const events = untold.flatMap((card) => {
      const at = nextBilling[card.method.customerId];
      return at === undefined ? [] : [expiringEvent(card, at, time)];
    });
    if (events.length > 0) await publish(events);
    await notices.note(
      events.map(({ subject }) => subject),
      time,
    );
    return events.length;
  };
  const sweep = async (): Promise<number> => {
    let told = 0;
    for await (const batch of batched(accounts.expiringBy(now(), config.cardExpiryDays))) told += await tell(batch);
    return told;
  };
  const round = (): void => {
    sweeping = sweep()
      .then(() => everyMillis)
      .catch((error: Error) => {
        log.warn({ reason: error.message }, 'cards that expire could not be told of');
        return againMillis;
      })
      .then((millis) => {
        timer = setTimeout(round, millis).unref();
      });
  };

  return {
    sweep,
    start: round,
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
    note: async (ids: readonly string[], toldAt: Instant): Promise<void> =>
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
    if (batch.length < atOnce) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
