import { millisOf, plusMillis } from '../../../services/shared/time.ts';
import { accruedAfter, lastBillOf } from './arrears.ts';
import { type Changes, failed, invoiced, invoicePaid, withInvoice, without } from './evolve-invoices.ts';
import type { ChargedItem, Subscription, SubscriptionEvent } from './subscription.ts';
import type { NumberedPeriod } from './subscription-parts.ts';
import { isInArrears } from './terms-checks.ts';

type Event<Type extends SubscriptionEvent['type']> = Extract<SubscriptionEvent, { type: Type }>;

/**
 * The state after one more event. It is total and holds no rule, so every stored history folds.
 * Throws when a history does not begin with `created`.
 */
export function evolve(state: Subscription | undefined, event: SubscriptionEvent): Subscription {
  if (event.type === 'subscription.created') return created(event);
  if (state === undefined) throw new Error(`${event.type} before subscription.created`);
  return { ...state, ...changesBy(event, state), ...accruedAfter(state, event), updatedAt: event.at, sequence: state.sequence + 1 };
}

/** The state after these events, from `before` or from the beginning. */
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
    nextAnchor: null,
    trialEnd: null,
    commitment: null,
    planPeriods: 0,
    pendingCharges: [],
    billedChargeIds: [],
    creditNoteIds: [],
    appliedCouponIds: event.coupons.map(({ couponId }) => couponId),
    period: null,
    paidThrough: null,
    charged: [],
    billedThrough: null,
    blocked: [],
    openInvoices: [],
    scheduledChange: null,
    cancelAt: null,
    cancelCredit: 'none',
    cancelRefund: 'none',
    cancelReason: null,
    lastBill: {},
    scheduledPause: null,
    pausedAt: null,
    resumeAt: null,
    unusedMillis: 0,
    suspendedAt: null,
    endedAt: null,
    endReason: null,
    updatedAt: at,
    sequence: 1,
  };
}

function changesBy(event: Exclude<SubscriptionEvent, Event<'subscription.created'>>, state: Subscription): Changes {
  switch (event.type) {
    case 'subscription.trial-started':
      return { status: 'trialing', trialEnd: event.trialEnd };
    case 'subscription.started': {
      const { anchor, period, commitment } = event;
      const status = event.afterTrial || event.invoice === null ? 'active' : 'incomplete';
      const trialEnd = event.afterTrial ? period.start : state.trialEnd;
      return { ...invoiced(state, event), status, anchor, nextAnchor: null, period, commitment, trialEnd, planPeriods: 1 };
    }
    case 'subscription.renewal-due':
      return { ...invoiced(state, event), period: event.period, planPeriods: state.planPeriods + 1 };
    case 'subscription.activated':
    case 'subscription.renewed':
    case 'subscription.payment-recorded':
      return { ...invoicePaid(state, event.invoiceId), paidThrough: event.paidThrough };
    case 'subscription.invoice-closed':
      return { ...invoicePaid(state, event.invoiceId), charged: atNoValue(state, event.invoiceId) };
    case 'subscription.late-payment-recorded':
      return { openInvoices: without(state, event.invoiceId) };
    case 'subscription.late-payment-returned':
      return { promisedReturns: (state.promisedReturns ?? []).filter(({ invoiceId }) => invoiceId !== event.invoiceId) };
    case 'subscription.payment-failed':
      return {
        status: state.status === 'active' ? 'past-due' : state.status,
        openInvoices: withInvoice(state, event.invoiceId, failed(event)),
      };
    case 'subscription.retry-due':
      return { openInvoices: withInvoice(state, event.invoiceId, () => ({ pending: true, pendingSince: event.at, retryAt: null })) };
    case 'subscription.payment-reminder':
      return { openInvoices: withInvoice(state, event.invoiceId, () => ({ remindedDay: event.daysAfterFailure })) };
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
        ...(isAnother(period, state) && { planPeriods: state.planPeriods + 1 }),
      };
    }
    case 'subscription.changed': {
      const { terms, anchor, period, planPeriods, commitment } = event;
      const changed = { ...invoiced({ ...state, terms }, event), terms, scheduledChange: null, planPeriods, commitment };
      const nextAnchor = anchor === null ? state.nextAnchor : null;
      return { ...changed, anchor: anchor ?? state.anchor, nextAnchor, period: period ?? state.period };
    }
    case 'subscription.change-scheduled':
      return { scheduledChange: event.change };
    case 'subscription.change-withdrawn':
      return { scheduledChange: null };
    case 'subscription.anchor-change-scheduled':
      return state.anchor === null ? { requestedAnchor: event.anchor } : { nextAnchor: event.anchor };
    case 'subscription.credit-note-recorded':
      return { charged: afterCreditNote(state, event), creditNoteIds: [...state.creditNoteIds, event.creditNoteId].slice(-50) };
    case 'subscription.coupon-applied':
      return { coupons: [...state.coupons, event.coupon], appliedCouponIds: [...state.appliedCouponIds, event.coupon.couponId] };
    case 'subscription.coupon-removed':
      return { coupons: state.coupons.filter(({ couponId }) => couponId !== event.couponId) };
    case 'subscription.charge-added':
      return charged(state, event);
    case 'subscription.cancellation-scheduled':
      return {
        cancelAt: event.cancelAt,
        cancelCredit: event.credit,
        cancelRefund: event.refund,
        cancelReason: event.reason,
        lastBill: lastBillOf(event),
      };
    case 'subscription.cancellation-withdrawn':
      return { cancelAt: null, cancelCredit: 'none', cancelRefund: 'none', cancelReason: null, lastBill: {} };
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
    case 'subscription.reactivated':
      return reactivated(event);
    case 'subscription.payment-method-recorded':
      return {
        hasPaymentMethod: event.available,
        ...(event.customerSequence !== undefined && { paymentMethodSequence: event.customerSequence }),
      };
    case 'subscription.quarantined':
    case 'subscription.quarantine-released':
      return {};
    case 'subscription.ended':
      return ended(state, event);
    default:
      return event satisfies never;
  }
}

function afterCreditNote({ charged }: Subscription, { invoiceId, returned }: Event<'subscription.credit-note-recorded'>): ChargedItem[] {
  return charged.map((item) => {
    const back = returned.find(({ planId }) => item.invoiceId === invoiceId && planId === item.terms.plan.planId);
    return back ? { ...item, credited: item.credited + back.amount } : item;
  });
}

const atNoValue = ({ charged }: Subscription, invoiceId: string): ChargedItem[] =>
  charged.map((item) => (item.invoiceId === invoiceId ? { ...item, amount: 0, credited: 0 } : item));

const isAnother = ({ number }: NumberedPeriod, { period }: Subscription): boolean => number !== period?.number;

function charged(state: Subscription, event: Event<'subscription.charge-added'>): Changes {
  const pendingCharges = [...state.pendingCharges, event.charge];
  return { pendingCharges, ...invoiced({ ...state, pendingCharges }, event) };
}

/** A resume. After a pause with `extend` the paid period continues, moved by its length. */
function resumed(state: Subscription, event: Event<'subscription.resumed'>): Changes {
  const { anchor, period, invoice } = event;
  const isBilled = invoice !== null || isInArrears(state);
  const shift = state.unusedMillis > 0 && state.pausedAt !== null ? millisOf(event.at) - millisOf(state.pausedAt) : 0;
  const moved = ({ start, end }: ChargedItem['period']) => ({ start: plusMillis(start, shift), end: plusMillis(end, shift) });
  return {
    charged: shift > 0 ? state.charged.map((item) => ({ ...item, period: moved(item.period) })) : state.charged,
    ...(isBilled ? invoiced(state, event) : { paidThrough: period.end }),
    ...{ status: 'active', anchor, period, pausedAt: null, resumeAt: null, unusedMillis: 0 },
    ...(isBilled && isAnother(period, state) && { planPeriods: state.planPeriods + 1, nextAnchor: null }),
  };
}

/** A restart. Unpaid invoices of the former life stay with invoicing; the new life has none. */
function reactivated({ at, terms, hasPaymentMethod }: Event<'subscription.reactivated'>): Changes {
  const cancellation = { cancelAt: null, cancelCredit: 'none', cancelRefund: 'none', cancelReason: null, lastBill: {} } as const;
  const ends = { ...cancellation, endedAt: null, endReason: null, endsAt: null };
  const billing = { anchor: null, nextAnchor: null, trialDays: 0, trialEnd: null, paidThrough: null, planPeriods: 0, commitment: null };
  return { ...ends, ...billing, status: 'scheduled', startAt: at, terms, hasPaymentMethod, openInvoices: [] };
}

function ended(state: Subscription, event: Event<'subscription.ended'>): Changes {
  const after = invoiced(state, event);
  return {
    ...after,
    ...{ status: event.status, endedAt: event.endedAt, endReason: event.reason, cancelReason: event.cancelReason },
    ...{ charged: [], pendingCharges: [], nextAnchor: null },
    ...{ scheduledChange: null, scheduledPause: null, pausedAt: null, resumeAt: null, unusedMillis: 0, suspendedAt: null },
    openInvoices: (after.openInvoices ?? state.openInvoices).map((invoice) => ({ ...invoice, pending: false })),
    ...(event.promised && { promisedReturns: [...(state.promisedReturns ?? []), ...event.promised] }),
  };
}
