import { earliest, type Instant } from '../../../services/shared/time.ts';
import { couponsAfter } from './discount.ts';
import { hasCharges } from './invoice.ts';
import { itemsOf } from './pricing.ts';
import type {
  ChargedItem,
  Explanation,
  InvoiceRequest,
  Item,
  OpenInvoice,
  RequestedLine,
  Subscription,
  SubscriptionEvent,
} from './subscription.ts';
import { isInArrears } from './terms-checks.ts';

/** The fields that an event changes. */
export type Changes = Partial<Omit<Subscription, 'sequence' | 'updatedAt'>>;

/**
 * The effect of an event's invoice. Time that is credited, or charged again, is not paid any more.
 * Charges open the invoice until it is paid; credits reduce or remove the items that they return.
 * `state` has the terms that the invoice bills.
 */
export function invoiced(state: Subscription, { at, invoice }: { at: Instant; invoice: InvoiceRequest | null }): Changes {
  if (invoice === null) return {};
  const paidThrough =
    state.paidThrough && earliest(state.paidThrough, ...invoice.lines.filter(opensTime).map(({ period }) => period.start));
  const changes = {
    paidThrough: paidThrough ?? null,
    charged: isInArrears(state) ? [] : chargedAfter(state, invoice),
    coupons: couponsAfter(state.coupons, invoice.discounts),
    pendingCharges: state.pendingCharges.filter(({ chargeId }) => !invoice.chargeIds.includes(chargeId)),
    billedChargeIds: [...state.billedChargeIds, ...invoice.chargeIds].slice(-chargeIdsRemembered),
  };
  return hasCharges(invoice) ? { ...changes, openInvoices: [...state.openInvoices, opened(invoice, at)] } : changes;
}

const chargeIdsRemembered = 50;

const timed: ReadonlySet<Explanation['rule']> = new Set(['full-period', 'partial-period', 'unused-time', 'whole-period-returned']);

/**
 * Whether a line reopens time that was paid. Blocked time lies within time that stays paid, and a
 * one-off charge is for no time.
 */
const opensTime = ({ explanation: { rule } }: RequestedLine): boolean => timed.has(rule);

/**
 * The charged items of the current period: those that are not returned and still run, and the new
 * ones.
 */
function chargedAfter(state: Subscription, { invoiceId, lines }: InvoiceRequest): ChargedItem[] {
  const added = lines.filter(({ kind }) => kind === 'recurring' || kind === 'add-on');
  const from = earliest(...added.map(({ period }) => period.start));
  const stay = returned(state.charged, lines).filter(({ period }) => from === undefined || period.end > from);
  const items = itemsOf(state.terms);
  const charged = added.map(({ kind, planId, period, amount, discount }) => ({
    kind: kind as ChargedItem['kind'],
    terms: items.find(({ plan }) => plan.planId === planId) as Item,
    invoiceId,
    period,
    amount: amount - discount,
    credited: 0,
  }));
  return [...stay, ...charged];
}

export const isCreditOf = ({ creditedInvoiceId, planId }: RequestedLine, item: ChargedItem): boolean =>
  creditedInvoiceId === item.invoiceId && planId === item.terms.plan.planId;

function returned(charged: readonly ChargedItem[], lines: readonly RequestedLine[]): ChargedItem[] {
  return charged.flatMap((item) => {
    const credits = lines.filter((line) => isCreditOf(line, item));
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

export function invoicePaid(state: Subscription, invoiceId: string): Changes {
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
