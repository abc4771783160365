import type { Platform } from '../../shared/service.ts';
import type { Instant } from '../../shared/time.ts';
import { type FundsApplier, type FundsSource, offlineFunds } from '../apply-funds.ts';
import type { Invoice } from '../invoice.ts';
import { amountRemaining } from '../invoice-balance.ts';
import type { InvoiceStore } from '../store.ts';
import { type CreditAccount, granted, type NewCredit, released, reservationFor, reserved } from './account-credit.ts';
import type { CreditStore } from './store.ts';

export type CreditGranter = {
  /** Gives credit once under its id; it pays the customer's open invoices, the oldest first, the last one perhaps in part. Answers what is left. */
  readonly grant: (customer: { readonly id: string }, currency: string, credit: NewCredit, now: Instant) => Promise<CreditAccount>;
  /** Ends settlements that a crash left half-way. */
  readonly recover: () => Promise<void>;
};

const millisToTryAgain = 5_000;

/** Account credit that is given pays what is open: put aside, then the payment gives way, then the invoice is settled (`settling.ts`). */
export function createCreditGranter(platform: Platform, invoices: InvoiceStore, credits: CreditStore, funds: FundsApplier): CreditGranter {
  const creditOf = (now: Instant): FundsSource => ({
    reserve: async (invoice) => {
      const { _id, customerId, currency } = invoice;
      const applied = appliedTo(invoice);
      const account = await credits.change(customerId, currency, (before) => reserved(before, _id, amountRemaining(invoice), applied, now));
      const reservation = reservationFor(account, _id, applied);
      return reservation && { ...reservation, kind: 'credit', at: now, receipt: null };
    },
    release: async (invoice) => {
      await credits.change(invoice.customerId, invoice.currency, (before) => released(before, invoice._id, appliedTo(invoice), now));
    },
  });

  const settle = (invoice: Invoice, now: Instant) => funds.apply(invoice, { id: 'credit', at: now, manual: null }, creditOf(now));

  /** What the payment service, being away, left half-way is tried again until it is done. */
  const recover = async (): Promise<void> => {
    try {
      for (const invoice of await invoices.withPendingFunds()) {
        const { at = invoice.issuedAt, manual = null } = invoice.settling ?? {};
        await (manual === null ? settle(invoice, at) : funds.apply(invoice, { id: manual.id, at, manual }, offlineFunds(manual)));
      }
    } catch (error) {
      platform.log.warn({ reason: (error as Error).message }, 'an invoice is not settled yet; it will be tried again');
      setTimeout(recover, millisToTryAgain).unref();
    }
  };

  const payOpen = async (customerId: string, currency: string, now: Instant): Promise<void> => {
    try {
      for (const invoice of await invoices.openOf(customerId, currency)) await settle(invoice, now);
    } catch (error) {
      setTimeout(recover, millisToTryAgain).unref();
      throw error;
    }
  };

  return {
    grant: async ({ id }, currency, credit, now) => {
      await credits.change(id, currency, (before) => granted(before, credit, now));
      await payOpen(id, currency, now);
      return credits.change(id, currency, (account) => account);
    },
    recover,
  };
}

const appliedTo = ({ settlements = [] }: Invoice): readonly string[] => settlements.map(({ id }) => id);
