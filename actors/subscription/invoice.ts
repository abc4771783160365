import { invoiceIdOf } from '../../services/shared/ids.ts';
import type { Instant, Period } from '../../services/shared/time.ts';
import { anchorFrom } from './billing-period.ts';
import { creditLine } from './proration.ts';
import type {
  Anchor,
  ChargedItem,
  InvoiceCause,
  InvoiceLine,
  InvoiceRequest,
  NumberedPeriod,
  Subscription,
  SubscriptionEvent,
} from './subscription.ts';

/** The invoice that bills a period of its own (the first, a renewal), under the period's number. */
export function periodInvoice(state: Subscription, cause: 'first' | 'renewal', number: number, line: InvoiceLine): InvoiceRequest {
  return request(state, invoiceIdOf(state.id, number), cause, line.period, [line]);
}

/**
 * The invoice of an event that comes next after `state`, under that event's sequence. Lines for no time at all are left out;
 * null when none remains, for an invoice without lines is not made.
 */
export function eventInvoice(
  state: Subscription,
  cause: InvoiceCause,
  period: Period,
  lines: readonly (InvoiceLine | undefined)[],
): InvoiceRequest | null {
  const remaining = lines.filter((line) => line !== undefined && line.explanation.numerator > 0) as InvoiceLine[];
  return remaining.length === 0 ? null : request(state, invoiceIdOf(state.id, `c${state.sequence + 1}`), cause, period, remaining);
}

function request(
  state: Subscription,
  invoiceId: string,
  cause: InvoiceCause,
  period: Period,
  lines: readonly InvoiceLine[],
): InvoiceRequest {
  const { taxBehaviour, price } = state.terms.plan;
  return { invoiceId, cause, currency: price.currency, taxBehaviour, period: { start: period.start, end: period.end }, lines };
}

/** Minor units before tax, discounts and account credit. */
export const totalOf = (invoice: InvoiceRequest): number => invoice.lines.reduce((total, line) => total + line.amount, 0);

/** An invoice of credits alone asks for nothing, so nobody waits for its payment. */
export const hasCharges = (invoice: InvoiceRequest): boolean => invoice.lines.some(({ kind }) => kind !== 'credit');

/** Credits the time from `from` on of everything that was charged and paid for the current period. */
export const unusedTimeLines = (state: Subscription, from: Instant): (InvoiceLine | undefined)[] =>
  paidItems(state).map((item) => creditLine(item, 'unused-time', state, from));

/** What was charged for the current period and is paid: only this can be given back. */
export const paidItems = ({ charged, openInvoices }: Subscription): readonly ChargedItem[] =>
  charged.filter(({ invoiceId }) => !openInvoices.some((open) => open.invoiceId === invoiceId));

/** The grid and the period of a subscription whose billing has started. Throws where it has not: such a state has nothing to bill. */
export function billingOf({ id, anchor, period }: Subscription): { readonly anchor: Anchor; readonly period: NumberedPeriod } {
  if (anchor === null || period === null) throw new Error(`${id} is not billed yet`);
  return { anchor, period };
}

/** Sets the scheduled change off when its time has come: from here on its terms are billed. */
export function dueChange({ scheduledChange, timezone }: Subscription, due: Instant, now: Instant): SubscriptionEvent[] {
  if (scheduledChange === null || scheduledChange.at > due) return [];
  const anchor = scheduledChange.anchor === 'reset' ? anchorFrom(scheduledChange.at, timezone) : null;
  return [{ type: 'subscription.changed', at: now, terms: scheduledChange.terms, anchor, period: null, invoice: null }];
}
