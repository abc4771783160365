import type { RefundResource } from '../../shared/contracts/payment-resource.ts';
import { type MarqueeEvent, newEvent } from '../../shared/events.ts';
import { accept, type Result, reject } from '../../shared/result.ts';
import type { Instant } from '../../shared/time.ts';
import { amountDisputed } from '../disputes/dispute.ts';
import type { GatewayRefund, RefundOutcome } from '../gateways/gateway.ts';
import type { Payment, Refund } from '../payment.ts';

export type RefundRequest = {
  readonly id: string;
  /** Minor units; all that is left where none is given. */
  readonly amount?: number | undefined;
  readonly to: Refund['to'];
  readonly reason: string;
  readonly creditNoteId: string | null;
  /** Its invoice becomes open again. */
  readonly reopen?: boolean;
};

/** Minor units that went back or are on their way back. */
const givenBack = ({ refunds = [] }: Payment): number =>
  refunds.reduce((sum, refund) => (refund.status === 'failed' ? sum : sum + refund.amount), 0);

/** Minor units that a bank has taken back of what was not refunded: together never more than was paid. */
export const disputedOf = (payment: Payment): number => Math.min(amountDisputed(payment), Math.max(0, payment.amount - givenBack(payment)));

/** Minor units that neither went back, nor are on their way back, nor are disputed. */
export const refundable = (payment: Payment): number => Math.max(0, payment.amount - givenBack(payment) - disputedOf(payment));

/**
 * The payment with one more refund. The same id again changes nothing. Refused with `payment-not-succeeded` where no money came, with
 * `exceeds-refundable` where more is asked for than is left of it, with `payment-disputed` where the bank has taken that back.
 */
export function withRefund(payment: Payment, asked: RefundRequest, at: Instant, systemNow: Instant): Result<Payment> {
  const { refunds = [] } = payment;
  if (refunds.some(({ id }) => id === asked.id)) return accept(payment);
  if (asked.reopen && asked.to === 'credit')
    return reject('reopens-by-money-only', 'Account credit that is given would pay what it opens; give the money back instead.', '/reopen');
  if (payment.status !== 'succeeded')
    return reject('payment-not-succeeded', `The payment is ${payment.status}; there is no money to give back.`);
  const left = refundable(payment);
  const disputed = disputedOf(payment);
  const wanted = asked.amount ?? Math.max(1, left);
  if (wanted > left && wanted <= left + disputed)
    return reject('payment-disputed', `${disputed} of the payment is disputed; at most ${left} can be refunded.`);
  if (wanted > left || wanted <= 0) return reject('exceeds-refundable', `At most ${left} can still be refunded.`, '/amount');
  const refund: Refund = {
    ...{ id: asked.id, amount: wanted, to: asked.to, reason: asked.reason, creditNoteId: asked.creditNoteId },
    ...(asked.reopen && { reopen: true }),
    ...{ status: 'processing', gatewayRefundId: null, failureCode: null, settledAt: null },
    ...{ requestedAt: at, processingSince: systemNow, looks: 0 },
  };
  return accept({ ...payment, refunds: [...refunds, refund], refundsOwed: true });
}

/** For a credit note that is out already: what cannot go back is recorded as failed, for good, so that invoicing makes it credit once. */
export function withNoteRefund(
  payment: Payment,
  asked: RefundRequest & { readonly amount: number },
  at: Instant,
  systemNow: Instant,
): Payment {
  const result = withRefund(payment, asked, at, systemNow);
  if (result.ok) return result.value;
  const failed = { status: 'failed', gatewayRefundId: null, failureCode: result.rejection.code, settledAt: at } as const;
  const refund: Refund = { ...asked, ...failed, requestedAt: at, processingSince: systemNow, looks: 0 };
  return { ...payment, refunds: [...(payment.refunds ?? []), refund] };
}

/** The payment after a gateway's answer about one refund; what is settled stays as it is. */
export function withRefundOutcome(payment: Payment, id: string, outcome: RefundOutcome, at: Instant): Payment {
  const refunds = (payment.refunds ?? []).map((refund) =>
    refund.id === id && refund.status === 'processing' ? refundAfter(refund, outcome, at) : refund,
  );
  return { ...payment, refunds, refundsOwed: refunds.some(({ status }) => status === 'processing') };
}

function refundAfter(refund: Refund, outcome: RefundOutcome, at: Instant): Refund {
  if (outcome.kind === 'succeeded') return { ...refund, status: 'succeeded', gatewayRefundId: outcome.refundId, settledAt: at };
  if (outcome.kind === 'refused')
    return { ...refund, status: 'failed', gatewayRefundId: outcome.refundId, failureCode: outcome.code, settledAt: at };
  const gatewayRefundId = outcome.kind === 'pending' ? outcome.refundId : refund.gatewayRefundId;
  return { ...refund, gatewayRefundId, looks: refund.looks + 1 };
}

/**
 * The payment after a look at one of its refunds at the gateway; `id` is ours, `amount` this payment's part. One that nobody here asked for
 * is recorded; what has an end there and not here is owed. Either way its outcome is asked for and told as for any other.
 */
export function withGatewayRefund(
  payment: Payment,
  { id, amount, found }: { readonly id: string; readonly amount: number; readonly found: GatewayRefund },
  at: Instant,
  systemNow: Instant,
): Payment {
  const { refunds = [] } = payment;
  const known = refundOf(payment, id);
  const waiting = { status: 'processing', gatewayRefundId: found.refundId, processingSince: systemNow, looks: 0 } as const;
  if (known === undefined) {
    const asked = { id, amount, to: 'method', reason: 'gateway', origin: 'gateway', creditNoteId: null } as const;
    const refund: Refund = { ...asked, ...waiting, failureCode: null, requestedAt: at, settledAt: null };
    return { ...payment, refunds: [...refunds, refund], refundsOwed: true };
  }
  const hasComeBack = known.status === 'succeeded' && found.status === 'failed';
  const hasEnded = known.status === 'processing' && found.status !== 'pending';
  if (!hasComeBack && !hasEnded) return payment;
  const owed: Refund = { ...known, ...waiting, ...(hasComeBack && { cameBack: true }) };
  return { ...payment, refunds: refunds.map((refund) => (refund === known ? owed : refund)), refundsOwed: true };
}

export const refundOf = ({ refunds = [] }: Payment, id: string): Refund | undefined => refunds.find((refund) => refund.id === id);

export const refundResource = (payment: Payment, refund: Refund): RefundResource => ({
  id: refund.id,
  paymentId: payment._id,
  invoiceId: payment.invoiceId,
  subscriptionId: payment.subscriptionId,
  customerId: payment.customerId,
  amount: refund.amount,
  currency: payment.currency,
  to: refund.to,
  status: refund.status,
  reason: refund.reason,
  origin: refund.origin ?? 'marquee',
  ...(refund.reopen && { reopen: true }),
  creditNoteId: refund.creditNoteId,
  failureCode: refund.failureCode,
  createdAt: refund.requestedAt,
  settledAt: refund.settledAt,
  testClock: payment.testClock,
});

/** `refund.succeeded` or `refund.failed`, under an id derived from the refund; a second one only where money that had gone came back. */
export const refundEvent = (payment: Payment, refund: Refund): MarqueeEvent<RefundResource> =>
  newEvent({
    type: `refund.${refund.status}`,
    subject: refund.id,
    sequence: refund.cameBack && refund.status === 'failed' ? 2 : 1,
    time: refund.settledAt as Instant,
    customerId: payment.customerId,
    testClock: payment.testClock,
    data: refundResource(payment, refund),
  });
