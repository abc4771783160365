import type { Platform } from '../../shared/service.ts';
import type { InvoiceStore } from '../store.ts';
import { writtenOff } from './account-credit.ts';
import type { CreditStore } from './store.ts';

const everyMillis = 600_000;
const accountsPerSweep = 200;

export type CreditExpiry = {
  /**
   * Writes off the credit that has expired and returns the number of accounts. A repeat finds
   * nothing more.
   */
  readonly sweep: () => Promise<number>;
  readonly start: () => void;
  readonly stop: () => Promise<void>;
};

/**
 * Writes off expired credit by a ledger entry, even where no one uses the account. Customers on a
 * test clock are left out: their credit is written off when it is next read, by the time of their
 * clock.
 */
export function createCreditExpiry({ now, log }: Platform, credits: CreditStore, invoices: InvoiceStore): CreditExpiry {
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<unknown> = Promise.resolve();

  const sweep = async (): Promise<number> => {
    const accounts = await credits.expired(now(), accountsPerSweep);
    const customers = await invoices.customers(accounts.map(({ customerId }) => customerId));
    const onSystemTime = accounts.filter(({ customerId }) => (customers.get(customerId)?.testClock ?? null) === null);
    for (const { customerId, currency } of onSystemTime)
      await credits.change(customerId, currency, (account) => writtenOff(account, now()));
    return onSystemTime.length;
  };

  const run = (): void => {
    running = sweep().catch((error: Error) => log.warn({ err: error }, 'credit expiry sweep failed'));
  };

  return {
    sweep,
    start: () => {
      timer = setInterval(run, everyMillis).unref();
      run();
    },
    stop: async () => {
      clearInterval(timer);
      await running;
    },
  };
}
