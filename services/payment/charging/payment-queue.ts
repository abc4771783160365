import { LRUCache } from 'lru-cache';
import type { Platform } from '../../shared/service.ts';
import { plusMillis } from '../../shared/time.ts';
import type { Payment } from '../payment.ts';
import type { PaymentStore } from '../store.ts';
import { createQueue } from '../work-queue.ts';
import type { SettlePayment } from './settle-payment.ts';

export type PaymentQueue = {
  /** Settles recorded payments soon, outside the delivery that brought them. */
  readonly add: (payments: readonly Payment[]) => void;
  /** The payment sweep: adds every payment without an outcome for more than a few seconds. */
  readonly sweep: () => Promise<void>;
  readonly start: () => Promise<void>;
  readonly stop: () => Promise<void>;
};

type QueuedPayment = { readonly payment: Payment; readonly since: number };
type Retry = { readonly tries: number; readonly due: number };

/**
 * Payments settled concurrently. Each only waits for its gateway: with 64, a gateway at 200 ms a
 * call lowered the rate of renewals by an eighth. A gateway that limits the rate says so, and is
 * called again later.
 */
const concurrency = 192;
const capacity = 5_000;
/** A payment that waited longer is read again before it is charged: its invoice may be closed. */
const freshMillis = 1_000;
const tickMillis = 500;
const sweepMillis = 30_000;
const overdueMillis = 5_000;
const longestWaitMillis = 60_000;

/**
 * Settles payments, and retries those without an outcome: its own ones every half second with
 * growing distance, and by the payment sweep every half minute those that any process left behind.
 */
export function createPaymentQueue(platform: Platform, store: PaymentStore, settle: SettlePayment): PaymentQueue {
  const retries = new Map<string, Retry>();
  /**
   * Attempts that were settled a moment ago, which an event that was read before may bring again.
   * This only spares a repeat, so losing it is harmless.
   */
  const recentlySettled = new LRUCache<string, true>({ max: capacity, ttl: overdueMillis });
  let timers: NodeJS.Timeout[] = [];

  const run = async ({ payment, since }: QueuedPayment): Promise<void> => {
    try {
      const current = performance.now() - since < freshMillis ? payment : (await store.find([payment._id])).get(payment._id);
      if (isOpen(current)) {
        const result = await settle(current);
        if (result === 'unanswered') return retryLater(payment._id);
        if (result === 'settled') recentlySettled.set(attemptOf(current), true);
      }
      retries.delete(payment._id);
    } catch (error) {
      platform.log.warn({ err: error, paymentId: payment._id }, 'payment settlement failed, will be retried');
      retryLater(payment._id);
    }
  };

  const retryLater = (id: string): void => {
    const tries = (retries.get(id)?.tries ?? 0) + 1;
    retries.set(id, { tries, due: performance.now() + Math.min(tickMillis * 2 ** (tries - 1), longestWaitMillis) });
  };

  const queue = createQueue<QueuedPayment>({ keyOf: ({ payment }) => attemptOf(payment), run, concurrency, capacity });
  const add = (payments: readonly Payment[]): void => {
    const fresh = payments.filter((payment) => !recentlySettled.has(attemptOf(payment)));
    queue.add(fresh.map((payment) => ({ payment, since: performance.now() })));
  };

  const addDueRetries = async (): Promise<void> => {
    const due = [...retries].filter(([, { due }]) => due <= performance.now()).map(([id]) => id);
    if (due.length === 0) return;
    const found = await store.find(due);
    for (const id of due) if (!isOpen(found.get(id))) retries.delete(id);
    add([...found.values()].filter(isOpen));
  };

  const addUnsettled = async (processingForMillis: number): Promise<void> => {
    const now = platform.now();
    add(await store.unsettled(plusMillis(now, -processingForMillis), now, capacity));
  };
  const sweep = (): Promise<void> => addUnsettled(overdueMillis);

  const every = (millis: number, work: () => Promise<void>): NodeJS.Timeout =>
    setInterval(() => {
      work().catch((err: unknown) => platform.log.warn({ err }, 'payment sweep failed'));
    }, millis).unref();

  return {
    add,
    sweep,
    start: async () => {
      timers = [every(tickMillis, addDueRetries), every(sweepMillis, sweep)];
      await addUnsettled(0);
    },
    stop: async () => {
      for (const timer of timers) clearInterval(timer);
      await queue.stop();
    },
  };
}

const attemptOf = ({ _id, sequence, attempt, status }: Payment): string => `${_id}:${sequence}:${attempt}:${status}`;

const isOpen = (payment: Payment | undefined): payment is Payment =>
  payment !== undefined && (payment.status === 'processing' || payment.cancelOwed);
