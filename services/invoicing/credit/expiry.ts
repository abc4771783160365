import type { Platform } from '../../shared/service.ts';
import type { InvoiceStore } from '../store.ts';
import { writtenOff } from './account-credit.ts';
import type { CreditStore } from './store.ts';

const everyMillis = 600_000;
const atOnce = 200;

export type CreditExpiry = {
  /** Writes off what has expired by now; answers how many accounts. Repeating it finds nothing more. */
  readonly sweep: () => Promise<number>;
  readonly start: () => void;
  readonly stop: () => Promise<void>;
};

/**
 * Credit that expires is written off by an entry, also where nobody uses the account. Customers on a test clock are left out: their credit
 * is written off when it is next looked at, by the time of their clock.
 */
export function createCreditExpiry({ now, log }: Platform, credits: CreditStore, invoices: InvoiceStore): CreditExpiry {
  let timer: NodeJS.Timeout | undefined;
  let sweeping: Promise<unknown> = Promise.resolve();

  const sweep = async (): Promise<number> => {
    const accounts = await credits.expired(now(), atOnce);
    const customers = await invoices.customers(accounts.map(({ customerId }) => customerId));
    const onSystemTime = accounts.filter(({ customerId }) => (customers.get(customerId)?.testClock ?? null) === null);
    for (const { customerId, currency } of onSystemTime)
      await credits.change(customerId, currency, (account) => writtenOff(account, now()));
    return onSystemTime.length;
  };

  const round = (): void => {
    sweeping = sweep().catch((error: Error) => log.warn({ reason: error.message }, 'expired credit could not be written off'));
  };

  return {
    sweep,
    start: () => {
      timer = setInterval(round, everyMillis).unref();
      round();
    },
    stop: async () => {
      clearInterval(timer);
      await sweeping;
    },
  };
}
