import { createHash } from 'node:crypto';
import type { Model } from 'mongoose';
import type { Instant } from '../../../shared/time.ts';
import type { GatewayRefund, RefundOrder, RefundOutcome } from '../gateway.ts';
import { refundBehaviourOf } from './cards.ts';
import { blocksRefunds } from './disputes.ts';
import type { SimulatedIntent, SimulatedRefund } from './intents.ts';

/**
 * Gives back part of a charge. The refund and what is refunded so far are written in one operation, and only while it does not go beyond
 * the charge. The same key gets the saved answer; throws where it comes with other parameters.
 */
export async function refundSimulated(
  intents: Model<SimulatedIntent>,
  key: string,
  { reference, intentId, amount }: RefundOrder,
  at: Instant,
): Promise<RefundOutcome> {
  const intent = await intentOf(intents, intentId);
  const refundId = `re_${createHash('sha256').update(key).digest('hex').slice(0, 24)}`;
  const status = refundBehaviourOf(intent?.attempts.at(-1)?.paymentMethod ?? '');
  const refund: SimulatedRefund = { refundId, key, reference, amount, status, at };
  const counted = status === 'refused' ? 0 : amount;
  const { matchedCount } = await intents.collection.updateOne(
    {
      _id: intentId,
      status: 'succeeded',
      refunded: { $lte: (intent?.amount ?? 0) - amount },
      'refunds.key': { $ne: key },
      'disputes.status': { $nin: blocksRefunds },
    } as never,
    { $push: { refunds: refund }, $inc: { refunded: counted } } as never,
  );
  if (matchedCount === 1) return answerOf(refund);
  const now = await intentOf(intents, intentId);
  const saved = now?.refunds.find((known) => known.key === key);
  if (saved) return answerOf(sameOrder(saved, reference, amount));
  if (now?.status !== 'succeeded') return { kind: 'refused', refundId: null, code: 'charge_not_found' };
  if (now.disputes?.some((dispute) => blocksRefunds.includes(dispute.status)))
    return { kind: 'refused', refundId: null, code: 'charge_disputed' };
  return { kind: 'refused', refundId: null, code: 'amount_too_large' };
}

/** Where a refund stands. One that was pending has arrived by the time somebody asks; refunds are only ever added, so its place holds. */
export async function lookUpSimulatedRefund(
  intents: Model<SimulatedIntent>,
  { reference, intentId }: RefundOrder,
  refundId: string | null,
): Promise<RefundOutcome | { readonly kind: 'absent' }> {
  const refunds = (await intentOf(intents, intentId))?.refunds ?? [];
  const place = refunds.findIndex((known) => (refundId === null ? known.reference === reference : known.refundId === refundId));
  const refund = refunds[place];
  if (refund?.status !== 'pending') return refund ? answerOf(refund) : { kind: 'absent' };
  await intents.collection.updateOne({ _id: intentId } as never, { $set: { [`refunds.${place}.status`]: 'succeeded' } } as never);
  return answerOf({ ...refund, status: 'succeeded' });
}

/** A refund for a look at its whole charge. */
export const shownRefund = ({ refundId, reference, amount, status, at }: SimulatedRefund): GatewayRefund => ({
  ...{ refundId, reference, amount, at },
  status: status === 'refused' ? 'failed' : status,
});

const intentOf = async (intents: Model<SimulatedIntent>, id: string) =>
  (await intents.findById(id).lean()) as unknown as SimulatedIntent | null;

function sameOrder(saved: SimulatedRefund, reference: string, amount: number): SimulatedRefund {
  if (saved.reference === reference && saved.amount === amount) return saved;
  throw new Error(`the idempotency key ${saved.key} was used with other parameters`);
}

const answerOf = ({ status, refundId }: SimulatedRefund): RefundOutcome =>
  status === 'refused' ? { kind: 'refused', refundId, code: 'charge_not_refundable' } : { kind: status, refundId };
