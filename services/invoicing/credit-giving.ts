import { paymentIdOf } from '../shared/ids.ts';
import type { Platform } from '../shared/service.ts';
import type { Instant } from '../shared/time.ts';
import { type CreditAccount, granted, type NewCredit, released, reserved, reservedFor } from './account-credit.ts';
import type { CreditStore } from './credit-store.ts';
import { type Invoice, settledByCredit } from './invoice.ts';
import { eventsCausedBy } from './invoice-shown.ts';
import type { InvoiceStore } from './store.ts';

export type CreditGiving = {
  /** Gives credit once under its id; what it can pay whole of the customer's open invoices is paid, the oldest first. Answers what is left. */
  readonly give: (customer: { readonly id: string }, currency: string, credit: NewCredit, now: Instant) => Promise<CreditAccount>;
  /** Ends what a crash left half-way. */
  readonly recover: () => Promise<void>;
};

const millisToWaitForClock = 15_000;
const millisToTryAgain = 5_000;

/**
 * An invoice is paid by credit only after its payment was taken back from the gateway, so that nobody pays twice: the invoice notes that it
 * is being settled, the credit is put aside, the payment is withdrawn, then the invoice is paid. A payment that is under way stays, and the
 * credit comes back.
 */
export function createCreditGiving(platform: Platform, invoices: InvoiceStore, credits: CreditStore): CreditGiving {
  const change = async ({ _id }: Invoice, decide: (invoice: Invoice) => Invoice): Promise<Invoice> =>
    (await invoices.change([_id], decide)).get(_id) as Invoice;

  const settle = async (open: Invoice, now: Instant): Promise<void> => {
    const invoice = await change(open, (stored) => (stored.status === 'open' ? { ...stored, settling: true } : stored));
    if (!invoice.settling) return;
    const account = await credits.change(invoice.customerId, invoice.currency, (before) =>
      reserved(before, invoice._id, invoice.amountDue, now),
    );
    const amount = reservedFor(account, invoice._id);
    const isWithdrawn = amount > 0 && (await withdraw(platform, invoice._id));
    const after = await change(invoice, (stored) => (isWithdrawn ? settledByCredit(stored, amount, now) : { ...stored, settling: false }));
    if (after.creditSettled === undefined) {
      await credits.change(invoice.customerId, invoice.currency, (before) => released(before, invoice._id, now));
      return;
    }
    await announce(after);
  };

  const announce = async (invoice: Invoice): Promise<void> => {
    const events = eventsCausedBy(invoice, 'credit');
    await platform.publish(events);
    await change(invoice, (stored) => ({ ...stored, settling: false }));
    if (invoice.testClock !== null)
      await platform.settlement.settled(
        events.map(({ id }) => id),
        millisToWaitForClock,
      );
  };

  /** What the payment service, being away, left half-way is tried again until it is done. */
  const recover = async (): Promise<void> => {
    try {
      for (const invoice of await invoices.settling())
        await (invoice.creditSettled === undefined ? settle(invoice, timeOf(invoice)) : announce(invoice));
    } catch (error) {
      platform.log.warn({ reason: (error as Error).message }, 'an invoice is not paid by credit yet; it will be tried again');
      setTimeout(recover, millisToTryAgain).unref();
    }
  };
  const timeOf = ({ testClock, issuedAt }: Invoice): Instant => (testClock === null ? platform.now() : issuedAt);

  const payOpen = async (customerId: string, currency: string, now: Instant): Promise<void> => {
    try {
      for (const invoice of await invoices.openOf(customerId, currency)) await settle(invoice, now);
    } catch (error) {
      setTimeout(recover, millisToTryAgain).unref();
      throw error;
    }
  };

  return {
    give: async ({ id }, currency, credit, now) => {
      await credits.change(id, currency, (before) => granted(before, credit, now));
      await payOpen(id, currency, now);
      return credits.change(id, currency, (account) => account);
    },
    recover,
  };
}

/** True once the payment cannot be charged any more; false while its outcome is open. */
async function withdraw({ invoke }: Platform, invoiceId: string): Promise<boolean> {
  const answer = await invoke('payment', 'post', `payments/${encodeURIComponent(paymentIdOf(invoiceId))}/withdraw`);
  return (answer as { withdrawn?: boolean } | undefined)?.withdrawn === true;
}
