import { LRUCache } from 'lru-cache';
import type { Platform } from '../../shared/service.ts';
import { plusMillis } from '../../shared/time.ts';
import type { Payment } from '../payment.ts';
import type { PaymentStore } from '../store.ts';
import { createQueue } from '../work-queue.ts';
import type { Settle } from './settle-payment.ts';

export type Cashier = {
  /** Settles recorded payments soon, outside of whatever delivery brought them. */
  readonly take: (payments: readonly Payment[]) => void;
  /** Finds what has been waiting for an answer for longer than a few seconds, whoever left it there, and takes it. */
  readonly sweep: () => Promise<void>;
  readonly start: () => Promise<void>;
  readonly stop: () => Promise<void>;
};

type Taken = { readonly payment: Payment; readonly since: number };
type Again = { readonly tries: number; readonly due: number };

/**
 * Each only waits, so there are many: with 64, a gateway at 200 ms an answer lowered renewals by an eighth. One that finds them too many says
 * so, and is asked again later.
 */
const chargesAtOnce = 192;
const room = 5_000;
/** What waited longer is read again before it is charged: its invoice may have been closed. */
const freshMillis = 1_000;
const tickMillis = 500;
const sweepMillis = 30_000;
const overdueMillis = 5_000;
const longestWaitMillis = 60_000;

/** Works off payments, so many at once, and stands behind those whose answer never came: the janitor. */
export function createCashier(platform: Platform, store: PaymentStore, settle: Settle): Cashier {
  const again = new Map<string, Again>();
  /** What was settled a moment ago may be brought by an event that was read before: only spares a repeat, so losing it is harmless. */
  const settledLately = new LRUCache<string, true>({ max: room, ttl: overdueMillis });
  let timers: NodeJS.Timeout[] = [];

  const run = async ({ payment, since }: Taken): Promise<void> => {
    try {
      const current = performance.now() - since < freshMillis ? payment : (await store.find([payment._id])).get(payment._id);
      if (isOpen(current)) {
        const how = await settle(current);
        if (how === 'unanswered') return tryAgain(payment._id);
        if (how === 'settled') settledLately.set(attemptOf(current), true);
      }
      again.delete(payment._id);
    } catch (error) {
      platform.log.warn({ payment: payment._id, reason: (error as Error).message }, 'a payment could not be settled; it is tried again');
      tryAgain(payment._id);
    }
  };

  const tryAgain = (id: string): void => {
    const tries = (again.get(id)?.tries ?? 0) + 1;
    again.set(id, { tries, due: performance.now() + Math.min(tickMillis * 2 ** (tries - 1), longestWaitMillis) });
  };

  const queue = createQueue<Taken>({ keyOf: ({ payment }) => attemptOf(payment), run, atOnce: chargesAtOnce, room });
  const take = (payments: readonly Payment[]): void => {
    const fresh = payments.filter((payment) => !settledLately.has(attemptOf(payment)));
    queue.add(fresh.map((payment) => ({ payment, since: performance.now() })));
  };

  const tick = async (): Promise<void> => {
    const due = [...again].filter(([, { due }]) => due <= performance.now()).map(([id]) => id);
    if (due.length === 0) return;
    const found = await store.find(due);
    for (const id of due) if (!isOpen(found.get(id))) again.delete(id);
    take([...found.values()].filter(isOpen));
  };

  const sweep = async (): Promise<void> => take(await store.unsettled(plusMillis(platform.now(), -overdueMillis), platform.now(), room));

  const every = (millis: number, work: () => Promise<void>): NodeJS.Timeout =>
    setInterval(() => {
      work().catch((error: Error) => platform.log.warn({ reason: error.message }, 'the janitor could not look'));
    }, millis).unref();

  return {
    take,
    sweep,
    start: async () => {
      timers = [every(tickMillis, tick), every(sweepMillis, sweep)];
      take(await store.unsettled(platform.now(), platform.now(), room));
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
