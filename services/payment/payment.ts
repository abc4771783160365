import type { DisputeStatus } from '../shared/contracts/dispute-resource.ts';
import type { InvoiceResource, SettlementResource } from '../shared/contracts/invoice-resource.ts';
import type { DeclineCategory, PaymentResource, RefundResource } from '../shared/contracts/payment-resource.ts';
import { eventId, type MarqueeEvent, newEvent } from '../shared/events.ts';
import { paymentIdOf } from '../shared/ids.ts';
import type { Money } from '../shared/money.ts';
import type { Instant } from '../shared/time.ts';

export type ChargeableMethod = { readonly id: string; readonly token: string; readonly gateway: string };

/** An intent that is not to be paid any more. `intentId` null: the gateway was never asked for it. */
export type SupersededIntent = { readonly intentId: string | null; readonly amount: number; readonly gateway: string };

/**
 * How an attempt ended, or that its end will be told in days (`pending`). `intentId` is null where no gateway has an intent that can be
 * tried again; `gateway` is where it lives.
 */
export type AttemptOutcome = { readonly gateway: string } & (
  | { readonly kind: 'succeeded' | 'pending'; readonly intentId: string; readonly paymentMethodId: string | null }
  | { readonly kind: 'declined'; readonly intentId: string | null; readonly category: DeclineCategory; readonly code: string | null }
  | { readonly kind: 'action-required'; readonly intentId: string; readonly clientSecret: string }
);

/**
 * The one payment of an invoice. Recorded before the gateway is called, with everything the call needs (`methods`, `attemptAt`), so that
 * it can be made again with the same key and parameters after any crash.
 */
export type Payment = {
  readonly _id: string;
  readonly invoiceId: string;
  readonly subscriptionId: string;
  readonly customerId: string;
  readonly amount: number;
  readonly currency: string;
  readonly status: PaymentResource['status'];
  readonly attempt: number;
  /** Outcomes so far; also the sequence of the latest one's event. */
  readonly sequence: number;
  /** What `processing` is about: charging, going on after the customer's authentication, or waiting for a bank that takes days. */
  readonly step: 'charge' | 'authentication' | 'pending';
  /** In the order they are tried, frozen for the attempt; null until the account service has been asked. */
  readonly methods: readonly ChargeableMethod[] | null;
  /** Domain time of the attempt. */
  readonly attemptAt: Instant;
  /** System time since which an answer is missing. */
  readonly processingSince: Instant;
  /** Domain time since which the bank has it. */
  readonly pendingSince: Instant | null;
  /** System time before which nobody looks again; null: soon. */
  readonly lookAt: Instant | null;
  /** Where the intent lives. */
  readonly gateway: PaymentResource['gateway'];
  /** Charged together with others, by this joint payment; absent once it goes its own way. */
  readonly jointId?: string | null;
  readonly intentId: string | null;
  readonly clientSecret: string | null;
  readonly paymentMethodId: string | null;
  readonly category: DeclineCategory | null;
  readonly declineCode: string | null;
  /** The invoice was closed while an answer was missing: an attempt that fails is the last. */
  readonly cancelAsked: boolean;
  /** Cancelled here, and not known to be cancelled at the gateway. */
  readonly cancelOwed: boolean;
  readonly createdAt: Instant;
  readonly settledAt: Instant | null;
  readonly testClock: string | null;
  /** Intents that asked for another amount, in order. Each is ended at the gateway before another one is made. */
  readonly superseded?: readonly SupersededIntent[];
  readonly refunds?: readonly Refund[];
  /** Some refund is not known to be settled and told. */
  readonly refundsOwed?: boolean;
  readonly disputes?: readonly Dispute[];
  /** Counts writes of refunds and disputes; each is a compare-and-set on it. */
  readonly refundRevision?: number;
};

/** What is so of a payment that no gateway has heard of. */
export const untried = {
  status: 'processing',
  sequence: 0,
  step: 'charge',
  pendingSince: null,
  lookAt: null,
  intentId: null,
  clientSecret: null,
  paymentMethodId: null,
  category: null,
  declineCode: null,
  cancelAsked: false,
  cancelOwed: false,
  settledAt: null,
} as const satisfies Partial<Payment>;

/** The payment of an invoice that was just finalised. `methods` null: not known here, ask before charging. */
export function newPayment(event: MarqueeEvent<InvoiceResource>, methods: readonly ChargeableMethod[] | null, now: Instant): Payment {
  const { id, subscriptionId, customerId, amountDue, currency } = event.data;
  return {
    ...untried,
    _id: paymentIdOf(id),
    invoiceId: id,
    subscriptionId,
    customerId,
    amount: amountDue,
    currency,
    attempt: 1,
    methods,
    attemptAt: event.time,
    processingSince: now,
    gateway: methods?.[0]?.gateway ?? 'simulated',
    createdAt: event.time,
    testClock: event.testClock,
  };
}

/** The gateway of money that somebody saw arrive. What goes back of it is paid out by hand, and only recorded here. */
export const manualGateway = 'manual';

/** Money that came beside the gateways, as the payment it is. Its invoice counts it already, so nothing is told. */
export function manualPayment(event: MarqueeEvent<InvoiceResource>, { id, amount, at }: SettlementResource): Payment {
  const payment = newPayment(event, [], at);
  return { ...payment, gateway: manualGateway, _id: id, amount, status: 'succeeded', sequence: 1, createdAt: at, settledAt: at };
}

export const paymentResource = (payment: Payment): PaymentResource => ({
  id: payment._id,
  invoiceId: payment.invoiceId,
  subscriptionId: payment.subscriptionId,
  customerId: payment.customerId,
  amount: payment.amount,
  currency: payment.currency,
  status: payment.status,
  attempt: payment.attempt,
  category: payment.category,
  declineCode: payment.declineCode,
  gateway: payment.gateway,
  createdAt: payment.createdAt,
  settledAt: payment.settledAt,
  testClock: payment.testClock,
});

/** `payment.succeeded`, `payment.declined`, `payment.action-required`, or `payment.processing` once a bank has it for days; under a derived id, so that a repeat is harmless. */
export const outcomeEvent = (payment: Payment): MarqueeEvent<PaymentResource> =>
  newEvent({
    type: `payment.${payment.status}`,
    subject: payment._id,
    sequence: payment.sequence,
    time: payment.settledAt ?? (payment.pendingSince as Instant),
    customerId: payment.customerId,
    testClock: payment.testClock,
    data: paymentResource(payment),
  });

/** The event that tells of the outcome under way. */
export const promisedEventId = ({ _id, sequence }: Payment): string => eventId(_id, sequence + 1);

/**
 * Money of a successful payment that goes back: to the method it came from, or to account credit. Kept in its payment, so that all refunds
 * of one are counted in one write, and recorded before the gateway is asked.
 */
export type Refund = {
  readonly id: string;
  readonly amount: number;
  readonly to: RefundResource['to'];
  readonly reason: string;
  /** Said where somebody asked the gateway itself for it. */
  readonly origin?: 'gateway';
  /** It had succeeded and was told; then the bank sent the money back. */
  readonly cameBack?: true;
  /** The credit note that asked for it; null for a refund without one. */
  readonly creditNoteId: string | null;
  readonly reopen?: boolean;
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

/** A customer had the bank take a payment back, or part of it. Kept in its payment, so that it is counted in one write with the refunds. */
export type Dispute = {
  readonly id: string;
  readonly gatewayDisputeId: string;
  /** Minor units of this payment. */
  readonly amount: number;
  readonly reason: string;
  readonly status: DisputeStatus;
  readonly fee: Money | null;
  readonly evidenceDueBy: Instant | null;
  readonly openedAt: Instant;
  readonly settledAt: Instant | null;
  /** Sequence of the latest event that is known to be out. */
  readonly told: number;
};
