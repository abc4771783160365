import { nowOn } from '../shared/domain-time.ts';
import { passes } from '../shared/fault-points.ts';
import type { Platform } from '../shared/service.ts';
import type { Instant } from '../shared/time.ts';
import type { JointStore } from './charging/consolidated/store.ts';
import { disputeEvents, disputeOf, disputeResource, untoldDisputeEvents, withDispute, withToldDispute } from './disputes/dispute.ts';
import type { DisputeStore } from './disputes/dispute-store.ts';
import type { ChargeReturns, GatewayDispute, GatewayRefund } from './gateways/gateway.ts';
import type { Gateways } from './gateways/gateways.ts';
import type { Payment } from './payment.ts';
import { refundable, refundOf, withGatewayRefund } from './refunds/refund.ts';
import type { Refunding } from './refunds/refund-queue.ts';
import { chargeParts } from './split-by-payment.ts';
import type { PaymentStore } from './store.ts';

/**
 * Looks at all that went back of a charge at its gateway, and makes our payments show it. Answers the ids of the events that tell of its
 * disputes, whoever told them. Repeating it is safe. Throws where the gateway does not tell, or where the payment itself is not settled here
 * yet: then it has to be looked at again.
 */
export type Look = (intentId: string) => Promise<readonly string[]>;

export type ReturningParts = {
  readonly platform: Platform;
  readonly store: PaymentStore;
  readonly joints: JointStore;
  readonly disputes: DisputeStore;
  readonly gateways: Gateways;
  readonly refunding: Refunding;
};

/** Whatever the order, the age and the number of webhooks: only what the gateway says now is written, each part in one compare-and-set. */
export function createReturning(parts: ReturningParts): Look {
  return async (intentId) => {
    for (const [name, gateway] of parts.gateways) {
      const returns = await gateway.lookUpReturns(intentId);
      if (returns.kind === 'unknown') throw new Error(`the gateway ${name} does not tell of ${intentId}`);
      if (returns.kind === 'found') return reconcile(parts, intentId, returns as ChargeReturns);
    }
    return [];
  };
}

async function reconcile(parts: ReturningParts, intentId: string, { reference, refunds, disputes }: ChargeReturns) {
  if (refunds.length + disputes.length === 0) return [];
  const ids = await parts.joints.paymentIdsOf(reference);
  const told: string[] = [];
  for (const refund of refunds) await takeRefund(parts, await paymentsOf(parts, ids, intentId), refund);
  for (const dispute of disputes) told.push(...(await takeDispute(parts, await paymentsOf(parts, ids, intentId), dispute)));
  return told;
}

async function paymentsOf({ store }: ReturningParts, ids: readonly string[], intentId: string): Promise<readonly Payment[]> {
  const found = await store.find(ids);
  const payments = ids.flatMap((id) => found.get(id) ?? []);
  const open = payments.find(({ status }) => status === 'processing');
  if (open) throw new Error(`the payment ${open._id} is not settled yet`);
  return payments.filter((payment) => payment.status === 'succeeded' && payment.intentId === intentId);
}

/** A refund that was asked for here is known by its reference; any other belongs to the payments of the charge. */
async function takeRefund(
  { platform, store, refunding }: ReturningParts,
  payments: readonly Payment[],
  found: GatewayRefund,
): Promise<void> {
  const { reference, amount } = found;
  const asked = payments.find((payment) => reference !== null && refundOf(payment, reference) !== undefined);
  const foreign = { id: `ref_${found.refundId}`, amount };
  const shares = asked ? [{ payment: asked, id: reference as string, amount }] : chargeParts(payments, foreign, refundable, refundOf);
  for (const { payment, ...share } of shares) {
    const at = await timeOf(platform, payment, found.at);
    const change = (before: Payment) => withGatewayRefund(before, { ...share, found }, at, platform.now());
    const after = await store.changeRefunds(payment._id, change);
    if (after?.refundsOwed) refunding.take([after]);
  }
}

async function takeDispute({ platform, store, disputes }: ReturningParts, payments: readonly Payment[], found: GatewayDispute) {
  const told: string[] = [];
  const whole = { id: `dsp_${found.disputeId}`, amount: found.amount };
  for (const { payment, ...share } of chargeParts(payments, whole, ({ amount }) => amount, disputeOf)) {
    const [openedAt, now] = [await timeOf(platform, payment, found.at), await nowOn(platform, payment.testClock)];
    const after = await store.changeRefunds(payment._id, (before) => withDispute(before, { ...share, found }, openedAt, now));
    passes('dispute.after-record');
    const dispute = after && disputeOf(after, share.id);
    if (after === undefined || dispute === undefined) continue;
    await disputes.keep(disputeResource(after, dispute), after.refundRevision ?? 0);
    const untold = untoldDisputeEvents(after, dispute);
    if (untold.length > 0) await platform.publish(untold);
    passes('dispute.after-publish');
    const last = untold.at(-1)?.sequence ?? 0;
    await store.changeRefunds(payment._id, (before) => withToldDispute(before, share.id, last));
    told.push(...disputeEvents(after, dispute).map((event) => event.id));
  }
  return told;
}

/** A gateway knows system time only. */
const timeOf = async (platform: Platform, { testClock }: Payment, at: Instant): Promise<Instant> =>
  testClock === null ? at : nowOn(platform, testClock);
