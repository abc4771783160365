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
 * Takes the outcome of an attempt. An unknown or settled invoice and a failure already counted move nothing, so outcomes may be
 * repeated and come in any order; a success counts whatever its attempt, for a confirmation carries the number of the attempt it confirms.
 */
export function recordPayment(state: Subscription, command: Command<'recordPayment'>, now: Instant): SubscriptionEvent[] {
  const open = state.openInvoices.find(({ invoiceId }) => invoiceId === command.invoiceId);
  if (open === undefined) return [];
  if (command.outcome === 'succeeded') {
    if (state.endedAt === null) return succeed(state, open, now);
    return [{ type: 'subscription.late-payment-recorded', at: now, invoiceId: open.invoiceId }];
  }
  return state.endedAt !== null || isCounted(open, command) ? [] : [fail(state, open, command, now)];
}

/** An attempt that waited for the customer to act is not over yet: what then declines it is news. */
function isCounted({ failedAttempts, lastDecline }: OpenInvoice, { attempt, outcome }: Command<'recordPayment'>): boolean {
  const isAwaited = attempt === failedAttempts && lastDecline?.category === 'action-required';
  return attempt <= failedAttempts && !(isAwaited && outcome === 'declined');
}

/** The event, and the settlement of its invoice where that asks for no money: a free plan, or credit that outweighs the charges. */
export function paidIfFree(state: Subscription, event: Invoicing, now: Instant): SubscriptionEvent[] {
  if (event.invoice === null || !hasCharges(event.invoice) || totalOf(event.invoice) > 0) return [event];
  const after = evolve(state, event);
  const open = after.openInvoices.at(-1);
  return open === undefined ? [event] : [event, ...succeed(after, open, now)];
}

function succeed(state: Subscription, { invoiceId, cause }: OpenInvoice, now: Instant): SubscriptionEvent[] {
  if (state.status === 'suspended' && state.openInvoices.length === 1) return recover(state, invoiceId, now);
  const billedThrough = state.billedThrough ?? billingOf(state).period.end;
  const paidThrough = cause === 'one-off' ? (state.paidThrough ?? billedThrough) : billedThrough;
  const paid = { at: now, invoiceId, paidThrough };
  if (cause === 'first') return [{ type: 'subscription.activated', ...paid }];
  return [{ type: cause === 'renewal' ? 'subscription.renewed' : 'subscription.payment-recorded', ...paid }];
}

/**
 * The last overdue invoice of a suspended subscription is paid. One invoice credits the blocked time of the paid period and, where that
 * period is over by now, bills the stub from now to the next boundary: nobody pays for time without access. In arrears the blocked time is
 * left out of the bill, and the stub is billed when it ends.
 */
function recover(suspended: Subscription, invoiceId: string, now: Instant): SubscriptionEvent[] {
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
  const paidThrough = state.billedThrough ?? blocked.end;
  const recovered = { type: 'subscription.recovered', at: now, invoiceId, paidThrough, invoice, period } as const;
  return [...changes, ...paidIfFree(state, recovered, now)];
}

/** A first payment has no ladder: it may be tried until the subscription expires. */
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

/** A failed invoice is tried once more; the attempt is the one after the last that failed. */
export const retry = ({ invoiceId, failedAttempts }: OpenInvoice, now: Instant): SubscriptionEvent => ({
  type: 'subscription.retry-due',
  at: now,
  invoiceId,
  attempt: failedAttempts + 1,
});

/** Tries the oldest failed invoice now. While an attempt is under way that is already so. */
export function retryPayment({ openInvoices }: Subscription, now: Instant): Result<SubscriptionEvent[]> {
  if (openInvoices.some(({ pending }) => pending)) return accept([]);
  const oldest = openInvoices[0];
  return oldest === undefined ? reject('nothing-to-retry', 'No invoice of this subscription has failed.') : accept([retry(oldest, now)]);
}

/** Notes whether the customer can be charged. A new method is tried at once on the oldest failed invoice, whatever its schedule. */
export function recordPaymentMethod(state: Subscription, available: boolean, now: Instant): SubscriptionEvent[] {
  const oldest = state.openInvoices.some(({ pending }) => pending) ? undefined : state.openInvoices[0];
  const retried = available && oldest !== undefined ? [retry(oldest, now)] : [];
  if (available === state.hasPaymentMethod && retried.length === 0) return [];
  return [{ type: 'subscription.payment-method-recorded', at: now, available }, ...retried];
}
