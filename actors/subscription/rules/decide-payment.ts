import { accept, type Result, reject } from '../../../services/shared/result.ts';
import type { Instant } from '../../../services/shared/time.ts';
import { arrearsAt } from './arrears.ts';
import { evolve, fold } from './evolve.ts';
import { billingOf, chargesFrom, dueChange, eventInvoice, hasCharges, paidItems, totalOf } from './invoice.ts';
import { creditLine } from './proration.ts';
import { escalationAfter } from './retry-policy.ts';
import type { InvoiceRequest, OpenInvoice, Subscription, SubscriptionCommand, SubscriptionEvent } from './subscription.ts';
import type { NumberedPeriod } from './subscription-parts.ts';
import { isInArrears } from './terms-checks.ts';

type Command<Type extends SubscriptionCommand['type']> = Extract<SubscriptionCommand, { type: Type }>;
type Invoicing = Extract<SubscriptionEvent, { invoice: InvoiceRequest | null }>;

/**
 * Records the outcome of an attempt. An unknown or paid invoice, or a failure already counted,
 * changes nothing, so outcomes may be repeated and arrive in any order. A success counts whatever
 * its attempt, for a confirmation carries the number of the attempt that it confirms.
 */
export function recordPayment(state: Subscription, command: Command<'recordPayment'>, now: Instant): SubscriptionEvent[] {
  const open = state.openInvoices.find(({ invoiceId }) => invoiceId === command.invoiceId);
  if (command.outcome === 'succeeded') {
    if (open !== undefined && state.endedAt === null) return succeed(state, open, now);
    return recordLatePayment(state, command.invoiceId, now);
  }
  if (open === undefined) return [];
  return state.endedAt !== null || isCounted(open, command) ? [] : [fail(state, open, command, now)];
}

/**
 * Records a payment that was not expected any more, once, and returns what the cancellation had
 * promised of it, also where the subscription was reactivated meanwhile. The credit is requested as
 * an invoice of its own.
 */
function recordLatePayment(state: Subscription, invoiceId: string, now: Instant): SubscriptionEvent[] {
  const isKnown = state.openInvoices.some((open) => open.invoiceId === invoiceId);
  const promised = state.promisedReturns?.find((each) => each.invoiceId === invoiceId);
  if (!isKnown && promised === undefined) return [];
  const recorded: SubscriptionEvent = { type: 'subscription.late-payment-recorded', at: now, invoiceId };
  if (promised === undefined) return [recorded];
  const { to, lines } = promised;
  const period = { start: lines[0]?.period.start ?? now, end: lines[0]?.period.end ?? now };
  const invoice = to === 'credit' ? eventInvoice(evolve(state, recorded), 'cancellation', period, lines) : null;
  return [recorded, { type: 'subscription.late-payment-returned', at: now, invoiceId, invoice, refunds: to === 'refund' ? lines : [] }];
}

/**
 * Whether a failure is already counted. An attempt that waits for the customer is not over: if it
 * is then declined, that is a new outcome.
 */
function isCounted({ failedAttempts, lastDecline }: OpenInvoice, { attempt, outcome }: Command<'recordPayment'>): boolean {
  const isAwaited = attempt === failedAttempts && lastDecline?.category === 'action-required';
  return attempt <= failedAttempts && !(isAwaited && outcome === 'declined');
}

/**
 * The event, and the payment of its invoice if it asks for no money: a free plan, or credit that
 * outweighs the charges.
 */
export function paidIfFree(state: Subscription, event: Invoicing, now: Instant): SubscriptionEvent[] {
  if (event.invoice === null || !hasCharges(event.invoice) || totalOf(event.invoice) > 0) return [event];
  const after = evolve(state, event);
  const open = after.openInvoices.at(-1);
  return open === undefined ? [event] : [event, ...succeed(after, open, now)];
}

function succeed(state: Subscription, { invoiceId, cause }: OpenInvoice, now: Instant): SubscriptionEvent[] {
  const billedThrough = state.billedThrough ?? billingOf(state).period.end;
  if (state.status === 'suspended' && state.openInvoices.length === 1) return recover(state, invoiceId, billedThrough, now);
  const paidThrough = cause === 'one-off' ? (state.paidThrough ?? billedThrough) : billedThrough;
  const paid = { at: now, invoiceId, paidThrough };
  if (cause === 'first') return [{ type: 'subscription.activated', ...paid }];
  return [{ type: cause === 'renewal' ? 'subscription.renewed' : 'subscription.payment-recorded', ...paid }];
}

/**
 * The last overdue invoice of a suspended subscription is paid, or not owed any more. One
 * invoice credits the blocked time of the paid period and, if that period is over, bills the stub
 * from now to the next boundary, so time without access is never paid for. In arrears the blocked
 * time is left out of the bill, and the stub is billed when it ends.
 */
export function recover(suspended: Subscription, invoiceId: string, paidThrough: Instant, now: Instant): SubscriptionEvent[] {
  const { anchor, period: blocked } = billingOf(suspended);
  const isOver = blocked.end <= now;
  const changes = isOver ? dueChange(suspended, now, now) : [];
  const state = fold(changes, suspended);
  const paid = paidItems({ ...state, openInvoices: [] });
  const credits = paid.map((item) => creditLine(item, 'blocked-time', state, state.suspendedAt ?? now, now));
  const isPauseDue = state.scheduledPause !== null && state.scheduledPause.at <= now;
  const isTermOver = state.endsAt !== null && state.endsAt <= now;
  const stub =
    isOver && !isPauseDue && !isTermOver ? chargesFrom(state, state.terms, state.anchor ?? anchor, now, state.planPeriods) : undefined;
  const period: NumberedPeriod = stub === undefined ? blocked : { ...stub.period, number: blocked.number + 1 };
  const billed = stub && isInArrears(state) ? arrearsAt(suspended, now) : stub;
  const invoice = eventInvoice(state, 'recovery', billed?.period ?? period, [...credits, ...(billed?.lines ?? [])]);
  const recovered = { type: 'subscription.recovered', at: now, invoiceId, paidThrough, invoice, period } as const;
  return [...changes, ...paidIfFree(state, recovered, now)];
}

/**
 * A failed attempt. A first payment is not escalated: it may be retried until the subscription
 * expires.
 */
function fail(state: Subscription, open: OpenInvoice, command: Command<'recordPayment'>, now: Instant): SubscriptionEvent {
  const { invoiceId, attempt, outcome, declineCode } = command;
  const category = outcome === 'action-required' ? 'action-required' : (command.category ?? 'soft');
  const hardDeclines = open.hardDeclines + (category === 'hard' ? 1 : 0);
  const firstFailedAt = open.firstFailedAt ?? now;
  const ladder =
    state.status === 'incomplete'
      ? { firstFailedAt, retryAt: null, suspendAt: null, graceEndsAt: null }
      : escalationAfter({ attempt, category, declineCode, hardDeclines, at: now }, firstFailedAt, state.policy, state.timezone);
  return { type: 'subscription.payment-failed', at: now, invoiceId, attempt, category, declineCode, ...ladder };
}

/** Retries a failed invoice. The attempt is numbered after the last one that failed. */
export const retry = ({ invoiceId, failedAttempts }: OpenInvoice, now: Instant): SubscriptionEvent => ({
  type: 'subscription.retry-due',
  at: now,
  invoiceId,
  attempt: failedAttempts + 1,
});

/** Retries the oldest failed invoice now. While an attempt is under way this changes nothing. */
export function retryPayment({ id, openInvoices }: Subscription, now: Instant): Result<SubscriptionEvent[]> {
  if (openInvoices.some(({ pending }) => pending)) return accept([]);
  const oldest = openInvoices[0];
  return oldest === undefined
    ? reject('nothing-to-retry', `The subscription ${id} has no failed payment to retry.`)
    : accept([retry(oldest, now)]);
}

/**
 * Records whether the customer can be charged. A new payment method is tried immediately on the
 * oldest failed invoice, whatever its schedule. The event of a customer is always recorded, so that
 * its repeat, however late, is not another attempt.
 */
export function recordPaymentMethod(state: Subscription, command: Command<'recordPaymentMethod'>, now: Instant): SubscriptionEvent[] {
  const { available, customerSequence } = command;
  if (customerSequence !== undefined && customerSequence <= (state.paymentMethodSequence ?? 0)) return [];
  const oldest = state.openInvoices.some(({ pending }) => pending) ? undefined : state.openInvoices[0];
  const retried = available && oldest !== undefined ? [retry(oldest, now)] : [];
  if (customerSequence === undefined && available === state.hasPaymentMethod && retried.length === 0) return [];
  const sequence = customerSequence !== undefined && { customerSequence };
  return [{ type: 'subscription.payment-method-recorded', at: now, available, ...sequence }, ...retried];
}
