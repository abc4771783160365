import { setTimeout as pause } from 'node:timers/promises';
import { nowOn } from '../../shared/domain-time.ts';
import { InvokeError } from '../../shared/invoke-error.ts';
import { type Problem, problem } from '../../shared/problem.ts';
import type { Platform } from '../../shared/service.ts';
import { outcomeEvent, type Payment } from '../payment.ts';
import type { PaymentStore } from '../store.ts';
import type { Cashier } from './payment-queue.ts';
import { authenticated } from './payment-transitions.ts';

const waitMillis = 5_000;
const lookMillis = 40;

/** What somebody asks of one payment. Answers it as it is after a few seconds at most, `processing` where the gateway has not told yet. */
export type Collecting = {
  /** The customer has authenticated: the waiting attempt goes on. A repeat after success answers the same; 409 where nothing waits. */
  readonly confirm: (payment: Payment) => Promise<Payment | Problem>;
  /** Tries now. The subscription decides whether there is something to try, as for every attempt, and its event comes back here. */
  readonly pay: (payment: Payment) => Promise<Payment | Problem>;
};

export function createCollecting(platform: Platform, store: PaymentStore, cashier: Cashier): Collecting {
  /** Waits for the outcome after `before`, and on a test clock for all that follows from it. */
  const settledAfter = async (before: Payment): Promise<Payment> => {
    const deadline = performance.now() + waitMillis;
    for (;;) {
      const payment = (await store.find([before._id])).get(before._id) ?? before;
      if (payment.sequence > before.sequence) {
        if (payment.testClock !== null) await platform.settlement.settled([outcomeEvent(payment).id], waitMillis);
        return payment;
      }
      if (performance.now() > deadline) return payment;
      await pause(lookMillis);
    }
  };

  return {
    confirm: async (payment) => {
      if (payment.status === 'succeeded' && payment.step === 'authentication') return payment;
      if (payment.status !== 'action-required') return notWaiting(payment);
      const going = await goOnAuthenticated({ platform, store, cashier }, payment);
      return going === undefined ? notWaiting(payment) : settledAfter(going);
    },
    pay: async (payment) => {
      if (payment.refunds?.some(({ reopen }) => reopen)) return chargedOnce(payment);
      if (payment.status === 'succeeded') return problem(409, 'invoice-already-paid', `The invoice ${payment.invoiceId} is paid.`);
      if (payment.status === 'cancelled') return problem(409, 'invoice-not-open', `The invoice ${payment.invoiceId} is closed.`);
      if (payment.status !== 'processing' && !(await askToRetry(platform, payment.subscriptionId))) return nothingToRetry(payment);
      return settledAfter(payment);
    },
  };
}

type GoingOn = { readonly platform: Platform; readonly store: PaymentStore; readonly cashier: Cashier };

/** Lets the attempt that waited for its customer go on. Undefined where somebody else moved the payment meanwhile. */
export async function goOnAuthenticated({ platform, store, cashier }: GoingOn, payment: Payment): Promise<Payment | undefined> {
  const going = authenticated(payment, await nowOn(platform, payment.testClock), platform.now());
  if (!(await store.replace(payment, going))) return undefined;
  cashier.take([going]);
  return going;
}

/** False where the subscription refuses: nothing of it has failed, or it has ended. */
async function askToRetry({ invoke }: Platform, subscriptionId: string): Promise<boolean> {
  try {
    return (await invoke('subscription', 'post', `subscriptions/${subscriptionId}/retry-payment`)) !== undefined;
  } catch (error) {
    if (error instanceof InvokeError && error.status === 409) return false;
    throw error;
  }
}

const notWaiting = ({ _id, status }: Payment): Problem =>
  problem(409, 'payment-not-waiting', `The payment ${_id} does not wait for the customer: it is ${status}.`);

const chargedOnce = ({ invoiceId }: Payment): Problem =>
  problem(409, 'charged-once', `The gateway charges ${invoiceId} once only; what was given back is paid by hand or by account credit.`);

const nothingToRetry = ({ invoiceId }: Payment): Problem =>
  problem(409, 'nothing-to-retry', `The subscription does not wait for a payment of ${invoiceId}.`);
