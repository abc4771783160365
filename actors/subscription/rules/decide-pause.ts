import { accept, type Result, reject } from '../../../services/shared/result.ts';
import { type Instant, millisOf, plusMillis } from '../../../services/shared/time.ts';
import { arrearsAt } from './arrears.ts';
import { anchorFrom } from './billing-period.ts';
import { difference, followPeriodEnd } from './decide-change.ts';
import { paidIfFree } from './decide-payment.ts';
import { fold } from './evolve.ts';
import { billingOf, chargesFrom, dueChange, eventInvoice, unusedTimeLines } from './invoice.ts';
import { hasUnpaidInvoice } from './rejections.ts';
import type { Subscription, SubscriptionCommand, SubscriptionEvent } from './subscription.ts';
import type { PauseCredit } from './subscription-parts.ts';
import { isInArrears } from './terms-checks.ts';

type Pause = Extract<SubscriptionCommand, { type: 'pause' }>;
type Resumed = Extract<SubscriptionEvent, { type: 'subscription.resumed' }>;

/**
 * Stops service and billing, at the end of the period or now. Only an active subscription can
 * pause, and now only if all its invoices are paid. `until` resumes it automatically and must be
 * after the pause begins.
 */
export function pause(state: Subscription, command: Pause, now: Instant): Result<SubscriptionEvent[]> {
  const { until, credit } = command;
  if (state.status === 'paused' && state.resumeAt === until) return accept([]);
  if (state.status === 'past-due' || state.status === 'suspended' || state.status === 'incomplete') return hasUnpaidInvoice(state);
  if (state.status !== 'active')
    return reject('wrong-status', `The subscription ${state.id} is ${state.status}; only an active subscription can be paused.`);
  const pauseAt = command.when === 'now' ? now : billingOf(state).period.end;
  if (until !== null && until <= pauseAt)
    return reject('until-too-early', `The pause begins at ${pauseAt}, so until must be later.`, '/until');
  if (command.when === 'now')
    return state.openInvoices.length > 0 ? hasUnpaidInvoice(state) : accept(paused(state, pauseAt, until, credit, now));
  const { scheduledPause: former } = state;
  if (former?.at === pauseAt && former.until === until && former.credit === credit) return accept([]);
  return accept([{ type: 'subscription.pause-scheduled', at: now, pauseAt, until, credit }]);
}

/**
 * The start of a pause. The rest of the paid period runs on (`none`), is credited (`prorate`), or
 * is kept until the subscription resumes (`extend`). In arrears the use so far is billed, and there
 * is no rest.
 */
export function paused(
  state: Subscription,
  pausedAt: Instant,
  until: Instant | null,
  credit: PauseCredit,
  now: Instant,
): SubscriptionEvent[] {
  const { end } = billingOf(state).period;
  const lines = credit === 'prorate' ? unusedTimeLines(state, pausedAt) : [];
  const unusedMillis = credit === 'extend' && !isInArrears(state) ? Math.max(0, millisOf(end) - millisOf(pausedAt)) : 0;
  const used = isInArrears(state) ? arrearsAt(state, pausedAt) : undefined;
  const invoice = eventInvoice(state, 'pause', used?.period ?? { start: pausedAt, end }, used?.lines ?? lines);
  return paidIfFree(state, { type: 'subscription.paused', at: now, pausedAt, until, unusedMillis, invoice }, now);
}

/** Resumes now, or withdraws a scheduled pause. The invoice of the pause must be paid. */
export function resume(state: Subscription, mode: 'keep' | 'reset', now: Instant): Result<SubscriptionEvent[]> {
  if (state.endsAt !== null && state.endsAt <= now)
    return reject('term-over', `The fixed term of the subscription ${state.id} ended at ${state.endsAt}.`);
  if (state.status === 'paused') return state.openInvoices.length > 0 ? hasUnpaidInvoice(state) : accept(resumed(state, mode, now));
  if (state.scheduledPause !== null) return accept([{ type: 'subscription.pause-withdrawn', at: now }]);
  return reject('wrong-status', `The subscription ${state.id} is ${state.status}; only a paused subscription can be resumed.`);
}

/**
 * Resumes after a dispute that was won. A pause from before the dispute was requested by the
 * customer and stays. A subscription that has no other pause is already as it should be.
 */
export const resumeAfterDispute = (state: Subscription, openedAt: Instant, now: Instant): Result<SubscriptionEvent[]> =>
  state.status === 'paused' && state.pausedAt !== null && state.pausedAt >= openedAt ? resume(state, 'keep', now) : accept([]);

/**
 * The end of a pause: access returns now. Time kept by `extend` comes first, and the anchor moves
 * to its end. With `keep`, a paid period that still runs goes on, unless the new terms bill at
 * another interval. Otherwise a stub up to the kept anchor, or with `reset` a full period from now,
 * is billed; in arrears it is billed when it ends.
 */
export function resumed(paused: Subscription, mode: 'keep' | 'reset', now: Instant): SubscriptionEvent[] {
  const former = billingOf(paused).period;
  const changes = paused.unusedMillis > 0 ? [] : dueChange(paused, now, now);
  const state = fold(changes, paused);
  const events = paidIfFree(state, resumption(state, mode, now), now);
  return [...changes, ...events, ...followPeriodEnd(fold(events, state), former.end, now)];
}

function resumption(state: Subscription, mode: 'keep' | 'reset', now: Instant): Resumed {
  const { anchor: kept, period: current } = billingOf(state);
  const number = current.number + 1;
  if (state.unusedMillis > 0) {
    const period = { start: now, end: plusMillis(now, state.unusedMillis), number };
    return { type: 'subscription.resumed', at: now, anchor: anchorFrom(period.end, state.timezone), period, invoice: null };
  }
  const endsAsBefore = chargesFrom(state, state.terms, kept, now, 0).period.end === current.end;
  const isHeld = isInArrears(state) || state.charged.length > 0;
  const goesOn = mode === 'keep' && isHeld && now < current.end && endsAsBefore;
  if (goesOn) {
    const lines = isInArrears(state) ? [] : difference(state, state.terms, kept, now, Math.max(0, state.planPeriods - 1));
    const invoice = eventInvoice(state, 'resume', { start: now, end: current.end }, lines);
    return { type: 'subscription.resumed', at: now, anchor: kept, period: current, invoice };
  }
  const anchor = mode === 'reset' ? anchorFrom(now, state.timezone) : kept;
  const { lines, period } = chargesFrom(state, state.terms, anchor, now, state.planPeriods);
  const invoice = isInArrears(state) ? null : eventInvoice(state, 'resume', period, [...unusedTimeLines(state, now), ...lines]);
  return { type: 'subscription.resumed', at: now, anchor, period: { ...period, number }, invoice };
}
