import { nowOn } from '../../shared/domain-time.ts';
import type { Platform } from '../../shared/service.ts';
import { type Instant, millisOf } from '../../shared/time.ts';
import type { GatewayHealth } from '../gateways/gateway-health.ts';
import { type Gateways, gatewayOf } from '../gateways/gateways.ts';
import type { AttemptOutcome, Payment } from '../payment.ts';
import type { PaymentStore } from '../store.ts';
import { charge, continueAuthenticated, endSuperseded } from './attempt.ts';
import { isUnsettled } from './attempt-outcome.ts';
import { keyLifetimeMillis, lookUpAttempt, mustNoteSending } from './look-up.ts';
import { currentMethods } from './methods.ts';
import { nextLookUp } from './payment-transitions.ts';
import { type SettleResult, settleAttempt, settleDecided, settleOutcome } from './settle-attempt.ts';

/**
 * Drives a recorded payment one step towards its outcome. Throws on an outage. A repeat is always
 * safe.
 */
export type SettlePayment = (payment: Payment) => Promise<SettleResult>;

export type SettleParts = {
  readonly platform: Platform;
  readonly store: PaymentStore;
  readonly gateways: Gateways;
  readonly health: GatewayHealth;
};

/** Settles a payment that is charged alone. */
export const createSettlePayment =
  (parts: SettleParts): SettlePayment =>
  (payment) => {
    if (payment.decided) return settleDecided(parts, payment);
    return payment.status === 'cancelled' ? cancelAtGateway(parts, payment) : settle(parts, payment);
  };

async function settle(parts: SettleParts, recorded: Payment): Promise<SettleResult> {
  const { platform, gateways } = parts;
  const isReady = recorded.methods !== null || mustNotCharge(platform, recorded);
  const ready = isReady ? recorded : await withMethods(parts, recorded);
  if (!isReady && ready.gateway !== recorded.gateway) return 'routed';
  const time = await timeOf(platform, ready);
  const overtaken = await endSuperseded(gateways, ready);
  if (overtaken && 'kind' in overtaken) return 'unanswered';
  if (overtaken) return settleOutcome(parts, [ready], { ...overtaken, at: time });
  return settleAttempt(parts, {
    gateway: ready.gateway,
    call: () => callGateway(parts, ready, time),
    repeatsSuccess: ready.step === 'charge' && !mustNotCharge(platform, ready),
    at: () => time,
    settles: (outcome) => settles(parts, ready, outcome),
  });
}

/**
 * Domain time of an outcome. A test clock stands still while a gateway is called, but not while a
 * payment is pending.
 */
const timeOf = async (platform: Platform, { testClock, attemptAt, step }: Payment): Promise<Instant> =>
  testClock === null || step === 'pending' ? nowOn(platform, testClock) : attemptAt;

/**
 * True where nothing may be sent: the payment is pending, the gateway may have forgotten the keys,
 * or the invoice is closed.
 */
const mustNotCharge = ({ now }: Platform, { processingSince, cancelAsked, step }: Payment): boolean =>
  step === 'pending' || cancelAsked || millisOf(now()) - millisOf(processingSince) >= keyLifetimeMillis;

async function callGateway({ platform, store, gateways }: SettleParts, payment: Payment, now: Instant) {
  if (mustNotCharge(platform, payment)) return lookUpAttempt(gateways, payment, now, platform.now());
  if (payment.step === 'authentication') return continueAuthenticated(gateways, payment);
  if (mustNoteSending(payment, platform.now())) await store.noteSending([payment._id], platform.now());
  return charge(gateways, payment, payment.methods ?? [], (refusal) => store.noteRefusal(payment, refusal));
}

/** A payment that is still pending has no new outcome: only its next look-up is written. */
async function settles({ platform, store }: SettleParts, payment: Payment, outcome: AttemptOutcome): Promise<readonly Payment[]> {
  if (outcome.kind !== 'pending' || payment.step !== 'pending') return [payment];
  await store.lookUpLater(payment, nextLookUp(platform.now()));
  return [];
}

/**
 * Cancels the intent of a cancelled payment. If it was paid after all, that is published like any
 * other success.
 */
async function cancelAtGateway(parts: SettleParts, payment: Payment): Promise<SettleResult> {
  const { platform, store, gateways, health } = parts;
  const { intentId, invoiceId, attemptAt, gateway } = payment;
  const outcome = intentId === null ? undefined : await gatewayOf(gateways, gateway).cancel(`${invoiceId}:cancel`, intentId, attemptAt);
  if (outcome) health.observe(gateway, outcome);
  if (outcome && (isUnsettled(outcome) || outcome.kind === 'pending')) return 'unanswered';
  if (outcome?.kind !== 'succeeded') return (await store.replace(payment, { ...payment, cancelOwed: false })) ? 'settled' : 'unanswered';
  const success = { ...outcome, gateway, paymentMethodId: null };
  return settleOutcome(parts, [payment], { outcome: success, at: await timeOf(platform, payment) });
}

/** Writes the customer's methods into the attempt before a gateway receives any of them. */
async function withMethods({ platform, store, gateways }: SettleParts, payment: Payment): Promise<Payment> {
  const methods = await currentMethods(platform, { store, gateways }, payment);
  const gateway = payment.intentId === null ? (methods[0]?.gateway ?? payment.gateway) : payment.gateway;
  const ready = { ...payment, methods, gateway, lastSentAt: platform.now() };
  if (await store.replace(payment, ready)) return ready;
  throw new Error(`the payment ${payment._id} was changed concurrently`);
}
