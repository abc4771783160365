import type { DeclineCategory } from '../shared/contracts/payment-resource.ts';
import type { Money } from '../shared/money.ts';
import type { Instant } from '../shared/time.ts';
import type { RetryPolicy } from './policy.ts';

export type CaseStatus = 'open' | 'recovered' | 'lost';

/** A failed attempt and the schedule after it. `retryAt` is null if no automatic retry follows. */
export type FailedAttempt = {
  readonly attempt: number;
  readonly at: Instant;
  readonly category: DeclineCategory;
  readonly declineCode: string | null;
  readonly retryAt: Instant | null;
  readonly suspendAt: Instant | null;
  readonly graceEndsAt: Instant | null;
};

/**
 * The facts about one invoice that could not be collected. Each fact has a field of its own,
 * written by one kind of event, so neither the order nor a repeat of events changes the result.
 * A document without `firstFailedAt` is not a case yet: the event of the payment arrived before
 * the event of the failure.
 */
export type CaseDocument = {
  readonly _id: string;
  readonly invoiceId: string;
  readonly subscriptionId: string;
  readonly customerId: string;
  readonly testClock: string | null;
  readonly createdAt: Instant;
  readonly firstFailedAt?: Instant;
  /** The time zone and policy that apply; absent in cases from before they were recorded. */
  readonly timezone?: string;
  readonly planId?: string;
  readonly policy?: RetryPolicy;
  /** By the number of the attempt. */
  readonly attempts?: Readonly<Record<string, FailedAttempt>>;
  readonly suspendedAt?: Instant;
  readonly recoveredAt?: Instant;
  readonly recovered?: Money;
  readonly endedAt?: Instant;
  readonly writtenOffAt?: Instant;
};

export type CaseResource = {
  readonly id: string;
  readonly invoiceId: string;
  readonly subscriptionId: string;
  readonly customerId: string;
  readonly status: CaseStatus;
  readonly openedAt: Instant;
  readonly attempts: readonly FailedAttempt[];
  readonly nextRetryAt: Instant | null;
  readonly suspendAt: Instant | null;
  readonly suspendedAt: Instant | null;
  readonly graceEndsAt: Instant | null;
  readonly closedAt: Instant | null;
  readonly recovered: Money | null;
  readonly testClock: string | null;
};

export const caseIdOf = (invoiceId: string): string => `cas_${invoiceId}`;

/**
 * The case as a resource. A payment makes it recovered even if the subscription had ended; without
 * a payment, an ended subscription or a written-off invoice makes it lost.
 */
export function resourceOf(document: CaseDocument & { readonly firstFailedAt: Instant }): CaseResource {
  const attempts = Object.values(document.attempts ?? {}).sort((one, other) => one.attempt - other.attempt);
  const last = attempts.at(-1);
  const lostAt = document.endedAt ?? document.writtenOffAt;
  const status = document.recoveredAt ? 'recovered' : lostAt ? 'lost' : 'open';
  return {
    id: document._id,
    invoiceId: document.invoiceId,
    subscriptionId: document.subscriptionId,
    customerId: document.customerId,
    status,
    openedAt: document.firstFailedAt,
    attempts,
    nextRetryAt: status === 'open' ? (last?.retryAt ?? null) : null,
    suspendAt: last?.suspendAt ?? null,
    suspendedAt: document.suspendedAt ?? null,
    graceEndsAt: last?.graceEndsAt ?? null,
    closedAt: document.recoveredAt ?? lostAt ?? null,
    recovered: document.recovered ?? null,
    testClock: document.testClock,
  };
}

/** The filter for cases of a status, or for all cases if the status is undefined. */
export function withStatus(status: CaseStatus | undefined): Readonly<Record<string, unknown>> {
  const failed = { firstFailedAt: { $ne: null } };
  if (status === 'open') return { ...failed, recoveredAt: null, endedAt: null, writtenOffAt: null };
  if (status === 'recovered') return { ...failed, recoveredAt: { $ne: null } };
  if (status === 'lost')
    return { ...failed, recoveredAt: null, $and: [{ $or: [{ endedAt: { $ne: null } }, { writtenOffAt: { $ne: null } }] }] };
  return failed;
}
