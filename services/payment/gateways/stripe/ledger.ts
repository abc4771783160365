import { instantOfMillis, millisOf, type Period } from '../../../shared/time.ts';
import type { GatewayCharge, GatewayLedger, LedgerRefund } from '../gateway-ledger.ts';
import { amountOfStripe, asStripeCounts } from './amount.ts';
import type { StripeClient } from './client.ts';

type Charge = Awaited<ReturnType<StripeClient['charges']['list']>>['data'][number];
type Refund = Awaited<ReturnType<StripeClient['refunds']['list']>>['data'][number];

const pageSize = 100;

/**
 * Charges and refunds as Stripe lists them, by their creation. A charge without a reference of ours
 * belongs to another application that uses the same account, and is left out.
 */
export function stripeLedger(stripe: StripeClient): GatewayLedger {
  const listed = (period: Period, cursor: string | null) => ({
    created: { gte: secondsOf(period.start), lt: secondsOf(period.end) },
    limit: pageSize,
    expand: ['data.payment_intent'],
    ...(cursor !== null && { starting_after: cursor }),
  });
  const nextOf = ({ data, has_more: more }: { data: readonly { id: string }[]; has_more: boolean }) =>
    more ? (data.at(-1)?.id ?? null) : null;

  return {
    charges: async (period, cursor) => {
      const page = await stripe.charges.list(listed(period, cursor));
      return { rows: page.data.flatMap(chargeOf), next: nextOf(page) };
    },
    refunds: async (period, cursor) => {
      const page = await stripe.refunds.list(listed(period, cursor));
      return { rows: page.data.flatMap(refundOf), next: nextOf(page) };
    },
    counted: asStripeCounts,
  };
}

function chargeOf({ status, payment_intent: intent, amount, amount_refunded: refunded, ...charge }: Charge): GatewayCharge[] {
  const reference = typeof intent === 'object' ? intent?.metadata?.reference : undefined;
  if (status !== 'succeeded' || reference === undefined) return [];
  const currency = charge.currency.toUpperCase();
  const amounts = { amount: amountOfStripe({ amount, currency }), refunded: amountOfStripe({ amount: refunded, currency }) };
  return [{ ...amounts, currency, intentId: idOf(intent), reference, customerId: null, at: instantOf(charge.created) }];
}

function refundOf({ id: refundId, status, payment_intent: intent, ...refund }: Refund): LedgerRefund[] {
  const chargeReference = typeof intent === 'object' ? intent?.metadata?.reference : undefined;
  if (status === 'failed' || status === 'canceled' || chargeReference === undefined) return [];
  const currency = refund.currency.toUpperCase();
  const amount = amountOfStripe({ amount: refund.amount, currency });
  const reference = refund.metadata?.reference ?? null;
  return [{ refundId, reference, intentId: idOf(intent), chargeReference, amount, currency, at: instantOf(refund.created) }];
}

const idOf = (object: string | { readonly id: string } | null): string => (typeof object === 'string' ? object : (object?.id ?? ''));
const instantOf = (seconds: number) => instantOfMillis(seconds * 1000);
/** Stripe counts whole seconds; a period that starts within one starts with it. */
const secondsOf = (instant: string): number => Math.floor(millisOf(instant) / 1000);
