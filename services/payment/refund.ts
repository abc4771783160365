import { type MarqueeEvent, newEvent, type RefundResource } from '../shared/events.ts';
import { accept, type Result, reject } from '../shared/result.ts';
import type { Instant } from '../shared/time.ts';
import type { RefundOutcome } from './gateway.ts';
import type { Payment } from './payment.ts';

/**
 * Money of a successful payment that goes back: to the method it came from, or to account credit. Kept in its payment, so that all refunds
 * of one are counted in one write, and recorded before the gateway is asked.
 */
export type Refund = {
  readonly id: string;
  readonly amount: number;
  readonly to: RefundResource['to'];
  readonly reason: string;
  /** The credit note that asked for it; null for a refund without one. */
  readonly creditNoteId: string | null;
  readonly status: RefundResource['status'];
  /** The gateway's own id of it. */
  readonly gatewayRefundId: string | null;
  readonly failureCode: string | null;
  readonly requestedAt: Instant;
  /** System time since which an answer is missing, and how often somebody has looked since. */
  readonly processingSince: Instant;
  readonly looks: number;
  readonly settledAt: Instant | null;
};

export type RefundRequest = {
  readonly id: string;
  /** Minor units; all that is left where none is given. */
  readonly amount?: number | undefined;
  readonly to: Refund['to'];
  readonly reason: string;
  readonly creditNoteId: string | null;
};

/** Minor units that neither went back nor are on their way back. */
export const refundable = ({ amount, refunds = [] }: Payment): number =>
  amount - refunds.reduce((sum, refund) => (refund.status === 'failed' ? sum : sum + refund.amount), 0);

/**
 * The payment with one more refund. The same id again changes nothing. Refused with `payment-not-succeeded` where no money came, with
 * `exceeds-refundable` where more is asked for than is left of it.
 */
export function withRefund(payment: Payment, asked: RefundRequest, at: Instant, systemNow: Instant): Result<Payment> {
  const { refunds = [] } = payment;
  if (refunds.some(({ id }) => id === asked.id)) return accept(payment);
  if (payment.status !== 'succeeded')
    return reject('payment-not-succeeded', `The payment is ${payment.status}; there is no money to give back.`);
  const left = refundable(payment);
  const amount = asked.amount ?? left;
  if (amount > left || amount <= 0) return reject('exceeds-refundable', `At most ${left} can still be refunded.`, '/amount');
  const refund: Refund = {
    ...{ id: asked.id, amount, to: asked.to, reason: asked.reason, creditNoteId: asked.creditNoteId },
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
  creditNoteId: refund.creditNoteId,
  failureCode: refund.failureCode,
  createdAt: refund.requestedAt,
  settledAt: refund.settledAt,
  testClock: payment.testClock,
});

/** `refund.succeeded` or `refund.failed`, once for each refund, under an id derived from it. */
export const refundEvent = (payment: Payment, refund: Refund): MarqueeEvent<RefundResource> =>
  newEvent({
    type: `refund.${refund.status}`,
    subject: refund.id,
    sequence: 1,
    time: refund.settledAt as Instant,
    customerId: payment.customerId,
    testClock: payment.testClock,
    data: refundResource(payment, refund),
  });
