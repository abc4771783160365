import type { Gateway, RefundOrder, RefundOutcome } from '../gateway.ts';
import { stripeAmount } from './amount.ts';
import { outcomeOfCall, type StripeClient } from './client.ts';
import { outcomeOfRefund, refundOfFailure } from './outcome.ts';

/** Refunds of a PaymentIntent's charge. */
export function stripeRefunds(stripe: StripeClient): Pick<Gateway, 'refund' | 'lookUpRefund'> {
  const refund = async (key: string, { reference, intentId, amount }: RefundOrder): Promise<RefundOutcome> => {
    const { currency } = await stripe.paymentIntents.retrieve(intentId);
    const wanted = {
      payment_intent: intentId,
      amount: stripeAmount({ amount, currency: currency.toUpperCase() }),
      metadata: { reference },
    };
    return outcomeOfRefund(await stripe.refunds.create(wanted, { idempotencyKey: key }));
  };

  const find = async ({ reference, intentId }: RefundOrder): Promise<RefundOutcome | { readonly kind: 'absent' }> => {
    for await (const known of stripe.refunds.list({ payment_intent: intentId, limit: 100 }))
      if (known.metadata?.reference === reference) return outcomeOfRefund(known);
    return { kind: 'absent' };
  };
  const retrieve = async (refundId: string) => outcomeOfRefund(await stripe.refunds.retrieve(refundId));

  return {
    refund: (key, order) => outcomeOfCall(refund(key, order), refundOfFailure),
    lookUpRefund: (order, refundId) =>
      outcomeOfCall<RefundOutcome | { readonly kind: 'absent' }>(refundId === null ? find(order) : retrieve(refundId), refundOfFailure),
  };
}
