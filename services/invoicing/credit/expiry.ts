import type { Platform } from '../../shared/service.ts';
import { createSweep, type Sweep } from '../../shared/sweep.ts';
import type { InvoiceStore } from '../store.ts';
import { type CreditAccount, writtenOff } from './account-credit.ts';
import type { CreditStore } from './store.ts';

const everyMillis = 600_000;

/**
 * Writes off expired credit by a ledger entry, even where no one uses the account. Customers on a
 * test clock are left out: their credit is written off when it is next read, by the time of their
 * clock. A repeat finds nothing more.
 */
export function createCreditExpiry({ now, log }: Platform, credits: CreditStore, invoices: InvoiceStore): Sweep {
  const onSystemTime = async (after: string, limit: number): Promise<readonly CreditAccount[]> => {
    const accounts = await credits.expired(now(), after, limit);
    const customers = await invoices.customers(accounts.map(({ customerId }) => customerId));
    const due = accounts.filter(({ customerId }) => (customers.get(customerId)?.testClock ?? null) === null);
    const last = accounts.at(-1);
    return due.length > 0 || accounts.length < limit || last === undefined ? due : onSystemTime(last._id, limit);
  };
  const writeOff = ({ customerId, currency }: CreditAccount) =>
    credits.change(customerId, currency, (account) => writtenOff(account, now()));

  return createSweep({ name: 'credit expiry', page: onSystemTime, work: writeOff }, log, everyMillis);
}
