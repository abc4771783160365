import type { MarqueeEvent } from '../shared/events.ts';
import { type CaseDocument, caseIdOf } from './case.ts';

/** A change of one case by one event. */
export type CaseFact = {
  readonly id: string;
  readonly about: Pick<CaseDocument, 'invoiceId' | 'subscriptionId' | 'customerId' | 'testClock' | 'createdAt'>;
  /** Fields of the document, or paths into it. */
  readonly sets: Readonly<Record<string, unknown>>;
};

export const factTypes = [
  'subscription.payment-failed',
  'subscription.suspended',
  'subscription.ended',
  'payment.succeeded',
  'invoice.voided',
  'invoice.marked-uncollectible',
] as const;

type CaseEvent = MarqueeEvent<(typeof factTypes)[number]>;

/**
 * The changes of cases by an event. A failed first payment of an incomplete subscription changes
 * none, because dunning does not apply to it.
 */
export function factsOf(event: CaseEvent): readonly CaseFact[] {
  switch (event.type) {
    case 'subscription.payment-failed':
      return failed(event);
    case 'subscription.suspended':
      return [fact(event, event.data.invoiceId, event.subject, { suspendedAt: event.time })];
    case 'subscription.ended':
      return event.data.closes.map(({ invoiceId }) => fact(event, invoiceId, event.subject, { endedAt: event.time }));
    case 'payment.succeeded':
      return recovered(event);
    case 'invoice.voided':
    case 'invoice.marked-uncollectible':
      return [fact(event, event.data.id, event.data.subscriptionId, { writtenOffAt: event.time })];
    default:
      return event satisfies never;
  }
}

function failed(event: MarqueeEvent<'subscription.payment-failed'>): readonly CaseFact[] {
  const { subscription, invoiceId, attempt, category, declineCode, firstFailedAt, retryAt, suspendAt, graceEndsAt, policy } = event.data;
  if (subscription.status.startsWith('incomplete')) return [];
  const failure = { attempt, at: event.time, category, declineCode, retryAt, suspendAt, graceEndsAt };
  const { timezone, planId } = subscription;
  const opened = attempt === 1 && { timezone, planId, ...(policy && { policy }) };
  return [fact(event, invoiceId, event.subject, { firstFailedAt, ...opened, [`attempts.${attempt}`]: failure })];
}

/** A later outcome follows a failure, so it recovers the case even before the failure arrives. */
function recovered(event: MarqueeEvent<'payment.succeeded'>): readonly CaseFact[] {
  const { invoiceId, subscriptionId, amount, currency } = event.data;
  if (event.sequence === 1) return [];
  return [fact(event, invoiceId, subscriptionId, { recoveredAt: event.time, recovered: { amount, currency } })];
}

const fact = (event: CaseEvent, invoiceId: string, subscriptionId: string, sets: CaseFact['sets']): CaseFact => ({
  id: caseIdOf(invoiceId),
  about: { invoiceId, subscriptionId, customerId: event.customerId, testClock: event.testClock, createdAt: event.time },
  sets,
});
