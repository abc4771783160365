import { nowOn } from '../../shared/domain-time.ts';
import { passes } from '../../shared/fault-points.ts';
import type { Platform } from '../../shared/service.ts';
import { type Instant, millisOf } from '../../shared/time.ts';
import type { GatewayHealth } from '../gateways/gateway-health.ts';
import { type Gateways, gatewayOf } from '../gateways/gateways.ts';
import { type AttemptOutcome, outcomeEvent, type Payment } from '../payment.ts';
import type { PaymentStore } from '../store.ts';
import { charge, endSuperseded, goOn, isUnsettled, keysHoldMillis, lookUp } from './attempt.ts';
import { currentMethods } from './methods.ts';
import { nextLook, pending, settled } from './payment-transitions.ts';

/**
 * Takes a recorded payment one step to its end. `unanswered`: the gateway has not told yet. `pending`: it will in days. Throws on an outage.
 * Repeating it is always safe.
 */
export type Settle = (payment: Payment) => Promise<'settled' | 'unanswered' | 'pending'>;

type Ended = Exclude<AttemptOutcome, { kind: 'pending' }>;

/**
 * Gateway, then event, then document. The payment stays `processing` until its outcome is out, so whatever crash comes in between,
 * the janitor finds it and the same keys bring the same answers: one charge, and the event at least once, under the same id. No write
 * is spent on remembering what has been published. The price: a reader may see `processing` for a moment after the event.
 */
export function createSettle(platform: Platform, store: PaymentStore, gateways: Gateways, health: GatewayHealth): Settle {
  /** Domain time of an outcome: a test clock stands still while a gateway is asked, but not while a bank takes days. */
  const timeOf = async ({ testClock, attemptAt, step }: Payment): Promise<Instant> =>
    testClock === null || step === 'pending' ? nowOn(platform, testClock) : attemptAt;

  /** Nothing may be sent any more: a bank has it, the keys may be gone at the gateway, or the invoice was closed meanwhile. */
  const mustNotCharge = ({ processingSince, cancelAsked, step }: Payment): boolean =>
    step === 'pending' || cancelAsked || millisOf(platform.now()) - millisOf(processingSince) >= keysHoldMillis;

  const ask = (payment: Payment, now: Instant) => {
    passes('payment.before-gateway');
    if (mustNotCharge(payment)) return lookUp(gateways, payment, now);
    return payment.step === 'authentication' ? goOn(gateways, payment) : charge(gateways, payment, payment.methods ?? []);
  };

  const settle: Settle = async (recorded) => {
    const ready = recorded.methods !== null || mustNotCharge(recorded);
    const asked = ready ? recorded : await withMethods(platform, store, gateways, recorded);
    const time = await timeOf(asked);
    const overtaken = await endSuperseded(gateways, asked);
    if (overtaken && 'kind' in overtaken) return 'unanswered';
    const { payment, outcome } = overtaken ?? { payment: asked, outcome: await ask(asked, time) };
    passes('payment.after-gateway');
    health.heard('gateway' in outcome ? outcome.gateway : payment.gateway, outcome);
    if (isUnsettled(outcome)) return 'unanswered';
    if (outcome.kind === 'pending' && payment.step === 'pending') {
      await store.lookLater(payment, nextLook(platform.now()));
      return 'pending';
    }
    const after = outcome.kind === 'pending' ? pending(payment, outcome, time, platform.now()) : settled(payment, outcome as Ended, time);
    await platform.publish([outcomeEvent(after)]);
    passes('payment.after-publish');
    await store.settle(payment, after);
    return outcome.kind === 'pending' ? 'pending' : 'settled';
  };

  /** Ends the intent of a cancelled payment; if money came first after all, that is told like any other success. */
  const endAtGateway: Settle = async (payment) => {
    const { intentId, invoiceId, attemptAt } = payment;
    const cancelled =
      intentId === null ? undefined : gatewayOf(gateways, payment.gateway).cancel(`${invoiceId}:cancel`, intentId, attemptAt);
    const outcome = await cancelled;
    if (outcome) health.heard(payment.gateway, outcome);
    if (outcome && (isUnsettled(outcome) || outcome.kind === 'pending')) return 'unanswered';
    const ended = { ...payment, cancelOwed: false };
    if (outcome?.kind !== 'succeeded') return written(payment, ended);
    const after = settled(ended, { ...outcome, gateway: payment.gateway, paymentMethodId: null }, await timeOf(payment));
    await platform.publish([outcomeEvent(after)]);
    return written(payment, after);
  };

  const written = async (payment: Payment, after: Payment) => ((await store.replace(payment, after)) ? 'settled' : 'unanswered');

  return (payment) => (payment.status === 'cancelled' ? endAtGateway(payment) : settle(payment));
}

/** Freezes the customer's methods into the attempt before the gateway sees any of them. */
async function withMethods(platform: Platform, store: PaymentStore, gateways: Gateways, payment: Payment): Promise<Payment> {
  const methods = await currentMethods(platform, { store, gateways }, payment);
  const gateway = payment.intentId === null ? (methods[0]?.gateway ?? payment.gateway) : payment.gateway;
  const frozen = { ...payment, methods, gateway };
  if (await store.replace(payment, frozen)) return frozen;
  throw new Error(`the payment ${payment._id} was moved on by another`);
}
