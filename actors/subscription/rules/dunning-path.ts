import type { Debt, DunningPath } from '../../../services/shared/contracts/dunning-path.ts';
import type { Instant } from '../../../services/shared/time.ts';
import { escalationAfter, type Failure } from './retry-policy.ts';
import type { DeclineCategory, RetryPolicy } from './subscription-parts.ts';

/**
 * The path of a debt under a policy, if every wake comes in time and no payment is retried by hand.
 * At one instant a retry comes before the suspension and the end, as in `wake.ts`. Takes as many
 * steps as the policy has retries.
 */
export function dunningPath({ timezone, declines, payment }: Debt, policy: RetryPolicy): DunningPath {
  const [{ at: firstFailedAt }] = declines;
  let failure = failureAfter(undefined, declines, firstFailedAt);
  let ladder = escalationAfter(failure, firstFailedAt, policy, timezone);
  const endsAt = policy.finalAction === 'suspend' ? null : ladder.graceEndsAt;
  const isPaidBefore = (at: Instant | null) => payment?.by === 'customer' && (at === null || payment.at <= at);
  const retries: Instant[] = [];
  let paidAt: Instant | null = null;
  while (paidAt === null && ladder.retryAt !== null && !isPaidBefore(ladder.retryAt)) {
    const at = ladder.retryAt;
    retries.push(at);
    if (payment?.by === 'retry' && payment.at <= at) paidAt = at;
    failure = failureAfter(failure, declines, at);
    ladder = escalationAfter(failure, firstFailedAt, policy, timezone);
  }
  if (payment?.by === 'customer' && (endsAt === null || payment.at < endsAt)) paidAt = payment.at;
  return { retries, suspendedAt: suspensionOf(ladder, endsAt, paidAt), endedAt: paidAt === null ? endsAt : null, paidAt };
}

function failureAfter(before: Failure | undefined, declines: Debt['declines'], at: Instant): Failure {
  const { category, declineCode } = declines.findLast((decline) => decline.at <= at) ?? declines[0];
  const hardDeclines = (before?.hardDeclines ?? 0) + (category === ('hard' satisfies DeclineCategory) ? 1 : 0);
  return { attempt: (before?.attempt ?? 0) + 1, category, declineCode, hardDeclines, at };
}

/** The suspension. With the final action `suspend` it comes by the end of grace at the latest. */
function suspensionOf(
  { suspendAt, graceEndsAt }: ReturnType<typeof escalationAfter>,
  endsAt: Instant | null,
  paidAt: Instant | null,
): Instant | null {
  const at = endsAt === null && graceEndsAt !== null && (suspendAt === null || graceEndsAt < suspendAt) ? graceEndsAt : suspendAt;
  if (at === null || (endsAt !== null && endsAt <= at)) return null;
  return paidAt !== null && paidAt <= at ? null : at;
}
