import type { Problem } from '../shared/problem.ts';
import { refused } from '../shared/route.ts';
import type { Platform } from '../shared/service.ts';
import type { Instant } from '../shared/time.ts';
import { granted, returned } from './credit/account-credit.ts';
import type { CreditStore } from './credit/store.ts';
import type { Invoice } from './invoice.ts';
import { closedAs } from './invoice-changes.ts';
import { eventsCausedBy } from './invoice-resource.ts';
import type { InvoiceStore } from './store.ts';
import type { RequestedReturn } from './void-return.ts';

type ClosedStatus = 'void' | 'uncollectible';

export type InvoiceCloser = {
  /** Closes an open invoice. A repeat returns it; `invoice-not-open` where it is paid. */
  readonly close: (invoice: Invoice, as: ClosedStatus, now: Instant, request?: RequestedReturn) => Promise<Invoice | Problem>;
  /** Publishes a closure whose events a crash or an outage lost. */
  readonly publish: (invoice: Invoice) => Promise<void>;
};

const causeOf = (as: ClosedStatus): string => `requested:${as}`;

/**
 * Returns the account credit of a void: the credit that the invoice had drawn returns with its
 * expiry, the rest is new credit. The payment service refunds the money. A repeat changes nothing.
 */
export async function returnVoidedCredit(credits: CreditStore, invoice: Invoice): Promise<void> {
  const { _id, customerId, currency, creditApplied, givenBack, changes } = invoice;
  if (givenBack === undefined || givenBack.credit === 0) return;
  const at = changes.at(-1)?.at as string;
  const rest = { id: `${_id}:void`, amount: givenBack.credit - creditApplied, reason: 'void', expiresAt: null };
  await credits.change(customerId, currency, (account) => granted(returned(account, _id, at), rest, at));
}

/**
 * Closes invoices on request of an API client. No message broker would deliver such a request
 * again, so the invoice itself notes that its event is still to be published.
 */
export function createInvoiceCloser(platform: Platform, invoices: InvoiceStore, credits: CreditStore): InvoiceCloser {
  const publish = async (invoice: Invoice): Promise<void> => {
    await returnVoidedCredit(credits, invoice);
    await platform.publish([...eventsCausedBy(invoice, causeOf('void')), ...eventsCausedBy(invoice, causeOf('uncollectible'))]);
    await invoices.change([invoice._id], (stored) => (stored.announcementOwed ? { ...stored, announcementOwed: false } : stored));
  };

  return {
    close: async (invoice, as, now, request) => {
      let refusal: Problem | undefined;
      const changed = await invoices.change([invoice._id], (before) => {
        const result = closedAs(before, as, now, causeOf(as), request);
        refusal = result.ok ? undefined : refused(result.rejection);
        return result.ok && result.value !== before ? { ...result.value, announcementOwed: true } : before;
      });
      const after = changed.get(invoice._id) ?? invoice;
      if (refusal) return refusal;
      if (after.announcementOwed) await publish(after);
      return after;
    },
    publish,
  };
}
