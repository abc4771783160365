import type { DisputeAnswer, DisputeEvidence, Gateway } from '../gateway.ts';
import { answered, type StripeClient } from './client.ts';
import type { StripeFailure } from './outcome.ts';

const evidenceOf = ({ text, productDescription, accessActivityLog, serviceDate }: DisputeEvidence) => ({
  uncategorized_text: text,
  ...(productDescription !== undefined && { product_description: productDescription }),
  ...(accessActivityLog !== undefined && { access_activity_log: accessActivityLog }),
  ...(serviceDate !== undefined && { service_date: serviceDate }),
});

/** A dispute that is over is refused with 400; whatever else fails may have been taken, which a look will tell. */
const meaning = ({ statusCode, code }: StripeFailure): DisputeAnswer =>
  statusCode === 400 || statusCode === 404 ? { kind: 'refused', code: code ?? 'dispute-not-open' } : { kind: 'unknown' };

/** Answers to Stripe's Disputes. Each says where the dispute is to be, so a repeat needs no key. */
export function stripeDisputes(stripe: StripeClient): Pick<Gateway, 'submitEvidence' | 'acceptDispute'> {
  const taken = async (call: Promise<unknown>): Promise<DisputeAnswer> => {
    await call;
    return { kind: 'taken' };
  };
  return {
    submitEvidence: ({ disputeId }, evidence) =>
      answered(taken(stripe.disputes.update(disputeId, { evidence: evidenceOf(evidence), submit: true })), meaning),
    acceptDispute: ({ disputeId }) => answered(taken(stripe.disputes.close(disputeId)), meaning),
  };
}
