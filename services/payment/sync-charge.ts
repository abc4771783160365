import { nowOn } from '../shared/domain-time.ts';
import { passes } from '../shared/fault-points.ts';
import type { Platform } from '../shared/service.ts';
import type { Instant } from '../shared/time.ts';
import type { ConsolidatedStore } from './charging/consolidated/consolidated-store.ts';
import {
  disputeEvents,
  disputeOf,
  disputeResource,
  unpublishedDisputeEvents,
  withDispute,
  withPublishedDispute,
} from './disputes/dispute.ts';
import type { DisputeStore } from './disputes/dispute-store.ts';
import type { ChargeReturns, GatewayDispute, GatewayRefund } from './gateways/gateway.ts';
import type { Gateways } from './gateways/gateways.ts';
import type { Payment } from './payment.ts';
import { refundable, refundOf, refundsOf, withGatewayRefund } from './refunds/refund.ts';
import type { RefundQueue } from './refunds/refund-queue.ts';
import { splitByPayment } from './split-by-payment.ts';
import type { PaymentStore } from './store.ts';

/**
 * Reads all refunds and disputes of a charge from its gateway and updates our payments by them.
 * Returns the ids of the events about its disputes, also of those that another process published. A
 * repeat is safe. Throws if the gateway does not respond or the payment itself is not settled here
 * yet; the charge then has to be synced again.
 */
export type SyncCharge = (intentId: string) => Promise<readonly string[]>;

export type SyncParts = {
  readonly platform: Platform;
  readonly store: PaymentStore;
  readonly consolidatedPayments: ConsolidatedStore;
  readonly disputes: DisputeStore;
  readonly gateways: Gateways;
  readonly refundQueue: RefundQueue;
};

/**
 * Creates the sync. The order, age and number of webhooks do not matter, because only the present
 * state at the gateway is written, each part of it in one compare-and-set.
 */
export function createSyncCharge(parts: SyncParts): SyncCharge {
  return async (intentId) => {
    for (const [name, gateway] of parts.gateways) {
      const returns = await gateway.lookUpReturns(intentId);
      if (returns.kind === 'unknown') throw new Error(`the gateway ${name} does not respond about ${intentId}`);
      if (returns.kind === 'found') return syncReturns(parts, intentId, returns as ChargeReturns);
    }
    return [];
  };
}

async function syncReturns(parts: SyncParts, intentId: string, { reference, refunds, disputes }: ChargeReturns) {
  if (refunds.length + disputes.length === 0) return [];
  const ids = await parts.consolidatedPayments.paymentIdsOf(reference);
  const eventIds: string[] = [];
  for (const refund of refunds) await syncRefund(parts, await paymentsOf(parts, ids, intentId), refund);
  for (const dispute of disputes) eventIds.push(...(await syncDispute(parts, await paymentsOf(parts, ids, intentId), dispute)));
  return eventIds;
}

async function paymentsOf({ store }: SyncParts, ids: readonly string[], intentId: string): Promise<readonly Payment[]> {
  const found = await store.find(ids);
  const payments = ids.flatMap((id) => found.get(id) ?? []);
  const open = payments.find(({ status }) => status === 'processing');
  if (open) throw new Error(`the payment ${open._id} is not settled yet`);
  return payments.filter((payment) => payment.status === 'succeeded' && payment.intentId === intentId);
}

/**
 * A refund of ours is known by its reference; any other is split over the payments of the charge.
 */
async function syncRefund({ platform, store, refundQueue }: SyncParts, payments: readonly Payment[], found: GatewayRefund): Promise<void> {
  const { reference, amount } = found;
  const ours = payments.find((payment) => reference !== null && refundOf(payment, reference) !== undefined);
  const foreign = { id: `ref_${found.refundId}`, amount };
  const shares = ours ? [{ payment: ours, id: reference as string, amount }] : splitByPayment(payments, foreign, refundable, refundsOf);
  for (const { payment, ...share } of shares) {
    const at = await timeOf(platform, payment, found.at);
    const change = (before: Payment) => withGatewayRefund(before, { ...share, found }, at, platform.now());
    const after = await store.changeRefunds(payment._id, change);
    if (after?.refundsOwed) refundQueue.add([after]);
  }
}

async function syncDispute({ platform, store, disputes }: SyncParts, payments: readonly Payment[], found: GatewayDispute) {
  const eventIds: string[] = [];
  const whole = { id: `dsp_${found.disputeId}`, amount: found.amount };
  for (const { payment, ...share } of splitByPayment(
    payments,
    whole,
    ({ amount }) => amount,
    ({ disputes = [] }) => disputes,
  )) {
    const [openedAt, now] = [await timeOf(platform, payment, found.at), await nowOn(platform, payment.testClock)];
    const after = await store.changeRefunds(payment._id, (before) => withDispute(before, { ...share, found }, openedAt, now));
    passes('dispute.after-record');
    const dispute = after && disputeOf(after, share.id);
    if (after === undefined || dispute === undefined) continue;
    await disputes.save(disputeResource(after, dispute), after.refundRevision ?? 0);
    const unpublished = unpublishedDisputeEvents(after, dispute);
    if (unpublished.length > 0) await platform.publish(unpublished);
    passes('dispute.after-publish');
    const last = unpublished.at(-1)?.sequence ?? 0;
    await store.changeRefunds(payment._id, (before) => withPublishedDispute(before, share.id, last));
    eventIds.push(...disputeEvents(after, dispute).map((event) => event.id));
  }
  return eventIds;
}

/** Domain time of a refund or dispute: a gateway only knows system time. */
const timeOf = async (platform: Platform, { testClock }: Payment, at: Instant): Promise<Instant> =>
  testClock === null ? at : nowOn(platform, testClock);
