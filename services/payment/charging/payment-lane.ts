import { LRUCache } from 'lru-cache';
import type { Platform } from '../../shared/service.ts';
import type { Payment } from '../payment.ts';
import type { PaymentStore } from '../store.ts';
import { createQueue } from '../work-queue.ts';
import type { SettlePayment } from './settle-payment.ts';

export type PaymentLane = {
  readonly add: (payments: readonly Payment[]) => void;
  /** Adds again the payments without an outcome whose next try is due. */
  readonly addDueRetries: () => Promise<void>;
  readonly stop: () => Promise<void>;
};

export type LaneParts = {
  readonly platform: Platform;
  readonly store: Pick<PaymentStore, 'find'>;
  readonly settle: SettlePayment;
  /** Receives a payment that turns out to belong to another lane. */
  readonly routed: (payment: Payment) => void;
};

type QueuedPayment = { readonly payment: Payment; readonly since: number };
type Retry = { readonly tries: number; readonly due: number };

/**
 * Payments of a lane settled concurrently. Each only waits for its gateway: with 64, a gateway at
 * 200 ms a call lowered the rate of renewals by an eighth. A gateway that limits the rate says so,
 * and is called again later.
 */
const concurrency = 192;
/** Payments that wait in a lane, and payments that it retries; the sweep finds any others. */
export const laneCapacity = 5_000;
/** A payment that waited longer is read again before it is charged: its invoice may be closed. */
const freshMillis = 1_000;
/** Time between two looks for due retries, and the distance of a first retry. */
export const tickMillis = 500;
const longestWaitMillis = 60_000;
const recentMillis = 5_000;

/**
 * Settles the payments of one gateway, with slots, room and retries of their own: a gateway that
 * does not respond holds up no payment of another.
 */
export function createPaymentLane({ platform, store, settle, routed }: LaneParts): PaymentLane {
  const retries = new Map<string, Retry>();
  /**
   * Attempts that were settled a moment ago, which an event that was read before may bring again.
   * This only spares a repeat, so losing it is harmless.
   */
  const recentlySettled = new LRUCache<string, true>({ max: laneCapacity, ttl: recentMillis });
  const current = async (id: string): Promise<Payment | undefined> => (await store.find([id])).get(id);

  const settleOne = async (payment: Payment): Promise<void> => {
    const result = await settle(payment);
    if (result === 'unanswered') return retryLater(payment._id);
    retries.delete(payment._id);
    if (result === 'settled') recentlySettled.set(attemptOf(payment), true);
    const moved = result === 'routed' ? await current(payment._id) : undefined;
    if (moved) routed(moved);
  };

  const run = async ({ payment, since }: QueuedPayment): Promise<void> => {
    try {
      const fresh = performance.now() - since < freshMillis ? payment : await current(payment._id);
      if (isOpen(fresh)) await settleOne(fresh);
      else retries.delete(payment._id);
    } catch (error) {
      platform.log.warn({ err: error, paymentId: payment._id }, 'payment settlement failed, will be retried');
      retryLater(payment._id);
    }
  };

  const retryLater = (id: string): void => {
    const tries = (retries.get(id)?.tries ?? 0) + 1;
    if (tries === 1 && retries.size >= laneCapacity) return;
    retries.set(id, { tries, due: performance.now() + Math.min(tickMillis * 2 ** (tries - 1), longestWaitMillis) });
  };

  const queue = createQueue<QueuedPayment>({
    keyOf: ({ payment }) => attemptOf(payment),
    run,
    concurrency,
    capacity: laneCapacity,
  });
  const add = (payments: readonly Payment[]): void => {
    const fresh = payments.filter((payment) => !recentlySettled.has(attemptOf(payment)));
    queue.add(fresh.map((payment) => ({ payment, since: performance.now() })));
  };

  return {
    add,
    addDueRetries: async () => {
      const due = [...retries].filter(([, { due }]) => due <= performance.now()).map(([id]) => id);
      if (due.length === 0) return;
      const found = await store.find(due);
      for (const id of due) if (!isOpen(found.get(id))) retries.delete(id);
      add([...found.values()].filter(isOpen));
    },
    stop: queue.stop,
  };
}

const attemptOf = ({ _id, sequence, attempt, status }: Payment): string => `${_id}:${sequence}:${attempt}:${status}`;

const isOpen = (payment: Payment | undefined): payment is Payment =>
  payment !== undefined && (payment.status === 'processing' || payment.cancelOwed);
