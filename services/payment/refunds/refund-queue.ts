import { eventId } from '../../shared/events.ts';
import { passes } from '../../shared/fault-points.ts';
import { notFound, type Problem } from '../../shared/problem.ts';
import { refused } from '../../shared/route.ts';
import type { Platform } from '../../shared/service.ts';
import { type Instant, millisOf } from '../../shared/time.ts';
import { keysHoldMillis } from '../charging/attempt.ts';
import type { RefundOutcome } from '../gateways/gateway.ts';
import { type Gateways, gatewayOf } from '../gateways/gateways.ts';
import { manualGateway, type Payment, type Refund } from '../payment.ts';
import type { PaymentStore } from '../store.ts';
import { createQueue } from '../work-queue.ts';
import { type RefundRequest, refundEvent, refundOf, withNoteRefund, withRefund, withRefundOutcome } from './refund.ts';

export type Refunding = {
  /** Records a refund once under its id; the gateway is asked afterwards, outside of whatever asked for it. */
  readonly record: (paymentId: string, asked: RefundRequest, at: Instant) => Promise<Payment | Problem>;
  /** The same for a credit note that is out: what cannot go back is told as failed. Answers the id of the event that will tell. */
  readonly recordForNote: (paymentId: string, asked: RefundRequest & { readonly amount: number }, at: Instant) => Promise<string>;
  /** Looks soon at the refunds of payments that are not known to be settled and told. */
  readonly take: (payments: readonly Payment[]) => void;
  readonly start: () => Promise<void>;
  readonly stop: () => Promise<void>;
};

const atOnce = 8;
const room = 2_000;
const tickMillis = 500;
const sweepMillis = 30_000;
const longestWaitMillis = 3_600_000;

/**
 * Gives money back. As with charges: recorded, then the gateway, then the event, then the document, so that whatever crash comes in
 * between, the refund is found again and the same key brings the same answer: the money goes back once.
 */
export function createRefunding(platform: Platform, store: PaymentStore, gateways: Gateways): Refunding {
  /** Payments of which this process knows that a refund is under way; losing it is harmless, the sweep finds them. */
  const open = new Set<string>();
  let timers: NodeJS.Timeout[] = [];
  const systemMillis = () => millisOf(platform.now());
  const timeOf = ({ testClock }: Payment, { requestedAt }: Refund) => (testClock === null ? platform.now() : requestedAt);

  const settle = async (payment: Payment, refund: Refund): Promise<void> => {
    passes('refund.before-gateway');
    const outcome = await ask(gateways, payment, refund, systemMillis());
    passes('refund.after-gateway');
    const at = timeOf(payment, refund);
    const after = withRefundOutcome(payment, refund.id, outcome, at);
    const settled = refundOf(after, refund.id) as Refund;
    if (settled.status !== 'processing') await platform.publish([refundEvent(after, settled)]);
    passes('refund.after-publish');
    await store.changeRefunds(payment._id, (stored) => withRefundOutcome(stored, refund.id, outcome, at));
  };

  const run = async (id: string): Promise<void> => {
    // Before the reading: a refund that is recorded after it puts the payment back.
    open.delete(id);
    try {
      const payment = (await store.find([id])).get(id);
      const waiting = payment?.refunds?.filter(({ status }) => status === 'processing') ?? [];
      if (payment === undefined) return;
      // What is due only after the next sweep is left to it, and not read twice a second meanwhile.
      if (waiting.some((refund) => isDue(refund, systemMillis() + sweepMillis))) open.add(id);
      for (const refund of waiting) if (isDue(refund, systemMillis())) await settle(payment, refund);
    } catch (error) {
      platform.log.warn({ payment: id, reason: (error as Error).message }, 'a refund could not be settled; it is tried again');
      open.add(id);
    }
  };

  const queue = createQueue<string>({ keyOf: (id) => id, run, atOnce, room });
  const take = (payments: readonly Payment[]): void => {
    for (const { _id } of payments) open.add(_id);
    queue.add(payments.map(({ _id }) => _id));
  };
  const sweep = async (): Promise<void> => take(await store.owingRefunds(room));

  return {
    take,
    record: async (paymentId, asked, at) => {
      let refusal: Problem | undefined;
      const payment = await store.changeRefunds(paymentId, (before) => {
        const result = withRefund(before, asked, at, platform.now());
        refusal = result.ok ? undefined : refused(result.rejection);
        return result.ok ? result.value : before;
      });
      if (payment === undefined) return notFound('payment', paymentId);
      if (refusal !== undefined) return refusal;
      take([payment]);
      return payment;
    },
    recordForNote: async (paymentId, asked, at) => {
      const payment = await store.changeRefunds(paymentId, (before) => withNoteRefund(before, asked, at, platform.now()));
      const refund = payment && refundOf(payment, asked.id);
      if (payment === undefined || refund === undefined) throw new Error(`the payment ${paymentId} is not known yet`);
      if (refund.status === 'processing') take([payment]);
      else await platform.publish([refundEvent(payment, refund)]);
      return eventId(refund.id, 1);
    },
    start: async () => {
      const look = () => sweep().catch((error: Error) => platform.log.warn({ reason: error.message }, 'refunds could not be looked for'));
      timers = [setInterval(() => queue.add([...open]), tickMillis).unref(), setInterval(look, sweepMillis).unref()];
      await sweep();
    },
    stop: async () => {
      for (const timer of timers) clearInterval(timer);
      await queue.stop();
    },
  };
}

/** Soon after it was recorded, then at ever longer distances: some banks take days. */
const isDue = ({ processingSince, looks }: Refund, nowMillis: number): boolean =>
  nowMillis >= millisOf(processingSince) + Math.min(tickMillis * (2 ** looks - 1), looks * longestWaitMillis);

/** While the key holds, the same request again; once the gateway has it, or the key may be gone, only a look. */
async function ask(gateways: Gateways, payment: Payment, refund: Refund, nowMillis: number): Promise<RefundOutcome> {
  if (refund.to === 'credit' || payment.gateway === manualGateway) return { kind: 'succeeded', refundId: refund.id };
  const gateway = gatewayOf(gateways, payment.gateway);
  const order = { reference: refund.id, intentId: payment.intentId as string, amount: refund.amount };
  const mayAsk = refund.gatewayRefundId === null && nowMillis - millisOf(refund.processingSince) < keysHoldMillis;
  if (mayAsk) return gateway.refund(`${refund.id}:create`, order, refund.requestedAt);
  const found = await gateway.lookUpRefund(order, refund.gatewayRefundId);
  return found.kind === 'absent' ? { kind: 'refused', refundId: null, code: 'never_received' } : found;
}
