import type { Platform } from '../shared/service.ts';
import { createSweep, type Sweep } from '../shared/sweep.ts';
import type { AccountStore, StoredAccount } from './store.ts';

const settlementMillis = 5_000;
const sweepMillis = 30_000;

/**
 * Its sweep publishes the events that a crash or an outage left unpublished, and returns the number
 * of accounts. Consumers recognise a repeat by its event id.
 */
export type Announcements = Sweep & {
  /**
   * Publishes the unpublished events of an account. When the broker is unavailable, the change is
   * kept and a sweep publishes it later. For a customer on a test clock it also waits, at most 5 s,
   * until everything that follows from the events has happened.
   */
  readonly announce: (account: StoredAccount) => Promise<void>;
};

export function createAnnouncements(
  store: AccountStore,
  { publish, settlement, log }: Pick<Platform, 'publish' | 'settlement' | 'log'>,
): Announcements {
  const publishOf = async (account: StoredAccount): Promise<void> => {
    await publish(account.unpublished);
    await store.markAnnounced(account);
  };
  const sweep = createSweep({ name: 'customer event publishing', page: store.unannounced, work: publishOf }, log, sweepMillis);

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
    ...sweep,
  };
}
