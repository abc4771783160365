import { nextLocalMidnight } from '../../../services/shared/local-time.ts';
import { earliest, type Instant, type Period } from '../../../services/shared/time.ts';
import { periodAround } from './billing-period.ts';
import { anchorAtStart, billingBegins, type Charges, chargesFrom } from './invoice.ts';
import type { RequestedLine, Subscription, SubscriptionCommand, SubscriptionEvent } from './subscription.ts';
import type { LastBill } from './subscription-parts.ts';
import { isInArrears } from './terms-checks.ts';

/**
 * The use before `until` that is on no invoice yet: the time since the last bill, without blocked
 * time and never beyond the end of a fixed term. A pause bills when it begins, and there is no use
 * during it.
 */
function unbilledTime({ billedThrough, blocked, endsAt, status, suspendedAt }: Subscription, until: Instant): Period[] {
  if (billedThrough === null || status === 'paused') return [];
  const last = earliest(until, endsAt) ?? until;
  const gaps = suspendedAt === null ? blocked : [...blocked, { start: suspendedAt, end: last }];
  const ends = [...gaps.map(({ start }) => start), last];
  return [billedThrough, ...gaps.map(({ end }) => end)]
    .map((start, index) => ({ start, end: earliest(ends[index], last) ?? last }))
    .filter(({ start, end }) => start < end);
}

/**
 * The bill for that use, on the current terms: one line for each item and each stretch. No stretch
 * crosses a boundary of the grid, so a whole period costs its price and the parts of one add up to
 * it.
 */
export function arrearsAt(state: Subscription, until: Instant): Charges {
  const lines: RequestedLine[] = [];
  let periodsBefore = Math.max(0, state.planPeriods - 1);
  for (const { start, end } of unbilledTime(state, until)) {
    for (let from = start; state.anchor !== null && from < end; ) {
      const part = chargesFrom({ ...state, endsAt: end }, state.terms, state.anchor, from, periodsBefore);
      lines.push(...part.lines);
      from = part.period.end;
      if (from < end) periodsBefore += 1;
    }
  }
  return { lines, period: { start: lines[0]?.period.start ?? until, end: lines.at(-1)?.period.end ?? until } };
}

/**
 * The instant up to which a cancellation counts as used: its own, the end of its day, or the end of
 * the period.
 */
export function endOfUse({ period, timezone }: Subscription, endedAt: Instant, { lastPeriod, lastDay }: LastBill): Instant {
  const end = period?.end ?? endedAt;
  if (endedAt >= end) return endedAt;
  if (lastPeriod === 'full') return end;
  return lastDay === 'included' ? (earliest(nextLocalMidnight(endedAt, timezone), end) ?? end) : endedAt;
}

/**
 * The settings of the last bill that a requested or scheduled cancellation sets differently from
 * the default.
 */
export const lastBillOf = ({
  lastPeriod,
  lastDay,
}: Pick<Extract<SubscriptionCommand, { type: 'cancel' }>, 'lastPeriod' | 'lastDay'>): LastBill => ({
  ...(lastPeriod === 'full' && { lastPeriod }),
  ...(lastDay === 'included' && { lastDay }),
});

const billed = (billedThrough: Instant, { blocked }: Subscription) => ({
  billedThrough,
  blocked: blocked.filter(({ end }) => end > billedThrough),
});

/**
 * The effect of an event on the time billed in arrears. Time that it did not bill waits for the
 * next bill.
 */
export function accruedAfter(state: Subscription, event: SubscriptionEvent): Partial<Pick<Subscription, 'billedThrough' | 'blocked'>> {
  if (!isInArrears(state)) return {};
  switch (event.type) {
    case 'subscription.started':
    case 'subscription.renewal-due':
      return billed(event.period.start, state);
    case 'subscription.changed':
      return event.billedThrough === undefined ? {} : billed(event.billedThrough, state);
    case 'subscription.paused':
      return billed(event.pausedAt, state);
    case 'subscription.resumed':
      return billed(event.at, state);
    case 'subscription.recovered': {
      if (event.period.number !== state.period?.number) return billed(event.at, state);
      return { blocked: [...state.blocked, { start: state.suspendedAt ?? event.at, end: event.at }] };
    }
    case 'subscription.reactivated':
      return { billedThrough: null, blocked: [] };
    default:
      return {};
  }
}

/**
 * The instant of the next bill if nothing changes: the end of the period or of the subscription.
 * Null when there will be none.
 */
export function nextArrearsAt(state: Subscription): Instant | null {
  const { anchor, cancelAt, endsAt, period, terms, timezone } = state;
  const start = startOfUse(state);
  if (start === null || (cancelAt !== null && cancelAt <= start)) return null;
  const isRunning = period !== null && period.start === start;
  const end = isRunning ? period.end : periodAround(anchor ?? anchorAtStart(state, start), terms.plan.interval, timezone, start).end;
  return earliest(end, cancelAt, endsAt) ?? end;
}

/**
 * The start of the period that is billed next: it runs now, or will once a trial or a pause has
 * ended.
 */
function startOfUse(state: Subscription): Instant | null {
  const { period, resumeAt, status } = state;
  switch (status) {
    case 'scheduled':
    case 'trialing':
      return billingBegins(state);
    case 'paused':
      return resumeAt;
    case 'active':
    case 'past-due':
      return period?.start ?? null;
    default:
      return null;
  }
}
