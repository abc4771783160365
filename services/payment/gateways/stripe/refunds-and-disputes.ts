import { instantOfMillis } from '../../../shared/time.ts';
import type { ChargeReturns, Gateway, GatewayDispute, GatewayRefund } from '../gateway.ts';
import { amountOfStripe } from './amount.ts';
import { outcomeOfCall, type StripeClient } from './client.ts';
import { type DisputeFacts, disputeStatusOf, outcomeOfRefund } from './outcome.ts';

const instantOfSeconds = (seconds: number): string => instantOfMillis(seconds * 1000);

type RefundFacts = Parameters<typeof outcomeOfRefund>[0] & {
  readonly amount: number;
  readonly currency: string;
  readonly created: number;
  readonly metadata?: Readonly<Record<string, string>> | null;
};

function refundOf(refund: RefundFacts): GatewayRefund {
  const { kind } = outcomeOfRefund(refund);
  return {
    refundId: refund.id,
    reference: refund.metadata?.reference ?? null,
    amount: amountOfStripe({ amount: refund.amount, currency: refund.currency.toUpperCase() }),
    status: kind === 'refused' ? 'failed' : kind === 'succeeded' ? 'succeeded' : 'pending',
    at: instantOfSeconds(refund.created),
  };
}

function disputeOf({
  id,
  amount,
  currency,
  reason,
  status,
  created,
  evidence_details: evidence,
  balance_transactions: moves,
}: DisputeFacts) {
  const fees = moves.filter(({ fee }) => fee !== 0);
  const feeCurrency = fees[0]?.currency.toUpperCase();
  const charged = fees.reduce((sum, { fee }) => sum + fee, 0);
  const dispute: GatewayDispute = {
    disputeId: id,
    amount: amountOfStripe({ amount, currency: currency.toUpperCase() }),
    reason,
    status: disputeStatusOf(status),
    fee: feeCurrency === undefined ? null : { amount: amountOfStripe({ amount: charged, currency: feeCurrency }), currency: feeCurrency },
    evidenceDueBy: evidence?.due_by ? instantOfSeconds(evidence.due_by) : null,
    at: instantOfSeconds(created),
  };
  return dispute;
}

/** Refunds and disputes of a PaymentIntent's charge, also those made directly at Stripe. */
export function stripeReturns(stripe: StripeClient): Pick<Gateway, 'lookUpReturns'> {
  const returnsOf = async (intentId: string): Promise<ChargeReturns> => {
    const { metadata } = await stripe.paymentIntents.retrieve(intentId);
    const [refunds, disputes]: [GatewayRefund[], GatewayDispute[]] = [[], []];
    for await (const refund of stripe.refunds.list({ payment_intent: intentId, limit: 100 })) refunds.unshift(refundOf(refund));
    for await (const dispute of stripe.disputes.list({ payment_intent: intentId, limit: 100 })) disputes.unshift(disputeOf(dispute));
    return { kind: 'found', reference: metadata?.reference ?? '', refunds, disputes };
  };

  return {
    lookUpReturns: (intentId) =>
      outcomeOfCall<ChargeReturns | { readonly kind: 'absent' | 'unknown' }>(returnsOf(intentId), ({ code }) => ({
        kind: code === 'resource_missing' ? 'absent' : 'unknown',
      })),
  };
}
