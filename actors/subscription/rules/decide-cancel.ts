import type { LateReturn } from '../../../services/shared/contracts/subscription-events.ts';
import { equal } from '../../../services/shared/equal.ts';
import { accept, type Result, reject } from '../../../services/shared/result.ts';
import type { Instant } from '../../../services/shared/time.ts';
import { arrearsAt, endOfUse, lastBillOf } from './arrears.ts';
import { eventInvoice, exitFeeLine, oneOffLine, paidItems, unusedTimeLines } from './invoice.ts';
import { creditLine } from './proration.ts';
import type { RequestedLine, Subscription, SubscriptionCommand, SubscriptionEvent } from './subscription.ts';
import type { EndReason, LastBill } from './subscription-parts.ts';
import { isInArrears } from './terms-checks.ts';

type Cancel = Extract<SubscriptionCommand, { type: 'cancel' }>;
/** The request to end. An end that nobody requested returns nothing. */
type RequestedEnd = Pick<Cancel, 'credit' | 'refund' | 'reason'> & { readonly lastBill: LastBill };
const notRequested: RequestedEnd = { credit: 'none', refund: 'none', reason: null, lastBill: {} };
type Ended = Extract<SubscriptionEvent, { type: 'subscription.ended' }>;

/**
 * Cancels now, at the end of the period (or trial), or at an instant; a past instant means now. A
 * subscription that has not begun (scheduled) or was never paid (incomplete) ends immediately. A
 * boundary that has passed without its renewal is not billed any more.
 */
export function cancel(state: Subscription, command: Cancel, now: Instant): Result<SubscriptionEvent[]> {
  const { credit, refund, reason } = command;
  if (command.lastPeriod !== undefined && !isInArrears(state))
    return reject('billing-mode-mismatch', 'lastPeriod is allowed only for a plan that is billed in arrears.', '/lastPeriod');
  const lastBill = lastBillOf(command);
  const cancelAt = instantOfCancellation(state, command.when, now);
  if (state.status === 'scheduled' || state.status === 'incomplete' || cancelAt <= now) {
    return accept([end(state, 'cancelled', 'cancelled', now, now, { credit, refund, reason, lastBill })]);
  }
  const isSameReturn = state.cancelCredit === credit && state.cancelRefund === refund;
  const isSame = isSameReturn && state.cancelReason === reason && equal(state.lastBill, lastBill);
  if (state.cancelAt === cancelAt && isSame) return accept([]);
  return accept([{ type: 'subscription.cancellation-scheduled', at: now, cancelAt, credit, refund, reason, ...lastBill }]);
}

function instantOfCancellation(state: Subscription, when: Cancel['when'], now: Instant): Instant {
  if (when === 'now') return now;
  if (when !== 'period-end') return when;
  return (state.status === 'trialing' ? state.trialEnd : state.period?.end) ?? now;
}

/** Withdraws a scheduled cancellation. */
export function uncancel(state: Subscription, now: Instant): Result<SubscriptionEvent[]> {
  if (state.cancelAt === null) return reject('nothing-scheduled', `The subscription ${state.id} has no scheduled cancellation.`);
  return accept([{ type: 'subscription.cancellation-withdrawn', at: now }]);
}

/**
 * The end of a subscription whose scheduled cancellation is due, with the settings of its request.
 */
export function endAsScheduled(state: Subscription, at: Instant, now: Instant): Ended {
  const { cancelCredit: credit, cancelRefund: refund, cancelReason: reason, lastBill } = state;
  return end(state, 'cancelled', 'cancelled', at, now, { credit, refund, reason, lastBill });
}

/**
 * The end of a subscription, effective at `endedAt`. It credits paid, unused time when `credit`
 * says so, and closes the invoices that will not be paid any more. A period that begins at that
 * very instant was not used at all: its invoice is void, or returned whole if it was paid. Pending
 * charges are billed, except when the subscription ends for non-payment; in arrears they and the
 * last use are billed for every reason.
 */
export function end(
  state: Subscription,
  status: Ended['status'],
  reason: EndReason,
  endedAt: Instant,
  now: Instant,
  request: RequestedEnd = notRequested,
): Ended {
  const usedUntil = endOfUse(state, endedAt, request.lastBill);
  const used = isInArrears(state) ? arrearsAt(state, usedUntil) : undefined;
  const isOwing = reason === 'cancelled' || reason === 'term-over' || isInArrears(state);
  const owed = isOwing ? lastCharges(state, reason, endedAt) : [];
  const credits = request.refund === 'none' ? creditsAt(state, endedAt, usedUntil, request.credit) : [];
  const lines = [...(used?.lines ?? credits), ...owed];
  const period = used?.period ?? { start: endedAt, end: state.period?.end ?? endedAt };
  const invoice = eventInvoice(state, 'cancellation', period, lines, isOwing ? state.pendingCharges : []);
  const unbegun = new Set(state.charged.filter((item) => item.period.start === endedAt).map(({ invoiceId }) => invoiceId));
  const closes = state.openInvoices.map(({ invoiceId }) => {
    const isVoid = state.status === 'incomplete' || unbegun.has(invoiceId);
    return { invoiceId, as: isVoid ? ('void' as const) : ('uncollectible' as const) };
  });
  const promised = isInArrears(state) ? [] : promisedReturns(state, closes, endedAt, usedUntil, request);
  return {
    type: 'subscription.ended',
    at: now,
    status,
    reason,
    cancelReason: request.reason,
    endedAt,
    invoice,
    refunds: refundsAt(state, endedAt, usedUntil, request.refund),
    closes,
    ...(promised.length > 0 && { promised }),
  };
}

/**
 * What the request would have returned of the invoices that are closed as uncollectible if they had
 * been paid: a debit may still be under way for days. The money of a void invoice becomes account
 * credit as a whole.
 */
function promisedReturns(
  state: Subscription,
  closes: Ended['closes'],
  endedAt: Instant,
  usedUntil: Instant,
  { credit, refund }: RequestedEnd,
): LateReturn[] {
  const allPaid = { ...state, openInvoices: [] };
  const to = refund === 'none' ? 'credit' : 'refund';
  const lines = refund === 'none' ? creditsAt(allPaid, endedAt, usedUntil, credit) : refundsAt(allPaid, endedAt, usedUntil, refund);
  return closes.flatMap(({ invoiceId, as }) => {
    const back = worthwhile(lines).filter(({ creditedInvoiceId }) => creditedInvoiceId === invoiceId);
    return as === 'uncollectible' && back.length > 0 ? [{ invoiceId, to, lines: back }] : [];
  });
}

const worthwhile = (lines: readonly (RequestedLine | undefined)[]): RequestedLine[] =>
  lines.filter((line) => line !== undefined).filter(({ explanation }) => explanation.numerator > 0);

/**
 * The lines of the last invoice: pending charges and, for a cancellation, the exit fee of a
 * commitment that has not ended.
 */
function lastCharges({ commitment, pendingCharges, status }: Subscription, reason: EndReason, endedAt: Instant): RequestedLine[] {
  if (status === 'incomplete' || status === 'scheduled' || status === 'trialing') return [];
  const isEarly = reason === 'cancelled' && commitment !== null && commitment.exitFee > 0 && endedAt < commitment.endsAt;
  const fee = isEarly ? [exitFeeLine(commitment.exitFee, endedAt)] : [];
  return [...pendingCharges.map((charge) => oneOffLine(charge, endedAt)), ...fee];
}

/**
 * Refunds money that paid for the current period: the unused time, or all of it. An amount that was
 * credited before is not refunded again. In arrears there is nothing to refund.
 */
function refundsAt(state: Subscription, endedAt: Instant, usedUntil: Instant, refund: Cancel['refund']): RequestedLine[] {
  if (refund === 'none' || isInArrears(state)) return [];
  const whole = paidItems(state).map((item) => creditLine(item, 'whole-period-returned', state, item.period.start));
  const lines = refund === 'full' ? whole : creditsAt(state, endedAt, usedUntil, 'prorate');
  return worthwhile(lines);
}

function creditsAt(state: Subscription, endedAt: Instant, usedUntil: Instant, credit: 'none' | 'prorate'): (RequestedLine | undefined)[] {
  if (credit === 'none') {
    const unbegun = paidItems(state).filter(({ period }) => period.start === endedAt);
    return unbegun.map((item) => creditLine(item, 'whole-period-returned', state, endedAt));
  }
  const extended = state.unusedMillis > 0 ? state.pausedAt : null;
  return unusedTimeLines(state, extended ?? usedUntil);
}
