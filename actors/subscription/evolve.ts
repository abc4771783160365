import { earliest, type Instant, millisOf, plusMillis } from '../../services/shared/time.ts';
import { hasCharges } from './invoice.ts';
import type { ChargedItem, InvoiceLine, InvoiceRequest, OpenInvoice, Subscription, SubscriptionEvent, Terms } from './subscription.ts';

type Event<Type extends SubscriptionEvent['type']> = Extract<SubscriptionEvent, { type: Type }>;
type Changes = Partial<Omit<Subscription, 'sequence'>>;

/** The state after one more event. Total and without a rule: every stored history folds. Throws when history does not begin with `created`. */
export function evolve(state: Subscription | undefined, event: SubscriptionEvent): Subscription {
  if (event.type === 'subscription.created') return created(event);
  if (state === undefined) throw new Error(`${event.type} before subscription.created`);
  return { ...state, ...changesBy(event, state), sequence: state.sequence + 1 };
}

/** The state after these events, from `before` or from nothing. */
export function fold(events: readonly SubscriptionEvent[]): Subscription | undefined;
export function fold(events: readonly SubscriptionEvent[], before: Subscription): Subscription;
export function fold(events: readonly SubscriptionEvent[], before?: Subscription): Subscription | undefined {
  return events.reduce<Subscription | undefined>(evolve, before);
}

function created(event: Event<'subscription.created'>): Subscription {
  const { type, at, ...terms } = event;
  return {
    ...terms,
    status: 'scheduled',
    createdAt: at,
    anchor: null,
    trialEnd: null,
    period: null,
    paidThrough: null,
    charged: [],
    openInvoices: [],
    scheduledChange: null,
    cancelAt: null,
    cancelCredit: 'none',
    cancelReason: null,
    scheduledPause: null,
    pausedAt: null,
    resumeAt: null,
    unusedMillis: 0,
    suspendedAt: null,
    endedAt: null,
    endReason: null,
    sequence: 1,
  };
}

function changesBy(event: Exclude<SubscriptionEvent, Event<'subscription.created'>>, state: Subscription): Changes {
  switch (event.type) {
    case 'subscription.trial-started':
      return { status: 'trialing', trialEnd: event.trialEnd };
    case 'subscription.started': {
      const { anchor, period } = event;
      return { ...invoiced(state, event), status: event.afterTrial ? 'active' : 'incomplete', anchor, period };
    }
    case 'subscription.renewal-due':
      return { ...invoiced(state, event), period: event.period };
    case 'subscription.activated':
    case 'subscription.renewed':
    case 'subscription.payment-recorded':
      return { ...settled(state, event.invoiceId), paidThrough: event.paidThrough };
    case 'subscription.late-payment-recorded':
      return { openInvoices: without(state, event.invoiceId) };
    case 'subscription.payment-failed':
      return {
        status: state.status === 'active' ? 'past-due' : state.status,
        openInvoices: withInvoice(state, event.invoiceId, failed(event)),
      };
    case 'subscription.retry-due':
      return { openInvoices: withInvoice(state, event.invoiceId, () => ({ pending: true, pendingSince: event.at, retryAt: null })) };
    case 'subscription.suspended':
      return { status: 'suspended', suspendedAt: event.at };
    case 'subscription.recovered': {
      const { paidThrough, period } = event;
      const open = without(state, event.invoiceId);
      return {
        openInvoices: open,
        paidThrough,
        ...invoiced({ ...state, openInvoices: open, paidThrough }, event),
        status: 'active',
        suspendedAt: null,
        period,
      };
    }
    case 'subscription.changed': {
      const { terms, anchor, period } = event;
      const changed = { ...invoiced({ ...state, terms }, event), terms, scheduledChange: null };
      return { ...changed, anchor: anchor ?? state.anchor, period: period ?? state.period };
    }
    case 'subscription.change-scheduled':
      return { scheduledChange: event.change };
    case 'subscription.change-withdrawn':
      return { scheduledChange: null };
    case 'subscription.cancellation-scheduled':
      return { cancelAt: event.cancelAt, cancelCredit: event.credit, cancelReason: event.reason };
    case 'subscription.cancellation-withdrawn':
      return { cancelAt: null, cancelCredit: 'none', cancelReason: null };
    case 'subscription.pause-scheduled':
      return { scheduledPause: { at: event.pauseAt, until: event.until, credit: event.credit } };
    case 'subscription.pause-withdrawn':
      return { scheduledPause: null };
    case 'subscription.paused': {
      const { pausedAt, until, unusedMillis } = event;
      return { ...invoiced(state, event), status: 'paused', pausedAt, resumeAt: until, unusedMillis, scheduledPause: null };
    }
    case 'subscription.resumed':
      return resumed(state, event);
    case 'subscription.payment-method-recorded':
      return { hasPaymentMethod: event.available };
    case 'subscription.ended':
      return ended(state, event);
    default:
      return event satisfies never;
  }
}

/**
 * What an event's invoice does. Time that is credited, or charged anew, is not paid any more. Charges replace the items of the period
 * and are waited for; credits shrink or end the items they return.
 */
function invoiced(state: Subscription, { at, invoice }: { at: Instant; invoice: InvoiceRequest | null }): Changes {
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

const without = ({ openInvoices }: Subscription, invoiceId: string): OpenInvoice[] =>
  openInvoices.filter((invoice) => invoice.invoiceId !== invoiceId);

const withInvoice = (
  { openInvoices }: Subscription,
  invoiceId: string,
  change: (invoice: OpenInvoice) => Partial<OpenInvoice>,
): OpenInvoice[] => openInvoices.map((invoice) => (invoice.invoiceId === invoiceId ? { ...invoice, ...change(invoice) } : invoice));

function settled(state: Subscription, invoiceId: string): Changes {
  const openInvoices = without(state, invoiceId);
  const waited = state.status === 'incomplete' || state.status === 'past-due';
  return { openInvoices, status: waited && openInvoices.length === 0 ? 'active' : state.status };
}

const failed =
  ({ attempt, category, declineCode, firstFailedAt, retryAt, suspendAt, graceEndsAt }: Event<'subscription.payment-failed'>) =>
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

/** After a pause with `extend` the paid period goes on, moved by the length of the pause. */
function resumed(state: Subscription, event: Event<'subscription.resumed'>): Changes {
  const { anchor, period, invoice } = event;
  const shift = state.unusedMillis > 0 && state.pausedAt !== null ? millisOf(event.at) - millisOf(state.pausedAt) : 0;
  const moved = ({ start, end }: ChargedItem['period']) => ({ start: plusMillis(start, shift), end: plusMillis(end, shift) });
  return {
    charged: shift > 0 ? state.charged.map((item) => ({ ...item, period: moved(item.period) })) : state.charged,
    ...(invoice === null ? { paidThrough: period.end } : invoiced(state, event)),
    ...{ status: 'active', anchor, period, pausedAt: null, resumeAt: null, unusedMillis: 0 },
  };
}

function ended(state: Subscription, event: Event<'subscription.ended'>): Changes {
  return {
    ...invoiced(state, event),
    ...{ status: event.status, endedAt: event.endedAt, endReason: event.reason, charged: [] },
    ...{ scheduledChange: null, scheduledPause: null, pausedAt: null, resumeAt: null, unusedMillis: 0, suspendedAt: null },
    openInvoices: state.openInvoices.map((invoice) => ({ ...invoice, pending: false })),
  };
}
