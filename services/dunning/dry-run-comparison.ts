import type { Debt, DunningPath } from '../shared/contracts/dunning-path.ts';
import { equal } from '../shared/equal.ts';
import type { Money } from '../shared/money.ts';
import type { Instant } from '../shared/time.ts';
import { type CaseDocument, type CaseResource, resourceOf } from './case.ts';
import type { RetryPolicy } from './policy.ts';

/** A case with its debt and the policy that applied to it. */
export type ReplayableCase = { readonly resource: CaseResource; readonly debt: Debt; readonly policy: RetryPolicy };

/** A case with its path under its own policy and its path under the tested policy. */
export type CaseComparison = { readonly resource: CaseResource; readonly before: DunningPath; readonly after: DunningPath };

export type Change = 'retries' | 'suspension' | 'end' | 'payment';

/**
 * The case prepared for the dry run, or undefined if its policy or time zone was not recorded. A
 * retry collected the payment if one was due by then, because a failed retry would have been
 * recorded. Otherwise the customer paid, and would have paid under any policy.
 */
export function replayableCaseOf(document: CaseDocument & { readonly firstFailedAt: Instant }): ReplayableCase | undefined {
  const { timezone, policy, recoveredAt } = document;
  const resource = resourceOf(document);
  const [first, ...later] = resource.attempts.map(({ at, category, declineCode }) => ({ at, category, declineCode }));
  if (timezone === undefined || policy === undefined || first === undefined) return undefined;
  const retryAt = resource.attempts.at(-1)?.retryAt ?? null;
  const by = retryAt !== null && recoveredAt !== undefined && retryAt <= recoveredAt ? 'retry' : 'customer';
  return {
    resource,
    policy,
    debt: { timezone, declines: [first, ...later], payment: recoveredAt === undefined ? null : { at: recoveredAt, by } },
  };
}

/**
 * The case on both paths. If an operator closed the case before its own policy would have, both
 * paths end at that time.
 */
export function comparisonOf(resource: CaseResource, [before, after]: readonly [DunningPath, DunningPath]): CaseComparison {
  const { status, closedAt } = resource;
  const isClosedByOperator = status === 'lost' && closedAt !== null && (before.endedAt === null || closedAt < before.endedAt);
  return isClosedByOperator
    ? { resource, before: pathUntil(closedAt, before), after: pathUntil(closedAt, after) }
    : { resource, before, after };
}

const pathUntil = (at: Instant, { retries, suspendedAt, endedAt, paidAt }: DunningPath): DunningPath => ({
  retries: retries.filter((retry) => retry < at),
  suspendedAt: suspendedAt !== null && suspendedAt < at ? suspendedAt : null,
  endedAt: endedAt !== null && endedAt < at ? endedAt : at,
  paidAt,
});

/** The differences between both paths; empty under an equal policy. */
export function changesOf({ before, after }: CaseComparison): readonly Change[] {
  const changes: readonly (Change | false)[] = [
    !equal(before.retries, after.retries) && 'retries',
    before.suspendedAt !== after.suspendedAt && 'suspension',
    before.endedAt !== after.endedAt && 'end',
    before.paidAt !== after.paidAt && 'payment',
  ];
  return changes.filter((change) => change !== false);
}

/**
 * The effect on a payment: lost because the subscription ended first, lost because no retry
 * followed, or later. Undefined if the payment is unaffected.
 */
export function paymentEffectOf({ before, after }: CaseComparison): 'given-up' | 'not-retried' | 'later' | undefined {
  if (before.paidAt === null || after.paidAt === before.paidAt) return undefined;
  if (after.paidAt !== null) return after.paidAt > before.paidAt ? 'later' : undefined;
  return after.endedAt !== null && after.endedAt <= before.paidAt ? 'given-up' : 'not-retried';
}

/** The effect on an unpaid case: it would have been kept longer, or ended sooner. */
export function graceEffectOf({ before, after }: CaseComparison): 'longer' | 'shorter' | undefined {
  if (before.endedAt === after.endedAt) return undefined;
  return after.endedAt === null || (before.endedAt !== null && after.endedAt > before.endedAt) ? 'longer' : 'shorter';
}

/** Adds an amount to those of its currency. */
export function plusAmount(amounts: readonly Money[], { amount, currency }: Money): readonly Money[] {
  const known = amounts.find((other) => other.currency === currency)?.amount ?? 0;
  return [...amounts.filter((other) => other.currency !== currency), { amount: known + amount, currency }];
}
