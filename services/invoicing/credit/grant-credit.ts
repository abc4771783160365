import { setTimeout as pause } from 'node:timers/promises';
import type { Instant } from '../../shared/time.ts';
import { type FundsApplier, type FundsSource, offlineFunds } from '../apply-funds.ts';
import type { Invoice } from '../invoice.ts';
import { amountRemaining } from '../invoice-balance.ts';
import type { InvoiceStore } from '../store.ts';
import { type CreditAccount, granted, type NewCredit, released, reservationFor, reserved } from './account-credit.ts';
import type { CreditStore } from './store.ts';

export type CreditGranter = {
  /**
   * Grants credit once under its id and applies it to the customer's open invoices, oldest first,
   * the last one perhaps in part. Returns the account afterwards.
   */
  readonly grant: (customer: { readonly id: string }, currency: string, credit: NewCredit, now: Instant) => Promise<CreditAccount>;
  /**
   * Completes an application of credit or offline money that a crash or an outage interrupted; one
   * that another process is making is left alone.
   */
  readonly resume: (invoice: Invoice) => Promise<void>;
};

const millisToNextTry = 50;
const mostTries = 100;

/**
 * Granted account credit pays open invoices: it is reserved, the payment is lowered, then it is
 * applied.
 */
export function createCreditGranter(invoices: InvoiceStore, credits: CreditStore, funds: FundsApplier): CreditGranter {
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

  const applyCredit = (invoice: Invoice, now: Instant) => funds.apply(invoice, { id: 'credit', at: now, manual: null }, creditOf(now));

  /** Continues what another request or process has left, in part or in full. */
  const resume = async (invoice: Invoice): Promise<void> => {
    const { at = invoice.issuedAt, manual = null } = invoice.settling ?? {};
    await (manual === null ? applyCredit(invoice, at) : funds.apply(invoice, { id: manual.id, at, manual }, offlineFunds(manual)));
  };

  /** Waits while other funds are applied to the invoice, for the credit may pay what they leave. */
  const payInvoice = async (invoice: Invoice, now: Instant): Promise<void> => {
    for (let tries = 1; (await applyCredit(invoice, now)).settling && tries < mostTries; tries++) await pause(millisToNextTry);
  };

  const payOpenInvoices = async (customerId: string, currency: string, now: Instant): Promise<void> => {
    for (const invoice of await invoices.openOf(customerId, currency)) await payInvoice(invoice, now);
  };

  return {
    grant: async ({ id }, currency, credit, now) => {
      await credits.change(id, currency, (before) => granted(before, credit, now));
      await payOpenInvoices(id, currency, now);
      return credits.change(id, currency, (account) => account);
    },
    resume,
  };
}

/** Ids of the credit and offline money that have been applied to the invoice. */
const appliedTo = ({ settlements = [] }: Invoice): readonly string[] => settlements.map(({ id }) => id);
