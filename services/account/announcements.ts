import type { Platform } from '../shared/service.ts';
import type { AccountStore, StoredAccount } from './store.ts';

const settlementMillis = 5_000;
const sweepMillis = 60_000;
const sweepSize = 500;

export type Announcements = {
  /**
   * Publishes what an account has to tell. Where the broker is away the change stands all the same and the sweep tells it later.
   * For a customer on a test clock it also waits, up to 5 s, until everything that follows from it has happened.
   */
  readonly announce: (account: StoredAccount) => Promise<void>;
  /** Publishes what a crash or an outage left unpublished; answers how many accounts that were. A repeat is known by its event ids. */
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

  const tell = async (account: StoredAccount): Promise<void> => {
    await publish(account.unpublished);
    await store.markAnnounced(account);
  };
  const sweep = async (): Promise<number> => {
    const accounts = await store.unannounced(sweepSize);
    for (const account of accounts) await tell(account);
    return accounts.length;
  };
  const sweepAndGoOn = async (): Promise<void> => {
    const told = await sweep().catch((error: Error) => log.warn({ reason: error.message }, 'customer events wait for the next sweep'));
    if (told) log.info({ told }, 'customer events published late');
  };

  return {
    announce: async (account) => {
      if (account.announced) return;
      try {
        await tell(account);
      } catch (error) {
        log.warn({ customerId: account._id, reason: (error as Error).message }, 'a customer event waits for the next sweep');
        return;
      }
      if (account.customer.testClock === null) return;
      const ids = account.unpublished.map(({ id }) => id);
      if (!(await settlement.settled(ids, settlementMillis)))
        log.warn({ customerId: account._id }, 'what follows from a customer event is not done yet');
    },
    sweep,
    start: async () => {
      timer = setInterval(() => {
        sweeping = sweeping.then(sweepAndGoOn);
      }, sweepMillis);
      timer.unref();
      sweeping = sweepAndGoOn();
    },
    stop: async () => {
      clearInterval(timer);
      await sweeping;
    },
  };
}
