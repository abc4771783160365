import { createHash } from 'node:crypto';
import type { mongo } from 'mongoose';
import type { Instant } from '../../../shared/time.ts';
import type { GatewayRefund, RefundOrder, RefundOutcome } from '../gateway.ts';
import { refundBehaviourOf } from './cards.ts';
import { blocksRefunds } from './disputes.ts';
import type { SimulatedIntent, SimulatedRefund } from './intents.ts';

/**
 * Refunds a part of a charge. The refund and the refunded total are written in one operation, and
 * only as long as they do not exceed the charge. The same key gets the saved response; with other
 * parameters it throws.
 */
export async function refundSimulated(
  intents: mongo.Collection<SimulatedIntent>,
  key: string,
  { reference, intentId, amount }: RefundOrder,
  at: Instant,
): Promise<RefundOutcome> {
  const intent = await intentOf(intents, intentId);
  const refundId = `re_${createHash('sha256').update(key).digest('hex').slice(0, 24)}`;
  const status = refundBehaviourOf(intent?.attempts.at(-1)?.paymentMethod ?? '');
  const refund: SimulatedRefund = { refundId, key, reference, amount, status, at };
  const counted = status === 'refused' ? 0 : amount;
  const { matchedCount } = await intents.updateOne(
    {
      _id: intentId,
      status: 'succeeded',
      refunded: { $lte: (intent?.amount ?? 0) - amount },
      'refunds.key': { $ne: key },
      'disputes.status': { $nin: blocksRefunds },
    },
    { $push: { refunds: refund }, $inc: { refunded: counted } },
  );
  if (matchedCount === 1) return responseTo(refund);
  const now = await intentOf(intents, intentId);
  const saved = now?.refunds.find((known) => known.key === key);
  if (saved) return responseTo(sameOrder(saved, reference, amount));
  if (now?.status !== 'succeeded') return { kind: 'refused', refundId: null, code: 'charge_not_found' };
  if (now.disputes?.some((dispute) => blocksRefunds.includes(dispute.status)))
    return { kind: 'refused', refundId: null, code: 'charge_disputed' };
  return { kind: 'refused', refundId: null, code: 'amount_too_large' };
}

/**
 * The status of a refund; a pending one arrives at its first look-up. Refunds are only ever added,
 * so the index of one never changes.
 */
export async function lookUpSimulatedRefund(
  intents: mongo.Collection<SimulatedIntent>,
  { reference, intentId }: RefundOrder,
  refundId: string | null,
): Promise<RefundOutcome | { readonly kind: 'absent' }> {
  const refunds = (await intentOf(intents, intentId))?.refunds ?? [];
  const index = refunds.findIndex((known) => (refundId === null ? known.reference === reference : known.refundId === refundId));
  const refund = refunds[index];
  if (refund?.status !== 'pending') return refund ? responseTo(refund) : { kind: 'absent' };
  await intents.updateOne({ _id: intentId }, { $set: { [`refunds.${index}.status`]: 'succeeded' } });
  return responseTo({ ...refund, status: 'succeeded' });
}

/** A refund in the sync of its charge. */
export const gatewayRefundOf = ({ refundId, reference, amount, status, at }: SimulatedRefund): GatewayRefund => ({
  ...{ refundId, reference, amount, at },
  status: status === 'refused' ? 'failed' : status,
});

const intentOf = (intents: mongo.Collection<SimulatedIntent>, id: string) => intents.findOne({ _id: id });

function sameOrder(saved: SimulatedRefund, reference: string, amount: number): SimulatedRefund {
  if (saved.reference === reference && saved.amount === amount) return saved;
  throw new Error(`the idempotency key ${saved.key} was used with other parameters`);
}

const responseTo = ({ status, refundId }: SimulatedRefund): RefundOutcome =>
  status === 'refused' ? { kind: 'refused', refundId, code: 'charge_not_refundable' } : { kind: status, refundId };
