import type { Problem } from '../shared/problem.ts';
import { refused } from '../shared/route.ts';
import type { Platform } from '../shared/service.ts';
import { granted, returned } from './credit/account-credit.ts';
import type { CreditStore } from './credit/store.ts';
import type { Invoice } from './invoice.ts';
import { closedAs } from './invoice-changes.ts';
import { eventsCausedBy } from './invoice-resource.ts';
import type { InvoiceStore } from './store.ts';
import type { RequestedReturn } from './void-return.ts';

type ClosedStatus = 'void' | 'uncollectible';

const requested = (as: ClosedStatus): string => `requested:${as}`;

/**
 * The account credit that a void gives back: what the invoice had drawn returns with its expiry, the rest is new credit. Money goes back
 * by the payment service. A repeat changes nothing.
 */
export async function returnVoidedCredit(credits: CreditStore, invoice: Invoice): Promise<void> {
  const { _id, customerId, currency, creditApplied, givenBack, changes } = invoice;
  if (givenBack === undefined || givenBack.credit === 0) return;
  const at = changes.at(-1)?.at as string;
  const parts = { id: `${_id}:void`, amount: givenBack.credit - creditApplied, reason: 'void', expiresAt: null };
  await credits.change(customerId, currency, (account) => granted(returned(account, _id, at), parts, at));
}

/** Closing invoices because somebody asked for it, so that no broker stands behind the event: the invoice itself remembers that it is owed. */
export function createInvoiceCloser(platform: Platform, invoices: InvoiceStore, credits: CreditStore) {
  const announce = async (invoice: Invoice): Promise<void> => {
    await returnVoidedCredit(credits, invoice);
    await platform.publish([...eventsCausedBy(invoice, requested('void')), ...eventsCausedBy(invoice, requested('uncollectible'))]);
    await invoices.change([invoice._id], (stored) => (stored.announcementOwed ? { ...stored, announcementOwed: false } : stored));
  };

  return {
    /** Closes an open invoice and publishes that. Asking again answers as it was closed; `invoice-not-open` where it is paid. */
    close: async (invoice: Invoice, as: ClosedStatus, now: string, asked?: RequestedReturn): Promise<Invoice | Problem> => {
      let refusal: Problem | undefined;
      const changed = await invoices.change([invoice._id], (before) => {
        const result = closedAs(before, as, now, requested(as), asked);
        refusal = result.ok ? undefined : refused(result.rejection);
        return result.ok && result.value !== before ? { ...result.value, announcementOwed: true } : before;
      });
      const after = changed.get(invoice._id) ?? invoice;
      if (refusal) return refusal;
      if (after.announcementOwed) await announce(after);
      return after;
    },
    /** Publishes what a crash kept from being published. */
    recover: async (): Promise<void> => {
      for (const invoice of await invoices.withUnpublishedClosure()) await announce(invoice);
    },
  };
}
