import type { InvoiceResource } from '../../../shared/contracts/invoice-resource.ts';
import { type MarqueeEvent, newEvent } from '../../../shared/events.ts';
import { paymentIdOf } from '../../../shared/ids.ts';
import { sumOf } from '../../../shared/money.ts';
import type { Instant } from '../../../shared/time.ts';
import { type AttemptOutcome, type ChargeableMethod, newPayment, type Payment } from '../../payment.ts';
import { authenticated, pending, settled } from '../payment-transitions.ts';

/**
 * One charge for the invoices of a consolidation, each of which has its own payment. What is charged is decided once, before the gateway is
 * called, so that the call can be made again with the same key and parameters.
 */
export type JointPayment = {
  readonly _id: string;
  /** The reference at the gateway, and what its keys begin with. */
  readonly consolidationId: string;
  readonly customerId: string;
  readonly payments: readonly string[];
  /** The payments that are charged, what they come to, and through what; null, 0 and null until it is decided. */
  readonly charged: readonly string[] | null;
  readonly amount: number;
  readonly methods: readonly ChargeableMethod[] | null;
  readonly attemptAt: Instant;
};

type Finalised = MarqueeEvent<InvoiceResource>;

const payableOf = ({ data: { consolidation } }: Finalised) => (consolidation?.members ?? []).filter(({ amountDue }) => amountDue > 0);

/** True for an invoice that is charged together with others: there is something to charge of at least one more. */
export const isJoint = (event: Finalised): boolean => payableOf(event).length > 1;

/** The joint payment, and the payment of each invoice in it: any invoice's event tells of all. */
export function newJointPayment(event: Finalised, methods: readonly ChargeableMethod[] | null, now: Instant) {
  const consolidationId = event.data.consolidation?.id ?? '';
  const _id = paymentIdOf(consolidationId);
  const payments = payableOf(event).map(({ invoiceId, subscriptionId, amountDue }): Payment => {
    const data = { ...event.data, id: invoiceId, subscriptionId, amountDue };
    return { ...newPayment(newEvent({ ...event, subject: invoiceId, data }), methods, now), jointId: _id };
  });
  const joint: JointPayment = {
    ...{ _id, consolidationId, customerId: event.customerId, payments: payments.map((payment) => payment._id) },
    ...{ charged: null, amount: 0, methods, attemptAt: event.time },
  };
  return { joint, payments };
}

/** Those that are charged: who was closed meanwhile, or is paid for already, is left out. */
export const chargedOf = ({ _id }: JointPayment, payments: readonly Payment[]): readonly Payment[] =>
  payments.filter(({ jointId, status, cancelAsked }) => jointId === _id && status === 'processing' && !cancelAsked);

/** The charge of all as if it were that of one, for the gateway. */
export const jointAttempt = (joint: JointPayment, payment: Payment): Payment => ({
  ...payment,
  invoiceId: joint.consolidationId,
  amount: joint.amount,
  methods: joint.methods,
  attempt: 1,
  ...(payment.step === 'charge' && { intentId: null, attemptAt: joint.attemptAt }),
});

/** Parts of one charge with the amount of all; so many sum up to it. */
export const amountOf = (payments: readonly Payment[]): number => sumOf(payments.map(({ amount }) => amount));

/** Whether a payment is still to be told an outcome. Money also reaches those that were given up, or that were about to go their own way. */
export const awaits = ({ status, step, attempt }: Payment, outcome: AttemptOutcome): boolean =>
  outcome.kind === 'succeeded' ? status !== 'succeeded' : status === 'processing' && step !== 'pending' && attempt === 1;

/**
 * A payment after the joint outcome. Declined, it is tried again alone, by an intent of its own; while a bank has it, each looks it up for
 * itself.
 */
export function settledTogether(payment: Payment, outcome: AttemptOutcome, at: Instant, systemNow: Instant): Payment {
  if (outcome.kind === 'pending') return pending(payment, outcome, at, systemNow);
  const after = { ...settled(payment, outcome, at), cancelOwed: false };
  return outcome.kind === 'declined' ? { ...after, intentId: null, jointId: null } : after;
}

/**
 * Another payment of the joint one whose customer has authenticated, so that it goes on with `confirmed`. One that a crash kept from being
 * marked as waiting was told before: all are told before any is written.
 */
export function goingOnWith(confirmed: Payment, payment: Payment): Payment {
  const { gateway, intentId, clientSecret, attemptAt, processingSince } = confirmed;
  const outcome = { kind: 'action-required', gateway, intentId: intentId ?? '', clientSecret: clientSecret ?? '' } as const;
  const waiting = payment.status === 'processing' ? settled(payment, outcome, attemptAt) : payment;
  return authenticated(waiting, attemptAt, processingSince);
}
