import { plusLocalDays } from '../../../services/shared/local-time.ts';
import type { Instant } from '../../../services/shared/time.ts';
import { intoWindow, ontoPayday } from './retry-timing.ts';
import type { OpenInvoice } from './subscription.ts';
import type { DeclineCategory, RetriedCategory, RetryPolicy } from './subscription-parts.ts';

/**
 * The policy where neither the subscription nor the operator sets another (docs/api.md, Dunning).
 */
export const defaultRetryPolicy: RetryPolicy = {
  retryDays: [1, 3, 5, 7],
  retryMode: 'from-first-failure',
  hardDeclineRetries: 0,
  suspendAfterDays: 7,
  graceDays: 14,
  finalAction: 'cancel',
};

/**
 * Visa allows 15 attempts for one invoice in 30 days, Mastercard 35: the stricter limit applies
 * where the policy sets none.
 */
const networkBudget = { attempts: 15, days: 30 };

/**
 * The state of one invoice's payments after a failure. `attempt` counts the failures including this
 * one.
 */
export type Failure = {
  readonly attempt: number;
  readonly category: DeclineCategory;
  readonly declineCode: string | null;
  readonly hardDeclines: number;
  readonly at: Instant;
};

export type Escalation = Pick<OpenInvoice, 'retryAt' | 'suspendAt' | 'graceEndsAt'> & { readonly firstFailedAt: Instant };

/**
 * The dates of a failed invoice: retry, suspension and end of grace. Days are local calendar days
 * at the time of day of the first failure or, for retries with `interval`, of the latest one.
 */
export function escalationAfter(failure: Failure, firstFailedAt: Instant, policy: RetryPolicy, zone: string): Escalation {
  return {
    firstFailedAt,
    retryAt: retryAfter(failure, firstFailedAt, policy, zone),
    suspendAt: plusLocalDays(firstFailedAt, policy.suspendAfterDays, zone),
    graceEndsAt: plusLocalDays(firstFailedAt, policy.graceDays, zone),
  };
}

/**
 * The next automatic attempt, or null. It leaves out retry days that have already passed and those
 * beyond the grace or the network's budget. Unless the policy says otherwise an expired card waits
 * for a new card, as a missing payment method does. A customer who must act confirms the payment,
 * which then succeeds without a retry.
 */
function retryAfter(failure: Failure, firstFailedAt: Instant, policy: RetryPolicy, zone: string): Instant | null {
  if (!isRetriable(failure, policy)) return null;
  const steps = stepsOf(failure.category, policy).slice(failure.attempt - 1);
  const graceEndsAt = plusLocalDays(firstFailedAt, policy.graceDays, zone);
  const isAllowed = (at: Instant) => at <= graceEndsAt && isWithinBudget(failure, at, policy, zone);
  if (policy.retryMode === 'interval') {
    const at = steps[0] === undefined ? undefined : moved(plusLocalDays(failure.at, steps[0], zone), failure, policy, zone);
    return at !== undefined && isAllowed(at) ? at : null;
  }
  const instants = steps.map((days) => moved(plusLocalDays(firstFailedAt, days, zone), failure, policy, zone));
  return instants.find((at) => at > failure.at && isAllowed(at)) ?? null;
}

/**
 * Moves a retry to a payday if the decline was for lack of funds, then into the hours of the day;
 * never to an earlier time.
 */
function moved(at: Instant, { declineCode }: Failure, { paydays = [], timeOfDay }: RetryPolicy, zone: string): Instant {
  const day = declineCode === 'insufficient_funds' ? ontoPayday(at, paydays, zone) : at;
  return timeOfDay === undefined ? day : intoWindow(day, timeOfDay, zone);
}

/**
 * The first attempts up to the budget are free. A further one waits until all before it have left
 * the network's window. Attempts on request count as well, but are never held back.
 */
function isWithinBudget(
  { attempt, at: failedAt }: Failure,
  at: Instant,
  { retryBudget = networkBudget }: RetryPolicy,
  zone: string,
): boolean {
  return attempt <= retryBudget.attempts || at >= plusLocalDays(failedAt, retryBudget.days, zone);
}

/** The retry days of a category: its own, or else the general ones. */
function stepsOf(category: DeclineCategory, { retryDays, byCategory = {} }: RetryPolicy): readonly number[] {
  return byCategory[category as RetriedCategory]?.retryDays ?? retryDays;
}

function isRetriable({ category, hardDeclines }: Failure, { hardDeclineRetries, byCategory = {} }: RetryPolicy): boolean {
  if (category === 'soft' || byCategory[category as RetriedCategory] !== undefined) return true;
  return category === 'hard' && hardDeclines <= hardDeclineRetries;
}
