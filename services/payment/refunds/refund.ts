import type { RefundResource } from '../../shared/contracts/payment-resource.ts';
import { type MarqueeEvent, newEvent } from '../../shared/events.ts';
import { formatMoney } from '../../shared/format.ts';
import { accept, type Result, reject } from '../../shared/result.ts';
import type { Instant } from '../../shared/time.ts';
import { amountDisputed } from '../disputes/dispute.ts';
import type { GatewayRefund, RefundOutcome } from '../gateways/gateway.ts';
import type { DecidedRefund, Payment, Refund } from '../payment.ts';

export type RefundRequest = {
  readonly id: string;
  /** Minor units of the payment's currency; everything refundable if absent. */
  readonly amount?: number | undefined;
  readonly to: Refund['to'];
  readonly reason: string;
  readonly creditNoteId: string | null;
  /** Whether the invoice becomes open again by the refund. */
  readonly reopen?: boolean;
};

/** Minor units that were refunded, or whose refund is under way. */
const amountRefunded = ({ refunds = [] }: Payment): number =>
  refunds.reduce((sum, refund) => (refund.status === 'failed' ? sum : sum + refund.amount), 0);

/**
 * Minor units that a bank has withdrawn from what is not refunded. Refunded and disputed amounts
 * together never exceed the amount of the payment.
 */
export const disputedUnrefunded = (payment: Payment): number =>
  Math.min(amountDisputed(payment), Math.max(0, payment.amount - amountRefunded(payment)));

/** Minor units that are neither refunded, nor about to be, nor disputed. */
export const refundable = (payment: Payment): number => Math.max(0, payment.amount - amountRefunded(payment) - disputedUnrefunded(payment));

/**
 * The payment with one more refund. The same id again changes nothing. Refused with
 * `payment-not-succeeded` where there is nothing to refund, `exceeds-refundable` where the amount
 * is too high, `payment-disputed` where the bank has withdrawn the missing part, and
 * `reopens-by-money-only` where account credit would pay the invoice that it opens.
 */
export function withRefund(payment: Payment, requested: RefundRequest, at: Instant, systemNow: Instant): Result<Payment> {
  const { refunds = [] } = payment;
  if (refunds.some(({ id }) => id === requested.id)) return accept(payment);
  const amount = requested.amount ?? Math.max(1, refundable(payment));
  const refusal = refusalOf(payment, requested, amount);
  if (refusal) return refusal;
  const refund: Refund = {
    ...{ id: requested.id, amount, to: requested.to, reason: requested.reason, creditNoteId: requested.creditNoteId },
    ...(requested.reopen && { reopen: true }),
    ...{ status: 'processing', gatewayRefundId: null, failureCode: null, settledAt: null },
    ...{ requestedAt: at, processingSince: systemNow, looks: 0, lastSentAt: systemNow },
  };
  return accept({ ...payment, refunds: [...refunds, refund], refundsOwed: true });
}

function refusalOf(payment: Payment, { reopen, to }: RefundRequest, amount: number): Result<never> | undefined {
  const { _id, status, currency } = payment;
  if (reopen && to === 'credit')
    return reject(
      'reopens-by-money-only',
      'A refund to account credit cannot reopen the invoice, because that credit would pay it again. Refund to the payment method.',
      '/reopen',
    );
  if (status !== 'succeeded') return reject('payment-not-succeeded', `The payment ${_id} is ${status}, so there is nothing to refund.`);
  const left = refundable(payment);
  const disputed = disputedUnrefunded(payment);
  const formatted = (minorUnits: number) => formatMoney({ amount: minorUnits, currency }, 'en');
  if (amount > left && amount <= left + disputed)
    return reject(
      'payment-disputed',
      `Of the payment ${_id}, ${formatted(disputed)} is disputed, so at most ${formatted(left)} can be refunded.`,
    );
  if (amount > left || amount <= 0)
    return reject('exceeds-refundable', `At most ${formatted(left)} of the payment ${_id} can still be refunded.`, '/amount');
  return undefined;
}

/**
 * The payment with the refund of a document that is already issued. A refund that is refused is
 * recorded as failed, permanently, so that invoicing turns it into account credit once.
 */
export function withDocumentRefund(
  payment: Payment,
  requested: RefundRequest & { readonly amount: number },
  at: Instant,
  systemNow: Instant,
): Payment {
  const result = withRefund(payment, requested, at, systemNow);
  if (result.ok) return result.value;
  const failed = { status: 'failed', gatewayRefundId: null, failureCode: result.rejection.code, settledAt: at } as const;
  const refund: Refund = { ...requested, ...failed, requestedAt: at, processingSince: systemNow, looks: 0 };
  return { ...payment, refunds: [...(payment.refunds ?? []), refund] };
}

/** The payment with a note that the request of one refund is about to be sent. */
export const withSending = (payment: Payment, id: string, at: Instant): Payment => ({
  ...payment,
  refunds: (payment.refunds ?? []).map((refund) => (refund.id === id ? { ...refund, lastSentAt: at } : refund)),
});

/**
 * The payment with the outcome of one refund, before it is published; the first one stays, and so
 * does a refund that is settled.
 */
export const withDecision = (payment: Payment, id: string, decided: DecidedRefund): Payment => {
  const refund = refundOf(payment, id);
  if (refund?.status !== 'processing' || refund.decided) return payment;
  return { ...payment, refunds: refundsOf(payment).map((each) => (each === refund ? { ...refund, decided } : each)) };
};

/** The payment after the gateway's response about one refund; a settled refund stays as it is. */
export function withRefundOutcome(payment: Payment, id: string, outcome: RefundOutcome, at: Instant): Payment {
  const refunds = (payment.refunds ?? []).map((refund) =>
    refund.id === id && refund.status === 'processing' ? refundAfter(refund, outcome, at) : refund,
  );
  return { ...payment, refunds, refundsOwed: refunds.some(({ status }) => status === 'processing') };
}

function refundAfter(refund: Refund, outcome: RefundOutcome, at: Instant): Refund {
  const ended = { ...refund, decided: null, settledAt: at };
  if (outcome.kind === 'succeeded') return { ...ended, status: 'succeeded', gatewayRefundId: outcome.refundId };
  if (outcome.kind === 'refused') return { ...ended, status: 'failed', gatewayRefundId: outcome.refundId, failureCode: outcome.code };
  const gatewayRefundId = outcome.kind === 'pending' ? outcome.refundId : refund.gatewayRefundId;
  return { ...refund, gatewayRefundId, looks: refund.looks + 1 };
}

/**
 * The payment after a sync of one of its refunds; `id` is ours, `amount` the part of this payment.
 * A refund that was made directly at the gateway is recorded, and one that has ended there and not
 * here is open again. The refund queue then settles and publishes it like any other.
 */
export function withGatewayRefund(
  payment: Payment,
  { id, amount, found }: { readonly id: string; readonly amount: number; readonly found: GatewayRefund },
  at: Instant,
  systemNow: Instant,
): Payment {
  const { refunds = [] } = payment;
  const known = refundOf(payment, id);
  const open = { status: 'processing', gatewayRefundId: found.refundId, processingSince: systemNow, looks: 0, decided: null } as const;
  if (known === undefined) {
    const made = { id, amount, to: 'method', reason: 'gateway', origin: 'gateway', creditNoteId: null } as const;
    const refund: Refund = { ...made, ...open, failureCode: null, requestedAt: at, settledAt: null };
    return { ...payment, refunds: [...refunds, refund], refundsOwed: true };
  }
  const hasBounced = known.status === 'succeeded' && found.status === 'failed';
  const hasEnded = known.status === 'processing' && found.status !== 'pending';
  if (!hasBounced && !hasEnded) return payment;
  const reopened: Refund = { ...known, ...open, ...(hasBounced && { cameBack: true }) };
  return { ...payment, refunds: refunds.map((refund) => (refund === known ? reopened : refund)), refundsOwed: true };
}

/** The refunds of a payment, in the order of their requests. */
export const refundsOf = ({ refunds = [] }: Payment): readonly Refund[] => refunds;

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

/**
 * `refund.succeeded` or `refund.failed`, under an id derived from the refund. Its sequence is 2
 * only for the failure of a refund that had succeeded and bounced.
 */
export function refundEvent(payment: Payment, refund: Refund): MarqueeEvent<'refund.*'> {
  if (refund.status === 'processing') throw new Error(`the refund ${refund.id} has no outcome yet`);
  return newEvent({
    type: `refund.${refund.status}` as const,
    subject: refund.id,
    sequence: refund.cameBack && refund.status === 'failed' ? 2 : 1,
    time: refund.settledAt as Instant,
    customerId: payment.customerId,
    testClock: payment.testClock,
    data: refundResource(payment, refund),
  });
}
