import { plusLocalDays } from '../../services/shared/local-time.ts';
import type { Instant } from '../../services/shared/time.ts';
import type { DeclineCategory, OpenInvoice, RetryPolicy } from './subscription.ts';

/** What holds where neither the subscription nor the operator says otherwise (api.md, Dunning). */
export const defaultRetryPolicy: RetryPolicy = {
  retryDays: [1, 3, 5, 7],
  retryMode: 'from-first-failure',
  hardDeclineRetries: 0,
  suspendAfterDays: 7,
  graceDays: 14,
  finalAction: 'cancel',
};

/** The state of one invoice's payments after a failure. `attempt` counts the failures including this one. */
export type Failure = { readonly attempt: number; readonly category: DeclineCategory; readonly hardDeclines: number; readonly at: Instant };

export type Ladder = Pick<OpenInvoice, 'retryAt' | 'suspendAt' | 'graceEndsAt'> & { readonly firstFailedAt: Instant };

/**
 * When a failed invoice is tried again, suspends and reaches the end of grace. Days are local calendar days at the time of day they count
 * from: the first failure, or for retries with `interval` the latest one.
 */
export function ladderAfter(failure: Failure, firstFailedAt: Instant, policy: RetryPolicy, zone: string): Ladder {
  return {
    firstFailedAt,
    retryAt: retryAfter(failure, firstFailedAt, policy, zone),
    suspendAt: plusLocalDays(firstFailedAt, policy.suspendAfterDays, zone),
    graceEndsAt: plusLocalDays(firstFailedAt, policy.graceDays, zone),
  };
}

/**
 * The next automatic attempt, from the count of failed ones, or null. A step that a late answer has already passed is left out.
 * An expired card or a missing method waits for a new one; a customer who must act confirms, which succeeds by itself.
 */
function retryAfter(failure: Failure, firstFailedAt: Instant, policy: RetryPolicy, zone: string): Instant | null {
  if (!isRetriable(failure, policy)) return null;
  const steps = policy.retryDays.slice(failure.attempt - 1);
  if (policy.retryMode === 'interval') return steps[0] === undefined ? null : plusLocalDays(failure.at, steps[0], zone);
  return steps.map((days) => plusLocalDays(firstFailedAt, days, zone)).find((instant) => instant > failure.at) ?? null;
}

function isRetriable({ category, hardDeclines }: Failure, { hardDeclineRetries }: RetryPolicy): boolean {
  return category === 'soft' || (category === 'hard' && hardDeclines <= hardDeclineRetries);
}
