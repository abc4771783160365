import type { Platform } from '../../shared/service.ts';
import { plusMillis } from '../../shared/time.ts';
import type { Payment } from '../payment.ts';
import type { PaymentStore } from '../store.ts';
import { createPaymentLane, laneCapacity, type PaymentLane, tickMillis } from './payment-lane.ts';
import type { SettlePayment } from './settle-payment.ts';

export type PaymentQueue = {
  /** Settles recorded payments soon, outside the delivery that brought them. */
  readonly add: (payments: readonly Payment[]) => void;
  /** The payment sweep: adds every payment without an outcome for more than a few seconds. */
  readonly sweep: () => Promise<void>;
  readonly start: () => Promise<void>;
  readonly stop: () => Promise<void>;
};

export type PaymentQueueParts = {
  readonly platform: Platform;
  readonly store: Pick<PaymentStore, 'find' | 'unsettled'>;
  /** The gateways that are configured; payments of any other wait until it is. */
  readonly gateways: Pick<ReadonlyMap<string, unknown>, 'keys'>;
  readonly settle: SettlePayment;
};

const sweepMillis = 30_000;
const overdueMillis = 5_000;

/** Payments without methods yet, so that no gateway is chosen. */
const unassigned = 'unassigned';
const laneNameOf = ({ methods, intentId, gateway }: Payment): string => (methods === null && intentId === null ? unassigned : gateway);

/**
 * Settles payments in a lane per gateway, and retries those without an outcome: its own ones every
 * half second with growing distance, and by the payment sweep every half minute those that any
 * process left behind.
 */
export function createPaymentQueue({ platform, store, gateways, settle }: PaymentQueueParts): PaymentQueue {
  const lanes = new Map<string, PaymentLane>();
  let timers: NodeJS.Timeout[] = [];

  const add = (payments: readonly Payment[]): void => {
    for (const [name, ofLane] of Map.groupBy(payments, laneNameOf)) {
      const lane = lanes.get(name) ?? createPaymentLane({ platform, store, settle, routed: (payment) => add([payment]) });
      lanes.set(name, lane);
      lane.add(ofLane);
    }
  };
  const addDueRetries = async (): Promise<void> => {
    await Promise.all([...lanes.values()].map((lane) => lane.addDueRetries()));
  };
  const addUnsettled = async (processingForMillis: number): Promise<void> => {
    const now = platform.now();
    const before = plusMillis(now, -processingForMillis);
    const sweepGateway = async (gateway: string) => add(await store.unsettled.next(gateway, before, now, laneCapacity));
    await Promise.all([...gateways.keys()].map(sweepGateway));
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
      await Promise.all([...lanes.values()].map((lane) => lane.stop()));
    },
  };
}
