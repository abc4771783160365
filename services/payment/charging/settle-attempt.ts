import { passes } from '../../shared/fault-points.ts';
import type { Platform } from '../../shared/service.ts';
import type { Instant } from '../../shared/time.ts';
import type { GatewayHealth } from '../gateways/gateway-health.ts';
import { type AttemptOutcome, outcomeEvent, type Payment } from '../payment.ts';
import type { PaymentStore } from '../store.ts';
import { type Decline, isUnsettled, type Unsettled } from './attempt.ts';

/** `unanswered`: the gateway has not responded yet. `pending`: the bank takes days. */
export type SettleResult = 'settled' | 'unanswered' | 'pending';

/** A payment as it was read, and as it is after an outcome. */
export type SettledPayment = { readonly payment: Payment; readonly after: Payment };

/** One attempt at a gateway, for one payment or for all payments of a consolidation. */
export type GatewayAttempt = {
  readonly gateway: string;
  /** Calls the gateway; a repeat uses the same keys and parameters. */
  readonly call: () => Promise<AttemptOutcome | Unsettled>;
  /** Domain time of the outcome. */
  readonly at: () => Instant;
  /** Runs before a decline is published, and returns the outcome that counts. */
  readonly onDecline?: (decline: Decline, at: Instant) => Promise<AttemptOutcome | Unsettled>;
  /** The payments that the outcome settles; none where it is already published. */
  readonly settledBy: (outcome: AttemptOutcome, at: Instant) => Promise<readonly SettledPayment[]>;
};

type Parts = { readonly platform: Platform; readonly store: PaymentStore; readonly health: GatewayHealth };

/**
 * Settles one attempt: gateway, then event, then document. A payment stays `processing` until its
 * outcome is published, so after a crash in between the payment sweep finds it, and the same keys
 * bring the same responses: one charge, and the event at least once under the same id. No write is
 * spent on recording that an event is published. The price: a reader may see `processing` for a
 * moment after the event. Throws on an outage; a repeat is always safe.
 */
export async function settleAttempt(parts: Parts, attempt: GatewayAttempt): Promise<SettleResult> {
  passes('payment.before-gateway');
  const response = await attempt.call();
  passes('payment.after-gateway');
  parts.health.observe('gateway' in response ? response.gateway : attempt.gateway, response);
  if (isUnsettled(response)) return 'unanswered';
  const at = attempt.at();
  const outcome = response.kind === 'declined' && attempt.onDecline ? await attempt.onDecline(response, at) : response;
  if (isUnsettled(outcome)) return 'unanswered';
  const isWritten = await publishThenWrite(parts, await attempt.settledBy(outcome, at));
  if (outcome.kind === 'pending') return 'pending';
  return isWritten ? 'settled' : 'unanswered';
}

/**
 * Publishes the outcome of every payment before any of them is written: a written one proves that
 * all are published. False where another writer moved a payment on meanwhile.
 */
export async function publishThenWrite(
  { platform, store }: Omit<Parts, 'health'>,
  settledPayments: readonly SettledPayment[],
): Promise<boolean> {
  if (settledPayments.length === 0) return true;
  await platform.publish(settledPayments.map(({ after }) => outcomeEvent(after)));
  passes('payment.after-publish');
  const written = await Promise.all(
    settledPayments.map(async ({ payment, after }) => {
      if (payment.status !== 'processing') return store.replace(payment, after);
      await store.settle(payment, after);
      return true;
    }),
  );
  return written.every(Boolean);
}
