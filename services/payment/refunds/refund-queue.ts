import { eventId } from '../../shared/events.ts';
import { passes } from '../../shared/fault-points.ts';
import { notFound, type Problem } from '../../shared/problem.ts';
import { refused } from '../../shared/route.ts';
import type { Platform } from '../../shared/service.ts';
import { type Instant, millisOf } from '../../shared/time.ts';
import { keyLifetimeMillis, mayStillArrive, mustNoteSending } from '../charging/look-up.ts';
import type { RefundOutcome } from '../gateways/gateway.ts';
import { type Gateways, gatewayOf } from '../gateways/gateways.ts';
import { type DecidedRefund, manualGateway, type Payment, type Refund } from '../payment.ts';
import type { PaymentStore } from '../store.ts';
import { createQueue } from '../work-queue.ts';
import {
  type RefundRequest,
  refundEvent,
  refundOf,
  withDecision,
  withDocumentRefund,
  withRefund,
  withRefundOutcome,
  withSending,
} from './refund.ts';

export type RefundQueue = {
  /** Records a refund once under its id. The gateway is called afterwards, outside the request. */
  readonly record: (paymentId: string, requested: RefundRequest, at: Instant) => Promise<Payment | Problem>;
  /**
   * Records the refund of an issued document; one that is refused is published as failed. Returns
   * the id of the event that will publish the outcome.
   */
  readonly recordForDocument: (paymentId: string, requested: RefundRequest & { readonly amount: number }, at: Instant) => Promise<string>;
  /** Settles soon the open refunds of payments. */
  readonly add: (payments: readonly Payment[]) => void;
  readonly start: () => Promise<void>;
  readonly stop: () => Promise<void>;
};

const concurrency = 8;
const capacity = 2_000;
const tickMillis = 500;
const sweepMillis = 30_000;
const longestWaitMillis = 3_600_000;

/**
 * Settles refunds. The order is that of charges: record, gateway, event, document. A refund that a
 * crash leaves in between is found again, and the same key brings the same response, so money is
 * returned once.
 */
export function createRefundQueue(platform: Platform, store: PaymentStore, gateways: Gateways): RefundQueue {
  /**
   * Payments with an open refund that this process knows; losing it is harmless, the sweep finds
   * them.
   */
  const open = new Set<string>();
  let timers: NodeJS.Timeout[] = [];
  const systemMillis = () => millisOf(platform.now());
  const timeOf = ({ testClock }: Payment, { requestedAt }: Refund) => (testClock === null ? platform.now() : requestedAt);

  /**
   * The outcome of a refund, fixed on it before its event gets an id: a gateway does not save every
   * refusal, so a repeat may bring another outcome. Undefined where it is settled meanwhile.
   */
  const outcomeOf = async (payment: Payment, refund: Refund): Promise<DecidedRefund | undefined> => {
    passes('refund.before-gateway');
    const outcome = await requestOrLookUp({ gateways, store }, payment, refund, platform.now());
    passes('refund.after-gateway');
    const decided = { outcome, at: timeOf(payment, refund) };
    if (outcome.kind !== 'succeeded' && outcome.kind !== 'refused') return decided;
    const after = await store.changeRefunds(payment._id, (stored) => withDecision(stored, refund.id, decided));
    return (after && refundOf(after, refund.id)?.decided) ?? undefined;
  };

  const settle = async (payment: Payment, refund: Refund): Promise<void> => {
    const decided = refund.decided ?? (await outcomeOf(payment, refund));
    if (decided === undefined) return;
    const { outcome, at } = decided;
    const after = withRefundOutcome(payment, refund.id, outcome, at);
    const settled = refundOf(after, refund.id) as Refund;
    if (settled.status !== 'processing') await platform.publish([refundEvent(after, settled)]);
    passes('refund.after-publish');
    await store.changeRefunds(payment._id, (stored) => withRefundOutcome(stored, refund.id, outcome, at));
  };

  const run = async (id: string): Promise<void> => {
    // Removed before the payment is read: a refund that is recorded after that adds it again.
    open.delete(id);
    try {
      const payment = (await store.find([id])).get(id);
      const waiting = payment?.refunds?.filter(({ status }) => status === 'processing') ?? [];
      if (payment === undefined) return;
      // A refund that is due only after the next sweep is left to it, and not read twice a second.
      if (waiting.some((refund) => isDue(refund, systemMillis() + sweepMillis))) open.add(id);
      for (const refund of waiting) if (isDue(refund, systemMillis())) await settle(payment, refund);
    } catch (error) {
      platform.log.warn({ err: error, paymentId: id }, 'refund settlement failed, will be retried');
      open.add(id);
    }
  };

  const queue = createQueue<string>({ keyOf: (id) => id, run, concurrency, capacity });
  const add = (payments: readonly Payment[]): void => {
    for (const { _id } of payments) open.add(_id);
    queue.add(payments.map(({ _id }) => _id));
  };
  /** The last payment of the last sweep, so that many open refunds hide no other. */
  let sweptTo = '';
  const sweep = async (): Promise<void> => {
    const found = await store.withOpenRefunds(sweptTo, capacity);
    sweptTo = found.length < capacity ? '' : (found.at(-1)?._id ?? '');
    add(found);
  };

  return {
    add,
    record: async (paymentId, requested, at) => {
      let refusal: Problem | undefined;
      const payment = await store.changeRefunds(paymentId, (before) => {
        const result = withRefund(before, requested, at, platform.now());
        refusal = result.ok ? undefined : refused(result.rejection);
        return result.ok ? result.value : before;
      });
      if (payment === undefined) return notFound('payment', paymentId);
      if (refusal !== undefined) return refusal;
      add([payment]);
      return payment;
    },
    recordForDocument: async (paymentId, requested, at) => {
      const payment = await store.changeRefunds(paymentId, (before) => withDocumentRefund(before, requested, at, platform.now()));
      const refund = payment && refundOf(payment, requested.id);
      if (payment === undefined || refund === undefined) throw new Error(`the payment ${paymentId} does not exist yet`);
      if (refund.status === 'processing') add([payment]);
      else await platform.publish([refundEvent(payment, refund)]);
      return eventId(refund.id, 1);
    },
    start: async () => {
      const trySweep = () => sweep().catch((err: unknown) => platform.log.warn({ err }, 'refund sweep failed'));
      timers = [setInterval(() => queue.add([...open]), tickMillis).unref(), setInterval(trySweep, sweepMillis).unref()];
      await sweep();
    },
    stop: async () => {
      for (const timer of timers) clearInterval(timer);
      await queue.stop();
    },
  };
}

/** Soon after the refund was recorded, then at growing distances: some banks take days. */
const isDue = ({ processingSince, looks }: Refund, nowMillis: number): boolean =>
  nowMillis >= millisOf(processingSince) + Math.min(tickMillis * (2 ** looks - 1), looks * longestWaitMillis);

/**
 * Sends the refund request, which is repeated with the same key as long as the gateway remembers
 * it. Once the gateway has the refund, or the key may be forgotten, the refund is only looked up.
 */
async function requestOrLookUp(
  { gateways, store }: { readonly gateways: Gateways; readonly store: PaymentStore },
  payment: Payment,
  refund: Refund,
  now: Instant,
): Promise<RefundOutcome> {
  if (refund.to === 'credit' || payment.gateway === manualGateway) return { kind: 'succeeded', refundId: refund.id };
  const gateway = gatewayOf(gateways, payment.gateway);
  const order = { reference: refund.id, intentId: payment.intentId as string, amount: refund.amount };
  const maySend = refund.gatewayRefundId === null && millisOf(now) - millisOf(refund.processingSince) < keyLifetimeMillis;
  if (maySend) {
    if (mustNoteSending(refund, now)) await store.changeRefunds(payment._id, (stored) => withSending(stored, refund.id, now));
    return gateway.refund(`${refund.id}:create`, order, refund.requestedAt);
  }
  const found = await gateway.lookUpRefund(order, refund.gatewayRefundId);
  if (found.kind !== 'absent') return found;
  return mayStillArrive(refund, now) ? { kind: 'in-progress' } : { kind: 'refused', refundId: null, code: 'never_received' };
}
