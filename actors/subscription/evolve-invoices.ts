import { earliest, type Instant } from '../../services/shared/time.ts';
import { hasCharges } from './invoice.ts';
import type { ChargedItem, InvoiceLine, InvoiceRequest, OpenInvoice, Subscription, SubscriptionEvent, Terms } from './subscription.ts';

/** What an event leaves different in the state. */
export type Changes = Partial<Omit<Subscription, 'sequence' | 'updatedAt'>>;

/**
 * What an event's invoice does. Time that is credited, or charged anew, is not paid any more. Charges replace the items of the period
 * and are waited for; credits shrink or end the items they return.
 */
export function invoiced(state: Subscription, { at, invoice }: { at: Instant; invoice: InvoiceRequest | null }): Changes {
  if (invoice === null) return {};
  const paidThrough =
    state.paidThrough && earliest(state.paidThrough, ...invoice.lines.filter(opensTime).map(({ period }) => period.start));
  if (!hasCharges(invoice)) return { paidThrough: paidThrough ?? null, charged: returned(state.charged, invoice.lines) };
  const openInvoices = [...state.openInvoices, opened(invoice, at)];
  return { paidThrough: paidThrough ?? null, charged: chargedBy(invoice, state.terms), openInvoices };
}

/** Blocked time alone lies within what stays paid. */
const opensTime = ({ explanation: { rule } }: InvoiceLine): boolean => rule !== 'blocked-time';

const chargedBy = ({ invoiceId, lines }: InvoiceRequest, terms: Terms): ChargedItem[] =>
  lines.filter(({ kind }) => kind === 'recurring').map(({ period, amount }) => ({ terms, invoiceId, period, amount, credited: 0 }));

function returned(charged: readonly ChargedItem[], lines: readonly InvoiceLine[]): ChargedItem[] {
  return charged.flatMap((item) => {
    const credits = lines.filter(({ creditedInvoiceId }) => creditedInvoiceId === item.invoiceId);
    if (credits.some(opensTime)) return [];
    return [{ ...item, credited: credits.reduce((total, { amount }) => total - amount, item.credited) }];
  });
}

const opened = ({ invoiceId, cause }: InvoiceRequest, at: Instant): OpenInvoice => ({
  invoiceId,
  cause,
  openedAt: at,
  pending: true,
  pendingSince: at,
  failedAttempts: 0,
  hardDeclines: 0,
  firstFailedAt: null,
  lastDecline: null,
  retryAt: null,
  suspendAt: null,
  graceEndsAt: null,
});

export const without = ({ openInvoices }: Subscription, invoiceId: string): OpenInvoice[] =>
  openInvoices.filter((invoice) => invoice.invoiceId !== invoiceId);

export const withInvoice = (
  { openInvoices }: Subscription,
  invoiceId: string,
  change: (invoice: OpenInvoice) => Partial<OpenInvoice>,
): OpenInvoice[] => openInvoices.map((invoice) => (invoice.invoiceId === invoiceId ? { ...invoice, ...change(invoice) } : invoice));

export function settled(state: Subscription, invoiceId: string): Changes {
  const openInvoices = without(state, invoiceId);
  const waited = state.status === 'incomplete' || state.status === 'past-due';
  return { openInvoices, status: waited && openInvoices.length === 0 ? 'active' : state.status };
}

export const failed =
  ({
    attempt,
    category,
    declineCode,
    firstFailedAt,
    retryAt,
    suspendAt,
    graceEndsAt,
  }: Extract<SubscriptionEvent, { type: 'subscription.payment-failed' }>) =>
  ({ hardDeclines }: OpenInvoice): Partial<OpenInvoice> => ({
    pending: false,
    failedAttempts: attempt,
    hardDeclines: hardDeclines + (category === 'hard' ? 1 : 0),
    lastDecline: { category, code: declineCode },
    firstFailedAt,
    retryAt,
    suspendAt,
    graceEndsAt,
  });
