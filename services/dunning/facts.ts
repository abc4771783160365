import type { InvoiceResource } from '../shared/contracts/invoice-resource.ts';
import type { DeclineCategory, PaymentResource } from '../shared/contracts/payment-resource.ts';
import type { MarqueeEvent } from '../shared/events.ts';
import type { Instant } from '../shared/time.ts';
import { type CaseDocument, caseIdOf } from './case.ts';
import type { RetryPolicy } from './policy.ts';

/** A change of one case by one event. */
export type CaseFact = {
  readonly id: string;
  readonly about: Pick<CaseDocument, 'invoiceId' | 'subscriptionId' | 'customerId' | 'testClock' | 'createdAt'>;
  /** Fields of the document, or paths into it. */
  readonly sets: Readonly<Record<string, unknown>>;
};

type PaymentFailed = {
  readonly subscription: { readonly status: string; readonly timezone: string; readonly planId: string };
  readonly policy?: RetryPolicy;
  readonly invoiceId: string;
  readonly attempt: number;
  readonly category: DeclineCategory;
  readonly declineCode: string | null;
  readonly firstFailedAt: Instant;
  readonly retryAt: Instant | null;
  readonly suspendAt: Instant | null;
  readonly graceEndsAt: Instant | null;
};
type Suspended = { readonly invoiceId: string };
type Ended = { readonly closes: readonly { readonly invoiceId: string }[] };

const factsByType: Readonly<Record<string, (event: MarqueeEvent) => readonly CaseFact[]>> = {
  'subscription.payment-failed': (event) => {
    const failure = event.data as PaymentFailed;
    const { subscription, invoiceId, attempt, category, declineCode, firstFailedAt, retryAt, suspendAt, graceEndsAt, policy } = failure;
    if (subscription.status.startsWith('incomplete')) return [];
    const failed = { attempt, at: event.time, category, declineCode, retryAt, suspendAt, graceEndsAt };
    const { timezone, planId } = subscription;
    const atFirst = attempt === 1 && { timezone, planId, ...(policy && { policy }) };
    return [fact(event, invoiceId, event.subject, { firstFailedAt, ...atFirst, [`attempts.${attempt}`]: failed })];
  },
  'subscription.suspended': (event) => [fact(event, (event.data as Suspended).invoiceId, event.subject, { suspendedAt: event.time })],
  'subscription.ended': (event) =>
    (event.data as Ended).closes.map(({ invoiceId }) => fact(event, invoiceId, event.subject, { endedAt: event.time })),
  /**
   * An outcome after the first one follows a failure, so it recovers the case even if the event
   * of the failure has not arrived yet.
   */
  'payment.succeeded': (event) => {
    const { invoiceId, subscriptionId, amount, currency } = event.data as PaymentResource;
    if (event.sequence === 1) return [];
    return [fact(event, invoiceId, subscriptionId, { recoveredAt: event.time, recovered: { amount, currency } })];
  },
  'invoice.voided': writtenOff,
  'invoice.marked-uncollectible': writtenOff,
};

export const factTypes: readonly string[] = Object.keys(factsByType);

/**
 * The changes of cases by an event. A failed first payment of an incomplete subscription changes
 * none, because dunning does not apply to it.
 */
export const factsOf = (event: MarqueeEvent): readonly CaseFact[] => factsByType[event.type]?.(event) ?? [];

function writtenOff(event: MarqueeEvent): readonly CaseFact[] {
  const { id, subscriptionId } = event.data as InvoiceResource;
  return [fact(event, id, subscriptionId, { writtenOffAt: event.time })];
}

const fact = (event: MarqueeEvent, invoiceId: string, subscriptionId: string, sets: CaseFact['sets']): CaseFact => ({
  id: caseIdOf(invoiceId),
  about: { invoiceId, subscriptionId, customerId: event.customerId, testClock: event.testClock, createdAt: event.time },
  sets,
});
