import type { Instant } from '../../../services/shared/time.ts';
import { end } from './decide-cancel.ts';
import { recover } from './decide-payment.ts';
import { evolve } from './evolve.ts';
import { billingOf } from './invoice.ts';
import type { Subscription, SubscriptionCommand, SubscriptionEvent } from './subscription.ts';

type RecordInvoiceClosed = Extract<SubscriptionCommand, { type: 'recordInvoiceClosed' }>;

/**
 * Releases the subscription from an open invoice that is not owed any more: its retries stop, and
 * access returns where no other invoice is open. The time that it charged stays charged, at no
 * value, so it is neither billed again nor returned. A subscription that waits for its first
 * payment ends, for that payment will not come. An invoice that is not open changes nothing.
 */
export function recordInvoiceClosed(state: Subscription, { invoiceId, as }: RecordInvoiceClosed, now: Instant): SubscriptionEvent[] {
  const open = state.openInvoices.find((invoice) => invoice.invoiceId === invoiceId);
  if (open === undefined) return [];
  if (state.status === 'incomplete') return [end(state, 'incomplete-expired', 'first-payment-missing', now, now)];
  const closed: SubscriptionEvent = { type: 'subscription.invoice-closed', at: now, invoiceId, as };
  if (state.status !== 'suspended' || state.openInvoices.length > 1) return [closed];
  const paidThrough = state.paidThrough ?? billingOf(state).period.start;
  return [closed, ...recover(evolve(state, closed), invoiceId, paidThrough, now)];
}
