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
import { hasUnpaidInvoice } from './rejections.ts';
import type { RequestedLine, Subscription, SubscriptionCommand, SubscriptionEvent, Terms } from './subscription.ts';
import type { Anchor, ChangeAnchor, CommittedUntil, NumberedPeriod, ScheduledChange } from './subscription-parts.ts';
import { hasSameInterval, isInArrears, termsRejection } from './terms-checks.ts';

type Change = Extract<SubscriptionCommand, { type: 'change' }>;
type Changed = Extract<SubscriptionEvent, { type: 'subscription.changed' }>;

/**
 * Changes the terms. Before billing starts the change applies immediately, and a trial keeps its
 * end; in a pause it applies immediately and is billed upon resume. Otherwise it applies now, with
 * one invoice for the difference, or at an instant or the end of the period, where a later request
 * replaces an earlier one. A change that takes effect drops a scheduled one, and a request for the
 * current terms withdraws it. Unused time is credited only from paid invoices, so a change now must
 * wait for them.
 */
export function change(state: Subscription, command: Change, now: Instant): Result<SubscriptionEvent[]> {
  const { terms } = command;
  const rejection = termsRejection(terms);
  if (rejection !== undefined) return { ok: false, rejection };
  if (terms.plan.price.currency !== state.terms.plan.price.currency) {
    const { currency } = state.terms.plan.price;
    return reject(
      'currency-mismatch',
      `The subscription ${state.id} is billed in ${currency}; the plan is priced in another currency.`,
      '/planId',
    );
  }
  const isUnbilled = state.status === 'scheduled' || state.status === 'trialing';
  if (terms.plan.taxBehaviour !== state.terms.plan.taxBehaviour && !isUnbilled) {
    return reject(
      'tax-behaviour-mismatch',
      'A subscription cannot change between prices with and without tax. Cancel it and create a new one.',
      '/planId',
    );
  }
  if (equal(terms, state.terms)) return accept(state.scheduledChange === null ? [] : [{ type: 'subscription.change-withdrawn', at: now }]);
  const anchor = command.anchor ?? (hasSameInterval(state.terms, terms) ? 'keep' : 'reset');
  const at = instantOfChange(state, command, now);
  if (terms.plan.billing !== state.terms.plan.billing && !(isUnbilled && at <= now))
    return reject(
      'billing-mode-mismatch',
      `The subscription ${state.id} is billed in ${state.terms.plan.billing} and the plan is not. Cancel it and create a new one.`,
      '/planId',
    );
  if (at > now) return accept(schedule(state, { at, terms, anchor, proration: command.proration }, now));
  if (isUnbilled || state.status === 'paused') return accept([changed(state, terms, now)]);
  if (state.openInvoices.length > 0) return hasUnpaidInvoice(state);
  return accept(changeNow(state, { terms, anchor, proration: command.proration }, now));
}

/**
 * Upgrades take effect now and downgrades at the end of the period, unless the command says
 * otherwise.
 */
function instantOfChange(state: Subscription, { when, terms }: Change, now: Instant): Instant {
  if (when !== undefined && when !== 'now' && when !== 'period-end') return when;
  const isBilled = state.period !== null && state.status !== 'paused' && state.status !== 'scheduled' && state.status !== 'trialing';
  const mode = when ?? (isCheaper(state.terms, terms) ? 'period-end' : 'now');
  return isBilled && mode === 'period-end' ? billingOf(state).period.end : now;
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

/** Withdraws a scheduled change. */
export function withdrawChange(state: Subscription, now: Instant): Result<SubscriptionEvent[]> {
  if (state.scheduledChange === null) return reject('nothing-scheduled', `The subscription ${state.id} has no scheduled change.`);
  return accept([{ type: 'subscription.change-withdrawn', at: now }]);
}

/** A requested or scheduled change that takes effect within a period that is already billed. */
export function changeNow(state: Subscription, change: Omit<ScheduledChange, 'at'>, now: Instant): SubscriptionEvent[] {
  if (state.period === null || state.status === 'paused') return [changed(state, change.terms, now)];
  return isUndivided(state, change) ? changeUnbilled(state, change, now) : changeBilled(state, change, now);
}

type UndatedChange = { readonly terms: Terms; readonly anchor: ChangeAnchor };

/**
 * Whether the change is not prorated. In arrears that needs new terms that are billed at the end of
 * the same period.
 */
const isUndivided = (state: Subscription, { terms, anchor, proration }: Omit<ScheduledChange, 'at'>): boolean =>
  proration === 'none' && (!isInArrears(state) || (anchor === 'keep' && hasSameInterval(state.terms, terms)));

/**
 * The new terms apply now and are billed from the end of the period already billed, where `reset`
 * sets the anchor. In arrears they bill all time that is not billed yet, so the current period is
 * the first of a new plan.
 */
function changeUnbilled(state: Subscription, { terms, anchor }: UndatedChange, now: Instant): SubscriptionEvent[] {
  const event = { ...changed(state, terms, now), anchor: anchorAfter(state, anchor, billingOf(state).period.end) };
  return [isInArrears(state) ? { ...event, planPeriods: Math.max(1, event.planPeriods) } : event];
}

/**
 * One invoice credits the unused time of former charges and bills the new terms to the end of their
 * period. An item that is already charged as it should be is left alone. In arrears the invoice is
 * for the use on the old terms. A period whose end does not move keeps its start and number;
 * otherwise it is the next period.
 */
function changeBilled(state: Subscription, { terms, anchor: mode }: UndatedChange, now: Instant): SubscriptionEvent[] {
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

/**
 * The grid after a change that keeps it. If its day was changed meanwhile, the new day begins with
 * this change.
 */
function anchorKept(state: Subscription, terms: Terms, now: Instant): Anchor {
  const { nextAnchor, timezone } = state;
  if (nextAnchor === null) return billingOf(state).anchor;
  return anchorOn(nextAnchor.day, nextAnchor.month, terms.plan.interval, timezone, now);
}

/**
 * The credits and charges at `now` that leave exactly these terms charged up to the end of the
 * period.
 */
export function difference(
  state: Subscription,
  terms: Terms,
  anchor: Anchor,
  now: Instant,
  periodsBefore: number,
): (RequestedLine | undefined)[] {
  const { lines, period } = chargesFrom(state, terms, anchor, now, periodsBefore);
  const items = itemsOf(terms);
  const paid = paidItems(state);
  const stays = paid.filter((item) => item.period.end === period.end && items.some((next) => equal(next, item.terms)));
  const credits = paid.filter((item) => !stays.includes(item)).map((item) => creditLine(item, 'unused-time', state, now));
  const charges = lines.filter((_, index) => !stays.some((item) => equal(items[index], item.terms)));
  return [...credits, ...charges];
}

/**
 * The commitment after a change. One that the new terms bring begins now; a longer one that is
 * running goes on.
 */
export function commitmentFrom(state: Subscription, { plan }: Terms, anchor: Anchor, from: Instant): CommittedUntil | null {
  const { commitment: running, timezone, terms } = state;
  if (plan.commitment === null || (running !== null && plan.planId === terms.plan.planId)) return running;
  const endsAt = periodsLater(anchor, plan.interval, timezone, from, plan.commitment.periods);
  return running !== null && running.endsAt > endsAt ? running : { endsAt, exitFee: plan.commitment.exitFee };
}

/**
 * Moves a cancellation, change or pause that is scheduled for the end of the period along with that
 * end.
 */
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
