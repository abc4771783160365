import { setTimeout as pause } from 'node:timers/promises';
import { nowOn } from '../../shared/domain-time.ts';
import { InvokeError } from '../../shared/invoke-error.ts';
import { type Problem, problem } from '../../shared/problem.ts';
import type { Platform } from '../../shared/service.ts';
import { outcomeEventId } from '../outcome-event.ts';
import type { Payment } from '../payment.ts';
import type { PaymentStore } from '../store.ts';
import type { PaymentQueue } from './payment-queue.ts';
import { authenticated } from './payment-transitions.ts';

const waitMillis = 5_000;
const pollMillis = 40;

/**
 * Requests about one payment. Each returns the payment after a few seconds at most, `processing`
 * while the gateway has not responded.
 */
export type PaymentActions = {
  /**
   * Continues the attempt that waits for the customer's authentication. A repeat after success
   * returns the same payment; 409 where no attempt waits.
   */
  readonly confirm: (payment: Payment) => Promise<Payment | Problem>;
  /**
   * Retries now. The subscription decides whether an attempt is due, as for every attempt, and its
   * event brings it here.
   */
  readonly pay: (payment: Payment) => Promise<Payment | Problem>;
};

export function createPaymentActions(platform: Platform, store: PaymentStore, paymentQueue: PaymentQueue): PaymentActions {
  /**
   * Waits for the outcome after `before`, and on a test clock for everything that follows from it.
   */
  const settledAfter = async (before: Payment): Promise<Payment> => {
    const deadline = performance.now() + waitMillis;
    for (;;) {
      const payment = (await store.find([before._id])).get(before._id) ?? before;
      if (payment.sequence > before.sequence) {
        if (payment.testClock !== null) await platform.settlement.settled([outcomeEventId(payment)], waitMillis);
        return payment;
      }
      if (performance.now() > deadline) return payment;
      await pause(pollMillis);
    }
  };

  return {
    confirm: async (payment) => {
      if (payment.status === 'succeeded' && payment.step === 'authentication') return payment;
      if (payment.status !== 'action-required') return notWaiting(payment);
      const continued = await continueAfterAuthentication({ platform, store, paymentQueue }, payment);
      return continued === undefined ? notWaiting(payment) : settledAfter(continued);
    },
    pay: async (payment) => {
      const { invoiceId, subscriptionId, status } = payment;
      if (payment.refunds?.some(({ reopen }) => reopen)) return chargedOnce(payment);
      if (status === 'succeeded') return problem(409, 'invoice-already-paid', `The invoice ${invoiceId} is already paid.`);
      if (status === 'cancelled') return problem(409, 'invoice-not-open', `The invoice ${invoiceId} is no longer open.`);
      if (status !== 'processing' && !(await requestRetry(platform, subscriptionId))) return nothingToRetry(payment);
      return settledAfter(payment);
    },
  };
}

type Parts = { readonly platform: Platform; readonly store: PaymentStore; readonly paymentQueue: PaymentQueue };

/**
 * Continues the attempt that waits for its customer. Undefined where another writer moved the
 * payment on meanwhile.
 */
export async function continueAfterAuthentication(parts: Parts, payment: Payment): Promise<Payment | undefined> {
  const { platform, store, paymentQueue } = parts;
  const continued = authenticated(payment, await nowOn(platform, payment.testClock), platform.now());
  if (!(await store.replace(payment, continued))) return undefined;
  paymentQueue.add([continued]);
  return continued;
}

/** False where the subscription refuses: none of its payments has failed, or it has ended. */
async function requestRetry({ invoke }: Platform, subscriptionId: string): Promise<boolean> {
  try {
    return (await invoke('subscription', 'post', `subscriptions/${subscriptionId}/retry-payment`)) !== undefined;
  } catch (error) {
    if (error instanceof InvokeError && error.status === 409) return false;
    throw error;
  }
}

const notWaiting = ({ _id, status }: Payment): Problem =>
  problem(409, 'payment-not-waiting', `The payment ${_id} is ${status} and does not wait for the customer's authentication.`);

const chargedOnce = ({ invoiceId }: Payment): Problem =>
  problem(
    409,
    'charged-once',
    `The invoice ${invoiceId} was already charged and reopened by a refund. Record an offline payment or apply account credit.`,
  );

const nothingToRetry = ({ subscriptionId, invoiceId }: Payment): Problem =>
  problem(409, 'nothing-to-retry', `The subscription ${subscriptionId} has no failed payment to retry for the invoice ${invoiceId}.`);
