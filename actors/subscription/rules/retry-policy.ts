import { plusLocalDays } from '../../../services/shared/local-time.ts';
import type { Instant } from '../../../services/shared/time.ts';
import { intoWindow, ontoPayday } from './retry-timing.ts';
import type { OpenInvoice } from './subscription.ts';
import type { DeclineCategory, RetriedCategory, RetryPolicy } from './subscription-parts.ts';

/** What holds where neither the subscription nor the operator says otherwise (api.md, Dunning). */
export const defaultRetryPolicy: RetryPolicy = {
  retryDays: [1, 3, 5, 7],
  retryMode: 'from-first-failure',
  hardDeclineRetries: 0,
  suspendAfterDays: 7,
  graceDays: 14,
  finalAction: 'cancel',
};

/** Visa lets an invoice be charged again 15 times in 30 days, Mastercard 35 times: the stricter holds where the policy says nothing. */
const networkBudget = { attempts: 15, days: 30 };

/** The state of one invoice's payments after a failure. `attempt` counts the failures including this one. */
export type Failure = {
  readonly attempt: number;
  readonly category: DeclineCategory;
  readonly declineCode: string | null;
  readonly hardDeclines: number;
  readonly at: Instant;
};

export type Escalation = Pick<OpenInvoice, 'retryAt' | 'suspendAt' | 'graceEndsAt'> & { readonly firstFailedAt: Instant };

/**
 * When a failed invoice is tried again, suspends and reaches the end of grace. Days are local calendar days at the time of day they count
 * from: the first failure, or for retries with `interval` the latest one.
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
 * The next automatic attempt, from the count of failed ones, or null. A step that a late answer has already passed is left out, and so is
 * one beyond the grace or the network's budget. Unless the policy says otherwise an expired card waits for a new one, as a missing method
 * does; a customer who must act confirms, which succeeds by itself.
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

/** To a payday where money is what lacks, then into the hours of the day; never to an earlier time. */
function moved(at: Instant, { declineCode }: Failure, { paydays = [], timeOfDay }: RetryPolicy, zone: string): Instant {
  const day = declineCode === 'insufficient_funds' ? ontoPayday(at, paydays, zone) : at;
  return timeOfDay === undefined ? day : intoWindow(day, timeOfDay, zone);
}

/**
 * So many attempts after the first are free; any further one waits until all before it are out of the network's count. Attempts that people
 * asked for count as well, but are never held back.
 */
function isWithinBudget(
  { attempt, at: failedAt }: Failure,
  at: Instant,
  { retryBudget = networkBudget }: RetryPolicy,
  zone: string,
): boolean {
  return attempt <= retryBudget.attempts || at >= plusLocalDays(failedAt, retryBudget.days, zone);
}

/** A category with days of its own is tried on those. */
function stepsOf(category: DeclineCategory, { retryDays, byCategory = {} }: RetryPolicy): readonly number[] {
  return byCategory[category as RetriedCategory]?.retryDays ?? retryDays;
}

function isRetriable({ category, hardDeclines }: Failure, { hardDeclineRetries, byCategory = {} }: RetryPolicy): boolean {
  if (category === 'soft' || byCategory[category as RetriedCategory] !== undefined) return true;
  return category === 'hard' && hardDeclines <= hardDeclineRetries;
}
