import type { DisputeEvidence, DisputeResponse, Gateway } from '../gateway.ts';
import { outcomeOfCall, type StripeClient } from './client.ts';
import type { StripeFailure } from './outcome.ts';

const evidenceOf = ({ text, productDescription, accessActivityLog, serviceDate }: DisputeEvidence) => ({
  uncategorized_text: text,
  ...(productDescription !== undefined && { product_description: productDescription }),
  ...(accessActivityLog !== undefined && { access_activity_log: accessActivityLog }),
  ...(serviceDate !== undefined && { service_date: serviceDate }),
});

/**
 * A dispute that has ended is refused with 400. After any other failure the response may have
 * arrived, which a sync shows.
 */
const ofFailure = ({ statusCode, code }: StripeFailure): DisputeResponse =>
  statusCode === 400 || statusCode === 404 ? { kind: 'refused', code: code ?? 'dispute-not-open' } : { kind: 'unknown' };

/** Responses to Stripe's Disputes. Each states the wanted status, so a repeat needs no key. */
export function stripeDisputes(stripe: StripeClient): Pick<Gateway, 'submitEvidence' | 'acceptDispute'> {
  const accepted = async (call: Promise<unknown>): Promise<DisputeResponse> => {
    await call;
    return { kind: 'accepted' };
  };
  return {
    submitEvidence: ({ disputeId }, evidence) =>
      outcomeOfCall(accepted(stripe.disputes.update(disputeId, { evidence: evidenceOf(evidence), submit: true })), ofFailure),
    acceptDispute: ({ disputeId }) => outcomeOfCall(accepted(stripe.disputes.close(disputeId)), ofFailure),
  };
}
