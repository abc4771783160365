import type { Instant } from '../../../services/shared/time.ts';
import { arrearsAt } from './arrears.ts';
import { end, endAsScheduled } from './decide-cancel.ts';
import { changeNow } from './decide-change.ts';
import { paused, resumed } from './decide-pause.ts';
import { paidIfFree, retry } from './decide-payment.ts';
import { begin, endTrial } from './decide-start.ts';
import { fold } from './evolve.ts';
import { billingOf, chargesFrom, dueChange, periodInvoice } from './invoice.ts';
import { remind } from './payment-reminder.ts';
import type { OpenInvoice, Subscription, SubscriptionEvent, Wake } from './subscription.ts';
import { isInArrears } from './terms-checks.ts';
import { nextDue } from './wake.ts';

/** More than this in one turn is left to the next wake, which is then due at once: a free daily plan may lie years behind. */
const mostSteps = 100;

/**
 * Everything that is due by `now`, in order of time, up to the first invoice whose payment must be waited for: so each period is billed
 * once, by its own invoice, however late or often the wake comes. A clock that jumped back finds nothing due.
 */
export function dueEvents(state: Subscription, now: Instant): SubscriptionEvent[] {
  const events: SubscriptionEvent[] = [];
  let current = state;
  let wake = nextDue(current, now);
  for (let steps = 0; wake !== undefined && steps < mostSteps; steps += 1) {
    const next = eventsOf(current, wake, now);
    events.push(...next);
    current = fold(next, current);
    wake = nextDue(current, now);
  }
  return events;
}

/** What is scheduled ends, pauses and bills as of its own time; what takes access away or gives it back counts from now. */
function eventsOf(state: Subscription, { reason, at }: Wake, now: Instant): SubscriptionEvent[] {
  switch (reason) {
    case 'start':
      return begin(state, now);
    case 'trial-end':
      return endTrial(state, at, now);
    case 'renewal':
      return renew(state, now);
    case 'change':
      return endIfTermOver(state, now) ?? (state.scheduledChange === null ? [] : changeNow(state, state.scheduledChange, now));
    case 'term-end':
      return [end(state, 'expired', 'term-over', at, now)];
    case 'cancellation':
      return [endAsScheduled(state, at, now)];
    case 'pause':
      return state.scheduledPause === null ? [] : paused(state, at, state.scheduledPause.until, state.scheduledPause.credit, now);
    case 'resume':
      return endIfTermOver(state, now) ?? resumed(state, 'keep', now);
    case 'first-payment-expiry':
      return [end(state, 'incomplete-expired', 'first-payment-missing', now, now)];
    case 'retry':
      return state.openInvoices.filter(({ retryAt }) => retryAt === at).map((invoice) => retry(invoice, now));
    case 'suspension':
      return state.openInvoices.slice(0, 1).flatMap((invoice) => suspend(state, invoice, now));
    case 'payment-reminder':
      return remind(state, now);
    case 'grace-end':
      return endUnpaid(state, now);
    case 'payment-pending':
      return [];
    default:
      return reason satisfies never;
  }
}

/** What counts from now does not happen any more when it comes so late that the fixed term is over as well. */
const endIfTermOver = (state: Subscription, now: Instant): SubscriptionEvent[] | undefined =>
  state.endsAt !== null && state.endsAt <= now ? [end(state, 'expired', 'term-over', state.endsAt, now)] : undefined;

/**
 * Nobody paid in time: it ends. Where the policy downgrades, what it is downgraded to begins in the same turn, with a first period of its
 * own; not for who did not pay for that either, nor when a fixed term is bought, which is over.
 */
function endUnpaid(state: Subscription, now: Instant): SubscriptionEvent[] {
  const ended = end(state, 'cancelled', 'payment-failed', now, now);
  const { finalAction, downgradeTo } = state.policy;
  const isLeft = downgradeTo === undefined || downgradeTo.plan.planId === state.terms.plan.planId || state.endsAt !== null;
  if (finalAction !== 'downgrade' || isLeft) return [ended];
  const { hasPaymentMethod } = state;
  const reactivated: SubscriptionEvent = { type: 'subscription.reactivated', at: now, terms: downgradeTo, hasPaymentMethod };
  return [ended, reactivated, ...begin(fold([ended, reactivated], state), now)];
}

/** Who is told so late that grace is over as well is told only of the end. */
function suspend(state: Subscription, { invoiceId, graceEndsAt }: OpenInvoice, now: Instant): SubscriptionEvent[] {
  const isOver = state.policy.finalAction !== 'suspend' && graceEndsAt !== null && graceEndsAt <= now;
  return isOver ? endUnpaid(state, now) : [{ type: 'subscription.suspended', at: now, invoiceId }];
}

/** The period that follows, on the terms that hold from its start, and its invoice; in arrears that of the period that has ended, on the terms it ended with. */
function renew(before: Subscription, now: Instant): SubscriptionEvent[] {
  const { period: last } = billingOf(before);
  const changes = dueChange(before, last.end, now);
  const state = fold(changes, before);
  const charges = chargesFrom(state, state.terms, billingOf(state).anchor, last.end, state.planPeriods);
  const period = { ...charges.period, number: last.number + 1 };
  const invoice = isInArrears(before)
    ? periodInvoice(before, 'renewal', last.number, arrearsAt(before, last.end))
    : periodInvoice(state, 'renewal', period.number, charges);
  return [...changes, ...paidIfFree(state, { type: 'subscription.renewal-due', at: now, period, invoice }, now)];
}
