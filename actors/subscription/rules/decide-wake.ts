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

/**
 * The most steps of one turn. The rest is left to the next wake, which is then due immediately: a
 * free daily plan may be years behind.
 */
const mostSteps = 100;

/**
 * The events of everything that is due by `now`, in order of time, up to the first invoice that
 * awaits its payment. So each period is billed once, by its own invoice, however late or often the
 * wake comes. A clock that jumped back finds nothing due.
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

/**
 * The events of one due wake. A scheduled end, pause or billing counts from its own time; an event
 * that stops or restores access counts from now.
 */
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

/** Ends the subscription where the wake comes so late that its fixed term has ended too. */
const endIfTermOver = (state: Subscription, now: Instant): SubscriptionEvent[] | undefined =>
  state.endsAt !== null && state.endsAt <= now ? [end(state, 'expired', 'term-over', state.endsAt, now)] : undefined;

/**
 * Ends a subscription that was not paid in time. With the final action `downgrade`, the plan to
 * downgrade to begins in the same turn, with a first period of its own. A subscription that is
 * already on that plan, or has a fixed term, just ends.
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

/**
 * Suspends access, or ends the subscription where the wake comes so late that grace has ended too.
 */
function suspend(state: Subscription, { invoiceId, graceEndsAt }: OpenInvoice, now: Instant): SubscriptionEvent[] {
  const isOver = state.policy.finalAction !== 'suspend' && graceEndsAt !== null && graceEndsAt <= now;
  return isOver ? endUnpaid(state, now) : [{ type: 'subscription.suspended', at: now, invoiceId }];
}

/**
 * Begins the next period on the terms that apply from its start, with its invoice; in arrears, with
 * the invoice of the period that has ended, on the terms of its end.
 */
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
