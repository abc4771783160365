import { equal } from '../../services/shared/equal.ts';
import { accept, type Result, reject } from '../../services/shared/result.ts';
import type { Instant } from '../../services/shared/time.ts';
import { anchorFrom } from './billing-period.ts';
import { withSettlement } from './decide-payment.ts';
import { fold } from './evolve.ts';
import { billingOf, eventInvoice, unusedTimeLines } from './invoice.ts';
import { recurringLine } from './proration.ts';
import type { ScheduledChange, Subscription, SubscriptionCommand, SubscriptionEvent, Terms } from './subscription.ts';
import { hasSameInterval, isCheaper, quantityRejection } from './terms.ts';

type Change = Extract<SubscriptionCommand, { type: 'change' }>;
type AnchorMode = ScheduledChange['anchor'];

/**
 * Changes what is bought. Before billing starts it applies at once, and a trial keeps its end. Otherwise now, against one invoice for the
 * difference, or at the end of the period, where a later request replaces an earlier one; a change that takes effect drops a scheduled one,
 * and asking for the terms that hold already withdraws it. Unused time is credited only from what is paid, so `now` waits for that.
 */
export function change(state: Subscription, command: Change, now: Instant): Result<SubscriptionEvent[]> {
  const { terms } = command;
  const rejection = quantityRejection(terms);
  if (rejection !== undefined) return { ok: false, rejection };
  if (terms.plan.price.currency !== state.terms.plan.price.currency) {
    return reject('currency-mismatch', `This subscription is billed in ${state.terms.plan.price.currency}.`, '/planId');
  }
  if (state.status === 'paused') return reject('wrong-status', 'A paused subscription cannot be changed; resume it first.');
  if (equal(terms, state.terms)) return accept(state.scheduledChange === null ? [] : [{ type: 'subscription.change-withdrawn', at: now }]);
  if (state.status === 'scheduled' || state.status === 'trialing') return accept([changed(terms, now)]);
  if (terms.plan.taxBehaviour !== state.terms.plan.taxBehaviour) {
    return reject('tax-behaviour-mismatch', 'One invoice cannot hold prices with and without tax; cancel and start anew.', '/planId');
  }
  const anchor = command.anchor ?? (hasSameInterval(state.terms, terms) ? 'keep' : 'reset');
  const when = command.when ?? (isCheaper(state.terms, terms) ? 'period-end' : 'now');
  if (when === 'period-end') return accept(schedule(state, { at: billingOf(state).period.end, terms, anchor }, now));
  if (state.openInvoices.length > 0) return reject('payment-outstanding', 'An invoice of this subscription is not paid yet.');
  return accept(command.proration === 'none' ? changeUnbilled(state, terms, anchor, now) : changeBilled(state, terms, anchor, now));
}

const changed = (terms: Terms, at: Instant): SubscriptionEvent => ({
  type: 'subscription.changed',
  at,
  terms,
  anchor: null,
  period: null,
  invoice: null,
});

const schedule = (state: Subscription, change: ScheduledChange, now: Instant): SubscriptionEvent[] =>
  equal(state.scheduledChange, change) ? [] : [{ type: 'subscription.change-scheduled', at: now, change }];

/** The new terms hold now and are billed from the end of the period already billed, which is where `reset` sets the anchor. */
function changeUnbilled(state: Subscription, terms: Terms, mode: AnchorMode, now: Instant): SubscriptionEvent[] {
  const anchor = mode === 'reset' ? anchorFrom(billingOf(state).period.end, state.timezone) : null;
  return [{ type: 'subscription.changed', at: now, terms, anchor, period: null, invoice: null }];
}

/**
 * One invoice: credit for the unused time of what was charged, and the new terms to the end of their period. Where that ends with the
 * current period, it is still the same period and keeps its start and number; otherwise it is the next one.
 */
function changeBilled(state: Subscription, terms: Terms, mode: AnchorMode, now: Instant): SubscriptionEvent[] {
  const { anchor: kept, period: current } = billingOf(state);
  const anchor = mode === 'reset' ? anchorFrom(now, state.timezone) : kept;
  const line = recurringLine(terms, anchor, now, state);
  const invoice = eventInvoice({ ...state, terms }, 'change', line.period, [...unusedTimeLines(state, now), line]);
  const period = line.period.end === current.end ? null : { ...line.period, number: current.number + 1 };
  const events = withSettlement(state, { type: 'subscription.changed', at: now, terms, anchor, period, invoice }, now);
  return [...events, ...followPeriodEnd(fold(events, state), current.end, now)];
}

/** What was to happen at the end of a period still does when that end has moved. */
export function followPeriodEnd(state: Subscription, formerEnd: Instant, now: Instant): SubscriptionEvent[] {
  const { end } = billingOf(state).period;
  const { cancelAt, cancelCredit, cancelReason, scheduledChange, scheduledPause } = state;
  if (end === formerEnd) return [];
  const events: SubscriptionEvent[] = [];
  if (cancelAt === formerEnd) {
    events.push({ type: 'subscription.cancellation-scheduled', at: now, cancelAt: end, credit: cancelCredit, reason: cancelReason });
  }
  if (scheduledChange?.at === formerEnd)
    events.push({ type: 'subscription.change-scheduled', at: now, change: { ...scheduledChange, at: end } });
  if (scheduledPause?.at === formerEnd) {
    const { until, credit } = scheduledPause;
    events.push({ type: 'subscription.pause-scheduled', at: now, pauseAt: end, until, credit });
  }
  return events;
}
