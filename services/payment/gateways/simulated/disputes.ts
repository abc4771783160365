import { createHash } from 'node:crypto';
import type { Model } from 'mongoose';
import type { DisputeStatus } from '../../../shared/contracts/dispute-resource.ts';
import { type Instant, plusMillis } from '../../../shared/time.ts';
import type { DisputeAnswer, DisputeEvidence, DisputeOrder, DisputeReference, GatewayDispute } from '../gateway.ts';
import type { SimulatedDispute, SimulatedIntent } from './intents.ts';

/** Time to answer a dispute, in days. */
const evidenceDays = 7;

/** While one of these is there, the bank has the money and the charge is not refunded. */
export const blocksRefunds: readonly DisputeStatus[] = ['needs-response', 'under-review', 'lost'];

/** The customer has the bank take a charge back, or part of it: one dispute a charge, as banks have it. False where that cannot be. */
export async function openSimulatedDispute(
  intents: Model<SimulatedIntent>,
  intentId: string,
  { amount, reason, status }: DisputeOrder,
  at: Instant,
): Promise<boolean> {
  const intent = (await intents.findById(intentId).lean()) as unknown as SimulatedIntent | null;
  if (intent?.status !== 'succeeded') return false;
  const disputeId = `dp_${createHash('sha256').update(intentId).digest('hex').slice(0, 24)}`;
  const dispute: SimulatedDispute = { disputeId, amount: amount ?? intent.amount, reason, status, at };
  if (dispute.amount > intent.amount) return false;
  const filter = { _id: intentId, 'disputes.disputeId': { $ne: disputeId } };
  await intents.collection.updateOne(filter as never, { $push: { disputes: dispute } } as never);
  return true;
}

/** The merchant answers. As at Stripe's test cards, the evidence says itself whether it wins: `winning_evidence`, `losing_evidence`. */
export const decidedBy = ({ text }: DisputeEvidence): DisputeStatus =>
  text.includes('winning_evidence') ? 'won' : text.includes('losing_evidence') ? 'lost' : 'under-review';

/** Moves a dispute that waits for an answer on; there is at most one, so its place is known. */
export async function answerSimulatedDispute(
  intents: Model<SimulatedIntent>,
  { intentId, disputeId }: DisputeReference,
  status: DisputeStatus,
): Promise<DisputeAnswer> {
  const filter = { _id: intentId, 'disputes.0.disputeId': disputeId, 'disputes.0.status': { $in: ['inquiry', 'needs-response'] } };
  const { matchedCount } = await intents.collection.updateOne(filter as never, { $set: { 'disputes.0.status': status } } as never);
  return matchedCount === 1 ? { kind: 'taken' } : { kind: 'refused', code: 'dispute-not-open' };
}

/** A dispute for a look at its whole charge. */
export const shownDispute = (dispute: SimulatedDispute): GatewayDispute => ({
  ...dispute,
  fee: null,
  evidenceDueBy: plusMillis(dispute.at, evidenceDays * 86_400_000),
});
