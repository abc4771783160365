import { passes } from '../../shared/fault-points.ts';
import type { Platform } from '../../shared/service.ts';
import type { Instant } from '../../shared/time.ts';
import type { GatewayHealth } from '../gateways/gateway-health.ts';
import { outcomeEvent } from '../outcome-event.ts';
import type { AttemptOutcome, DecidedOutcome, Payment } from '../payment.ts';
import type { PaymentStore } from '../store.ts';
import { type Decline, isUnsettled, type Unsettled } from './attempt-outcome.ts';
import { afterDecided } from './consolidated/consolidated-payment.ts';
import { decidedOn } from './payment-transitions.ts';

/**
 * `unanswered`: the gateway has not responded yet. `pending`: the bank takes days. `routed`: the
 * methods are fixed now, and with them the gateway, which was not called yet.
 */
export type SettleResult = 'settled' | 'unanswered' | 'pending' | 'routed';

/** One attempt at a gateway, for one payment or for all payments of a consolidation. */
export type GatewayAttempt = {
  readonly gateway: string;
  /** Calls the gateway; a repeat uses the same keys and parameters. */
  readonly call: () => Promise<AttemptOutcome | Unsettled>;
  /** True where a success of this call is what every repeat of it brings, by its keys. */
  readonly repeatsSuccess: boolean;
  /** Domain time of the outcome. */
  readonly at: () => Instant;
  /** Runs before a decline is published, and returns the outcome that counts. */
  readonly onDecline?: (decline: Decline, at: Instant) => Promise<AttemptOutcome | Unsettled>;
  /** The payments that the outcome settles; none where it is already published. */
  readonly settles: (outcome: AttemptOutcome) => Promise<readonly Payment[]>;
};

export type SettleAttemptParts = { readonly platform: Platform; readonly store: PaymentStore; readonly health: GatewayHealth };
type Parts = Omit<SettleAttemptParts, 'health'>;

/**
 * Settles one attempt: gateway, then event, then document. A payment stays `processing` until its
 * outcome is published, so after a crash in between the payment sweep finds it: one charge, and the
 * event at least once under the same id. The price: a reader may see `processing` for a moment
 * after the event. Throws on an outage; a repeat is always safe.
 */
export async function settleAttempt(parts: SettleAttemptParts, attempt: GatewayAttempt): Promise<SettleResult> {
  passes('payment.before-gateway');
  const response = await attempt.call();
  passes('payment.after-gateway');
  parts.health.observe('gateway' in response ? response.gateway : attempt.gateway, response);
  if (isUnsettled(response)) return 'unanswered';
  const at = attempt.at();
  const outcome = response.kind === 'declined' && attempt.onDecline ? await attempt.onDecline(response, at) : response;
  if (isUnsettled(outcome)) return 'unanswered';
  return settleOutcome(parts, await attempt.settles(outcome), { outcome, at }, attempt.repeatsSuccess);
}

/**
 * Fixes an outcome on the payments that it settles, publishes it, and writes it. A look-up may find
 * another outcome each time, and two processes may receive different ones, so the outcome is fixed
 * by compare-and-set before its event gets an id. Only a success that every repeat of the same keys
 * brings again (`isRepeatable`) needs no such write, which spares the usual charge one.
 * `unanswered` where another writer moved a payment on meanwhile.
 */
export async function settleOutcome(
  parts: Parts,
  waiting: readonly Payment[],
  decided: DecidedOutcome,
  isRepeatable = false,
): Promise<SettleResult> {
  const now = parts.platform.now();
  const isFixed = isRepeatable && decided.outcome.kind === 'succeeded' && waiting.every(({ status }) => status === 'processing');
  const fixed = isFixed
    ? waiting.map((payment) => decidedOn(payment, decided, now))
    : await Promise.all(waiting.map((payment) => fixedOn(parts.store, payment, decidedOn(payment, decided, now))));
  const payments = fixed.filter((payment) => payment !== undefined);
  if (payments.length < waiting.length) return 'unanswered';
  await publishDecided(parts, payments);
  return decided.outcome.kind === 'pending' ? 'pending' : 'settled';
}

/** The payment with its fixed outcome, an earlier one if it has one; undefined if it changed. */
async function fixedOn(store: PaymentStore, payment: Payment, decided: Payment): Promise<Payment | undefined> {
  if (payment.decided) return payment;
  return (await store.decide(payment, decided)) ? decided : undefined;
}

/**
 * Publishes the fixed outcomes of payments, all of them before any is written: a written one proves
 * that all are published.
 */
export async function publishDecided({ platform, store }: Parts, payments: readonly Payment[]): Promise<void> {
  if (payments.length === 0) return;
  const settledPayments = payments.map((payment) => ({ payment, after: afterDecided(payment, platform.now()) }));
  await platform.publish(settledPayments.map(({ after }) => outcomeEvent(after)));
  passes('payment.after-publish');
  await Promise.all(settledPayments.map(({ payment, after }) => store.settle(payment, after)));
}

/** Settles a payment whose outcome was fixed before a crash, or by the caller. */
export async function settleDecided(parts: Parts, payment: Payment): Promise<SettleResult> {
  await publishDecided(parts, [payment]);
  return payment.decided?.outcome.kind === 'pending' ? 'pending' : 'settled';
}
