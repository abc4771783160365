import type { Platform } from '../shared/service.ts';
import type { AccountStore, StoredAccount } from './store.ts';

const settlementMillis = 5_000;
const sweepMillis = 60_000;
const sweepSize = 500;

export type Announcements = {
  /**
   * Publishes the unpublished events of an account. When the broker is unavailable, the change is
   * kept and a sweep publishes it later. For a customer on a test clock it also waits, at most 5 s,
   * until everything that follows from the events has happened.
   */
  readonly announce: (account: StoredAccount) => Promise<void>;
  /**
   * Publishes the events that a crash or an outage left unpublished, and returns the number of
   * accounts. Consumers recognise a repeat by its event id.
   */
  readonly sweep: () => Promise<number>;
  readonly start: () => Promise<void>;
  readonly stop: () => Promise<void>;
};

export function createAnnouncements(
  store: AccountStore,
  { publish, settlement, log }: Pick<Platform, 'publish' | 'settlement' | 'log'>,
): Announcements {
  let timer: NodeJS.Timeout | undefined;
  let sweeping: Promise<unknown> = Promise.resolve();

  const publishOf = async (account: StoredAccount): Promise<void> => {
    await publish(account.unpublished);
    await store.markAnnounced(account);
  };
  const sweep = async (): Promise<number> => {
    const accounts = await store.unannounced(sweepSize);
    for (const account of accounts) await publishOf(account);
    return accounts.length;
  };
  const sweepSafely = async (): Promise<void> => {
    const accounts = await sweep().catch((err: unknown) => log.warn({ err }, 'customer event sweep failed'));
    if (accounts) log.info({ accounts }, 'customer events published by sweep');
  };

  return {
    announce: async (account) => {
      if (account.announced) return;
      try {
        await publishOf(account);
      } catch (err) {
        log.warn({ customerId: account._id, err }, 'customer event publishing failed, the next sweep retries');
        return;
      }
      if (account.customer.testClock === null) return;
      const ids = account.unpublished.map(({ id }) => id);
      if (!(await settlement.settled(ids, settlementMillis)))
        log.warn({ customerId: account._id }, 'customer event settlement timed out on a test clock');
    },
    sweep,
    start: async () => {
      timer = setInterval(() => {
        sweeping = sweeping.then(sweepSafely);
      }, sweepMillis);
      timer.unref();
      sweeping = sweepSafely();
    },
    stop: async () => {
      clearInterval(timer);
      await sweeping;
    },
  };
}
