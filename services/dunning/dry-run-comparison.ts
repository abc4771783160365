import type { DeclineCategory } from '../shared/contracts/payment-resource.ts';
import { equal } from '../shared/equal.ts';
import type { Money } from '../shared/money.ts';
import type { Instant } from '../shared/time.ts';
import { type CaseDocument, type CaseResource, resourceOf } from './case.ts';
import type { RetryPolicy } from './policy.ts';

/** What a case would have met whatever the policy (`Debt` of the subscription's rules). */
export type Debt = {
  readonly timezone: string;
  readonly declines: readonly { readonly at: Instant; readonly category: DeclineCategory; readonly declineCode: string | null }[];
  readonly payment: { readonly at: Instant; readonly by: 'retry' | 'customer' } | null;
};

/** What a policy makes of it, as the subscription's rules have it. */
export type Path = {
  readonly retries: readonly Instant[];
  readonly suspendedAt: Instant | null;
  readonly endedAt: Instant | null;
  readonly paidAt: Instant | null;
};

/** A case with its debt, and the policy it was met by. */
export type ReplayableCase = { readonly resource: CaseResource; readonly debt: Debt; readonly policy: RetryPolicy };

/** A case, its way under its own policy, and under the one that is tried. */
export type CaseComparison = { readonly resource: CaseResource; readonly before: Path; readonly after: Path };

export type Change = 'retries' | 'suspension' | 'end' | 'payment';

/**
 * A case as the dry run looks at it, or undefined where it was not kept what it needs. It was paid by a retry where one was due by then, for
 * a retry that failed would have been noted; else the customer did something, and would have done it under any policy.
 */
export function replayableCaseOf(document: CaseDocument & { readonly firstFailedAt: Instant }): ReplayableCase | undefined {
  const { timezone, policy, recoveredAt } = document;
  const resource = resourceOf(document);
  if (timezone === undefined || policy === undefined || resource.attempts.length === 0) return undefined;
  const retryAt = resource.attempts.at(-1)?.retryAt ?? null;
  const by = retryAt !== null && recoveredAt !== undefined && retryAt <= recoveredAt ? 'retry' : 'customer';
  const declines = resource.attempts.map(({ at, category, declineCode }) => ({ at, category, declineCode }));
  return { resource, policy, debt: { timezone, declines, payment: recoveredAt === undefined ? null : { at: recoveredAt, by } } };
}

/** The case on both ways. One that somebody closed before its own policy would have, is closed then on both. */
export function comparisonOf(resource: CaseResource, [before, after]: readonly [Path, Path]): CaseComparison {
  const { status, closedAt } = resource;
  const isByHand = status === 'lost' && closedAt !== null && (before.endedAt === null || closedAt < before.endedAt);
  return isByHand ? { resource, before: pathUntil(closedAt, before), after: pathUntil(closedAt, after) } : { resource, before, after };
}

const pathUntil = (at: Instant, { retries, suspendedAt, endedAt, paidAt }: Path): Path => ({
  retries: retries.filter((retry) => retry < at),
  suspendedAt: suspendedAt !== null && suspendedAt < at ? suspendedAt : null,
  endedAt: endedAt !== null && endedAt < at ? endedAt : at,
  paidAt,
});

/** What would have been otherwise; nothing under an equal policy. */
export function changesOf({ before, after }: CaseComparison): readonly Change[] {
  const changes: readonly (Change | false)[] = [
    !equal(before.retries, after.retries) && 'retries',
    before.suspendedAt !== after.suspendedAt && 'suspension',
    before.endedAt !== after.endedAt && 'end',
    before.paidAt !== after.paidAt && 'payment',
  ];
  return changes.filter((change) => change !== false);
}

/** What became of money that came in: lost to an end before it, or to the lack of a retry after it; or it came later. */
export function paymentEffectOf({ before, after }: CaseComparison): 'given-up' | 'not-retried' | 'later' | undefined {
  if (before.paidAt === null || after.paidAt === before.paidAt) return undefined;
  if (after.paidAt !== null) return after.paidAt > before.paidAt ? 'later' : undefined;
  return after.endedAt !== null && after.endedAt <= before.paidAt ? 'given-up' : 'not-retried';
}

/** Whether a case that nobody paid would have been kept longer, or given up sooner. */
export function graceEffectOf({ before, after }: CaseComparison): 'longer' | 'shorter' | undefined {
  if (before.endedAt === after.endedAt) return undefined;
  return after.endedAt === null || (before.endedAt !== null && after.endedAt > before.endedAt) ? 'longer' : 'shorter';
}

/** Adds an amount to those of its currency. */
export function plusAmount(amounts: readonly Money[], { amount, currency }: Money): readonly Money[] {
  const known = amounts.find((other) => other.currency === currency)?.amount ?? 0;
  return [...amounts.filter((other) => other.currency !== currency), { amount: known + amount, currency }];
}
