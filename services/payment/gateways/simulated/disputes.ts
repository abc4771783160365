import { createHash } from 'node:crypto';
import type { mongo } from 'mongoose';
import type { DisputeStatus } from '../../../shared/contracts/dispute-resource.ts';
import { type Instant, plusMillis } from '../../../shared/time.ts';
import type { DisputeEvidence, DisputeOrder, DisputeReference, DisputeResponse, GatewayDispute } from '../gateway.ts';
import type { SimulatedDispute, SimulatedIntent } from './intents.ts';

/** Days until the deadline for the evidence. */
const evidenceDays = 7;

/** Statuses in which the bank holds the money, so that the charge cannot be refunded. */
export const blocksRefunds: readonly DisputeStatus[] = ['needs-response', 'under-review', 'lost'];

/**
 * Opens the dispute of a charge or a part of it; a charge has at most one. False where there is no
 * such charge, or it is smaller.
 */
export async function openSimulatedDispute(
  intents: mongo.Collection<SimulatedIntent>,
  intentId: string,
  { amount, reason, status }: DisputeOrder,
  at: Instant,
): Promise<boolean> {
  const intent = await intents.findOne({ _id: intentId });
  if (intent?.status !== 'succeeded') return false;
  const disputeId = `dp_${createHash('sha256').update(intentId).digest('hex').slice(0, 24)}`;
  const dispute: SimulatedDispute = { disputeId, amount: amount ?? intent.amount, reason, status, at };
  if (dispute.amount > intent.amount) return false;
  const filter = { _id: intentId, 'disputes.disputeId': { $ne: disputeId } };
  await intents.updateOne(filter, { $push: { disputes: dispute } });
  return true;
}

/**
 * The bank's decision. As in Stripe's test mode, the evidence contains it: `winning_evidence` or
 * `losing_evidence`.
 */
export const decisionOn = ({ text }: DisputeEvidence): DisputeStatus =>
  text.includes('winning_evidence') ? 'won' : text.includes('losing_evidence') ? 'lost' : 'under-review';

/** Moves an open dispute on. A charge has at most one dispute, so it has the index 0. */
export async function respondToSimulatedDispute(
  intents: mongo.Collection<SimulatedIntent>,
  { intentId, disputeId }: DisputeReference,
  status: DisputeStatus,
): Promise<DisputeResponse> {
  const filter = { _id: intentId, 'disputes.0.disputeId': disputeId, 'disputes.0.status': { $in: ['inquiry', 'needs-response'] } };
  const { matchedCount } = await intents.updateOne(filter, { $set: { 'disputes.0.status': status } });
  return matchedCount === 1 ? { kind: 'accepted' } : { kind: 'refused', code: 'dispute-not-open' };
}

/** A dispute in the sync of its charge. */
export const gatewayDisputeOf = (dispute: SimulatedDispute): GatewayDispute => ({
  ...dispute,
  fee: null,
  evidenceDueBy: plusMillis(dispute.at, evidenceDays * 86_400_000),
});
