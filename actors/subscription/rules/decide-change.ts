import { equal } from '../../../services/shared/equal.ts';
import { accept, type Result, reject } from '../../../services/shared/result.ts';
import type { Instant } from '../../../services/shared/time.ts';
import { arrearsAt } from './arrears.ts';
import { anchorOn, periodsLater } from './billing-period.ts';
import { paidIfFree } from './decide-payment.ts';
import { fold } from './evolve.ts';
import { anchorAfter, billingOf, chargesFrom, eventInvoice, paidItems, unbilledChange } from './invoice.ts';
import { isCheaper, itemsOf } from './pricing.ts';
import { creditLine } from './proration.ts';
import type { InvoiceLine, Subscription, SubscriptionCommand, SubscriptionEvent, Terms } from './subscription.ts';
import type { Anchor, ChangeAnchor, CommittedUntil, NumberedPeriod, ScheduledChange } from './subscription-parts.ts';
import { hasSameInterval, isInArrears, termsRejection } from './terms-checks.ts';

type Change = Extract<SubscriptionCommand, { type: 'change' }>;
type Changed = Extract<SubscriptionEvent, { type: 'subscription.changed' }>;

/**
 * Changes what is bought. Before billing starts it applies at once, and a trial keeps its end; in a pause it holds at once and is billed at
 * the return. Otherwise now, against one invoice for the difference, or at an instant or the end of the period, where a later request
 * replaces an earlier one; a change that takes effect drops a scheduled one, and asking for the terms that hold already withdraws it.
 * Unused time is credited only from what is paid, so `now` waits for that.
 */
export function change(state: Subscription, command: Change, now: Instant): Result<SubscriptionEvent[]> {
  const { terms } = command;
  const rejection = termsRejection(terms);
  if (rejection !== undefined) return { ok: false, rejection };
  if (terms.plan.price.currency !== state.terms.plan.price.currency) {
    return reject('currency-mismatch', `This subscription is billed in ${state.terms.plan.price.currency}.`, '/planId');
  }
  const isUnbilled = state.status === 'scheduled' || state.status === 'trialing';
  if (terms.plan.taxBehaviour !== state.terms.plan.taxBehaviour && !isUnbilled) {
    return reject('tax-behaviour-mismatch', 'One invoice cannot hold prices with and without tax; cancel and start anew.', '/planId');
  }
  if (equal(terms, state.terms)) return accept(state.scheduledChange === null ? [] : [{ type: 'subscription.change-withdrawn', at: now }]);
  const anchor = command.anchor ?? (hasSameInterval(state.terms, terms) ? 'keep' : 'reset');
  const at = instantOfChange(state, command, now);
  if (terms.plan.billing !== state.terms.plan.billing && !(isUnbilled && at <= now))
    return reject('billing-mode-mismatch', `This subscription is billed in ${state.terms.plan.billing}; cancel and start anew.`, '/planId');
  if (at > now) return accept(schedule(state, { at, terms, anchor, proration: command.proration }, now));
  if (isUnbilled || state.status === 'paused') return accept([changed(state, terms, now)]);
  if (state.openInvoices.length > 0) return reject('payment-outstanding', 'An invoice of this subscription is not paid yet.');
  return accept(changeNow(state, { terms, anchor, proration: command.proration }, now));
}

/** Upgrades take effect now and downgrades at the end of the period, unless the command says otherwise. */
function instantOfChange(state: Subscription, { when, terms }: Change, now: Instant): Instant {
  if (when !== undefined && when !== 'now' && when !== 'period-end') return when;
  const isBilled = state.period !== null && state.status !== 'paused' && state.status !== 'scheduled' && state.status !== 'trialing';
  const asked = when ?? (isCheaper(state.terms, terms) ? 'period-end' : 'now');
  return isBilled && asked === 'period-end' ? billingOf(state).period.end : now;
}

const changed = (state: Subscription, terms: Terms, at: Instant): Changed => ({
  type: 'subscription.changed',
  at,
  terms,
  anchor: null,
  period: null,
  invoice: null,
  ...unbilledChange(state, terms),
});

const schedule = (state: Subscription, change: ScheduledChange, now: Instant): SubscriptionEvent[] =>
  equal(state.scheduledChange, change) ? [] : [{ type: 'subscription.change-scheduled', at: now, change }];

/** Takes a scheduled change back. */
export function withdrawChange(state: Subscription, now: Instant): Result<SubscriptionEvent[]> {
  if (state.scheduledChange === null) return reject('nothing-scheduled', 'No change is scheduled.');
  return accept([{ type: 'subscription.change-withdrawn', at: now }]);
}

/** A change that takes effect within what is billed already, asked for or scheduled. */
export function changeNow(state: Subscription, change: Omit<ScheduledChange, 'at'>, now: Instant): SubscriptionEvent[] {
  if (state.period === null || state.status === 'paused') return [changed(state, change.terms, now)];
  return isUndivided(state, change) ? changeUnbilled(state, change, now) : changeBilled(state, change, now);
}

type Asked = { readonly terms: Terms; readonly anchor: ChangeAnchor };

/** Without proration, which in arrears needs new terms that are billed at the end of the same period. */
const isUndivided = (state: Subscription, { terms, anchor, proration }: Omit<ScheduledChange, 'at'>): boolean =>
  proration === 'none' && (!isInArrears(state) || (anchor === 'keep' && hasSameInterval(state.terms, terms)));

/**
 * The new terms hold now and are billed from the end of the period already billed, which is where `reset` sets the anchor. In arrears they
 * bill all that is not billed yet, and so the period that runs is the first of a new plan.
 */
function changeUnbilled(state: Subscription, { terms, anchor }: Asked, now: Instant): SubscriptionEvent[] {
  const event = { ...changed(state, terms, now), anchor: anchorAfter(state, anchor, billingOf(state).period.end) };
  return [isInArrears(state) ? { ...event, planPeriods: Math.max(1, event.planPeriods) } : event];
}

/**
 * One invoice: credit for the unused time of what was charged, and the new terms to the end of their period; what is charged already as it
 * shall be is left alone. In arrears it is for what was used on the old terms. Where the period ends as it did, it is still the same one and
 * keeps its start and number; otherwise it is the next.
 */
function changeBilled(state: Subscription, { terms, anchor: mode }: Asked, now: Instant): SubscriptionEvent[] {
  const { period: current } = billingOf(state);
  const anchor = anchorAfter(state, mode, now) ?? anchorKept(state, terms, now);
  const { end } = chargesFrom(state, terms, anchor, now, 0).period;
  const isSamePeriod = end === current.end;
  const isSamePlan = terms.plan.planId === state.terms.plan.planId;
  const before = isSamePlan ? state.planPeriods - (isSamePeriod ? 1 : 0) : 0;
  const used = isInArrears(state) ? arrearsAt(state, now) : undefined;
  const lines = used?.lines ?? difference(state, terms, anchor, now, Math.max(0, before));
  const invoice = eventInvoice({ ...state, terms }, 'change', used?.period ?? { start: now, end }, lines);
  const period: NumberedPeriod | null = isSamePeriod ? null : { start: now, end, number: current.number + 1 };
  const commitment = commitmentFrom(state, terms, anchor, now);
  const event: Changed = { type: 'subscription.changed', at: now, terms, anchor, period, invoice, planPeriods: before + 1, commitment };
  const events = paidIfFree(state, used ? { ...event, billedThrough: now } : event, now);
  return [...events, ...followPeriodEnd(fold(events, state), current.end, now)];
}

/** The grid that goes on: one whose day was changed meanwhile begins with this change already. */
function anchorKept(state: Subscription, terms: Terms, now: Instant): Anchor {
  const { nextAnchor, timezone } = state;
  if (nextAnchor === null) return billingOf(state).anchor;
  return anchorOn(nextAnchor.day, nextAnchor.month, terms.plan.interval, timezone, now);
}

/** What must be credited and charged at `now`, so that exactly these terms are charged up to the end of the period. */
export function difference(
  state: Subscription,
  terms: Terms,
  anchor: Anchor,
  now: Instant,
  periodsBefore: number,
): (InvoiceLine | undefined)[] {
  const { lines, period } = chargesFrom(state, terms, anchor, now, periodsBefore);
  const items = itemsOf(terms);
  const paid = paidItems(state);
  const stays = paid.filter((item) => item.period.end === period.end && items.some((wanted) => equal(wanted, item.terms)));
  const credits = paid.filter((item) => !stays.includes(item)).map((item) => creditLine(item, 'unused-time', state, now));
  const charges = lines.filter((_, index) => !stays.some((item) => equal(items[index], item.terms)));
  return [...credits, ...charges];
}

/** A commitment that the terms bring begins now; one that runs longer goes on, whatever is bought meanwhile. */
export function commitmentFrom(state: Subscription, { plan }: Terms, anchor: Anchor, from: Instant): CommittedUntil | null {
  const { commitment: running, timezone, terms } = state;
  if (plan.commitment === null || (running !== null && plan.planId === terms.plan.planId)) return running;
  const endsAt = periodsLater(anchor, plan.interval, timezone, from, plan.commitment.periods);
  return running !== null && running.endsAt > endsAt ? running : { endsAt, exitFee: plan.commitment.exitFee };
}

/** What was to happen at the end of a period still does when that end has moved. */
export function followPeriodEnd(state: Subscription, formerEnd: Instant, now: Instant): SubscriptionEvent[] {
  const { end } = billingOf(state).period;
  const { cancelAt, cancelCredit, cancelRefund, cancelReason, lastBill, scheduledChange, scheduledPause } = state;
  if (end === formerEnd) return [];
  const events: SubscriptionEvent[] = [];
  if (cancelAt === formerEnd) {
    const returned = { credit: cancelCredit, refund: cancelRefund };
    events.push({ type: 'subscription.cancellation-scheduled', at: now, cancelAt: end, ...returned, reason: cancelReason, ...lastBill });
  }
  if (scheduledChange?.at === formerEnd)
    events.push({ type: 'subscription.change-scheduled', at: now, change: { ...scheduledChange, at: end } });
  if (scheduledPause?.at === formerEnd) {
    const { until, credit } = scheduledPause;
    events.push({ type: 'subscription.pause-scheduled', at: now, pauseAt: end, until, credit });
  }
  return events;
}
