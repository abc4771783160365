import type { PaymentMethodResource } from '../shared/events.ts';
import { passes } from '../shared/fault-points.ts';
import type { Platform } from '../shared/service.ts';
import { millisOf } from '../shared/time.ts';
import { charge, endSuperseded, goOn, keysHoldMillis, lookUp } from './attempt.ts';
import type { Gateway } from './gateway.ts';
import { type ChargeableMethod, outcomeEvent, type Payment, settled } from './payment.ts';
import { chargeable, type PaymentStore } from './store.ts';

/** Takes a recorded payment one step to its end. False: the gateway has not told yet. Throws on an outage. Repeating it is always safe. */
export type Settle = (payment: Payment) => Promise<boolean>;

/**
 * Gateway, then event, then document. The payment stays `processing` until its outcome is out, so whatever crash comes in between,
 * the janitor finds it and the same keys bring the same answers: one charge, and the event at least once, under the same id. No write
 * is spent on remembering what has been published. The price: a reader may see `processing` for a moment after the event.
 */
export function createSettle(platform: Platform, store: PaymentStore, gateway: Gateway): Settle {
  const timeOf = ({ testClock, attemptAt }: Payment) => (testClock === null ? platform.now() : attemptAt);

  /** Nothing may be sent any more: the keys may be gone at the gateway, or the invoice was closed meanwhile. */
  const mustNotCharge = ({ processingSince, cancelAsked }: Payment): boolean =>
    cancelAsked || millisOf(platform.now()) - millisOf(processingSince) >= keysHoldMillis;

  const ask = (payment: Payment) => {
    passes('payment.before-gateway');
    if (mustNotCharge(payment)) return lookUp(gateway, payment);
    return payment.step === 'authentication' ? goOn(gateway, payment) : charge(gateway, payment, payment.methods ?? []);
  };

  const settle: Settle = async (recorded) => {
    const ready = recorded.methods !== null || mustNotCharge(recorded);
    const asked = ready ? recorded : await withMethods(platform, store, gateway, recorded);
    const overtaken = await endSuperseded(gateway, asked);
    if (overtaken && 'kind' in overtaken) return false;
    const { payment, outcome } = overtaken ?? { payment: asked, outcome: await ask(asked) };
    passes('payment.after-gateway');
    if (outcome.kind === 'unknown' || outcome.kind === 'in-progress') return false;
    const after = settled(payment, outcome, timeOf(payment));
    await platform.publish([outcomeEvent(after)]);
    passes('payment.after-publish');
    await store.settle(payment, after);
    return true;
  };

  /** Ends the intent of a cancelled payment; if money came first after all, that is told like any other success. */
  const endAtGateway: Settle = async (payment) => {
    const { intentId, invoiceId, attemptAt } = payment;
    const outcome = intentId === null ? undefined : await gateway.cancel(`${invoiceId}:cancel`, intentId, attemptAt);
    if (outcome?.kind === 'unknown' || outcome?.kind === 'in-progress') return false;
    const ended = { ...payment, cancelOwed: false };
    if (outcome?.kind !== 'succeeded') return store.replace(payment, ended);
    const after = settled(ended, { ...outcome, paymentMethodId: null }, timeOf(payment));
    await platform.publish([outcomeEvent(after)]);
    return store.replace(payment, after);
  };

  return (payment) => (payment.status === 'cancelled' ? endAtGateway(payment) : settle(payment));
}

/** Freezes the customer's methods into the attempt before the gateway sees any of them. */
async function withMethods(platform: Platform, store: PaymentStore, gateway: Gateway, payment: Payment): Promise<Payment> {
  const frozen = { ...payment, methods: await currentMethods(platform, store, gateway, payment.customerId) };
  if (await store.replace(payment, frozen)) return frozen;
  throw new Error(`the payment ${payment._id} was moved on by another`);
}

/** The account service knows best; while it is away, what was heard last does, if there was any: nobody is declined for want of knowledge. */
export async function currentMethods(
  { invoke, log }: Platform,
  store: PaymentStore,
  { name }: Gateway,
  customerId: string,
): Promise<readonly ChargeableMethod[]> {
  try {
    const account = (await invoke('account', 'get', `customers/${customerId}`)) as
      | { paymentMethods: readonly PaymentMethodResource[] }
      | undefined;
    return chargeable(account?.paymentMethods ?? [], name);
  } catch (error) {
    const known = (await store.methods([customerId], name)).get(customerId);
    if (known === undefined) throw error;
    log.warn({ customerId, reason: (error as Error).message }, 'the account service is away; charging what was heard last');
    return known;
  }
}
