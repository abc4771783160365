import type { MarqueeEvent } from '../../../shared/events.ts';
import { paymentIdOf } from '../../../shared/ids.ts';
import { sumOf } from '../../../shared/money.ts';
import type { Instant } from '../../../shared/time.ts';
import { newPayment } from '../../new-payment.ts';
import type { AttemptOutcome, ChargeableMethod, Payment } from '../../payment.ts';
import { afterOutcome, authenticated, settled } from '../payment-transitions.ts';

/**
 * One charge for the invoices of a consolidation, each of which has its own payment. The charge is
 * decided once, before the gateway is called, so that the call can be repeated with the same key
 * and parameters.
 */
export type ConsolidatedPayment = {
  readonly _id: string;
  /** The reference at the gateway, and the start of its keys. */
  readonly consolidationId: string;
  readonly customerId: string;
  readonly payments: readonly string[];
  /** The payments that are charged; null until the charge is decided. */
  readonly charged: readonly string[] | null;
  /** Minor units of all charged payments; 0 until the charge is decided. */
  readonly amount: number;
  /** In the order they are tried; null until they are known. */
  readonly methods: readonly ChargeableMethod[] | null;
  readonly attemptAt: Instant;
  /** As in a payment of its own. */
  readonly refusals?: NonNullable<Payment['refusals']>;
};

type Finalised = MarqueeEvent<'invoice.finalised'>;

const payableOf = ({ data: { consolidation } }: Finalised) => (consolidation?.members ?? []).filter(({ amountDue }) => amountDue > 0);

/** True for an invoice that is charged together with at least one more of its consolidation. */
export const isConsolidated = (event: Finalised): boolean => payableOf(event).length > 1;

/**
 * The consolidated payment, and the payment of each invoice in it, from the event of any of them.
 */
export function newConsolidatedPayment(event: Finalised, methods: readonly ChargeableMethod[] | null, now: Instant) {
  const consolidationId = event.data.consolidation?.id ?? '';
  const _id = paymentIdOf(consolidationId);
  const payments = payableOf(event).map(({ invoiceId, subscriptionId, amountDue }): Payment => {
    const data = { ...event.data, id: invoiceId, subscriptionId, amountDue };
    return { ...newPayment({ ...event, data }, methods, now), jointId: _id };
  });
  const consolidated: ConsolidatedPayment = {
    ...{ _id, consolidationId, customerId: event.customerId, payments: payments.map((payment) => payment._id) },
    ...{ charged: null, amount: 0, methods, attemptAt: event.time },
  };
  return { consolidated, payments };
}

/** The payments that are charged: those that are closed or paid already are left out. */
export const chargedMembers = ({ _id }: ConsolidatedPayment, payments: readonly Payment[]): readonly Payment[] =>
  payments.filter(({ jointId, status, cancelAsked }) => jointId === _id && status === 'processing' && !cancelAsked);

/** The charge of all payments as if it were that of one, for the gateway. */
export const consolidatedAttempt = (consolidated: ConsolidatedPayment, payment: Payment): Payment => ({
  ...payment,
  invoiceId: consolidated.consolidationId,
  amount: consolidated.amount,
  methods: consolidated.methods,
  refusals: consolidated.refusals ?? [],
  attempt: 1,
  ...(payment.step === 'charge' && { intentId: null, attemptAt: consolidated.attemptAt }),
});

/** Minor units of several payments together. */
export const totalOf = (payments: readonly Payment[]): number => sumOf(payments.map(({ amount }) => amount));

/**
 * True for a payment that the outcome applies to. A success also applies to payments that were
 * cancelled, or that were about to be charged alone.
 */
export const awaits = ({ status, step, attempt }: Payment, outcome: AttemptOutcome): boolean =>
  outcome.kind === 'succeeded' ? status !== 'succeeded' : status === 'processing' && step !== 'pending' && attempt === 1;

/**
 * A payment after the outcome of its consolidated charge. After a decline it is retried alone, with
 * an intent of its own.
 */
export function settledMember(payment: Payment, outcome: AttemptOutcome, at: Instant, systemNow: Instant): Payment {
  const after = { ...afterOutcome(payment, outcome, at, systemNow), ...(outcome.kind !== 'pending' && { cancelOwed: false }) };
  return outcome.kind === 'declined' ? { ...after, intentId: null, jointId: null } : after;
}

/**
 * A payment after the outcome that is fixed on it: of a consolidated charge, or of its own. Throws
 * where none is fixed.
 */
export function afterDecided(payment: Payment, systemNow: Instant): Payment {
  const { jointId, step, decided, _id } = payment;
  if (!decided) throw new Error(`the payment ${_id} has no outcome yet`);
  const after = jointId && step !== 'pending' ? settledMember : afterOutcome;
  return after({ ...payment, amount: decided.amount ?? payment.amount }, decided.outcome, decided.at, systemNow);
}

/**
 * Another payment of a consolidated charge that the customer has authenticated, so that it
 * continues with `confirmed`. One that a crash kept from being marked as waiting counts as
 * published: the events of all payments are published before any document is written.
 */
export function continuedWith(confirmed: Payment, payment: Payment): Payment {
  const { gateway, intentId, clientSecret, attemptAt, processingSince } = confirmed;
  const outcome = { kind: 'action-required', gateway, intentId: intentId ?? '', clientSecret: clientSecret ?? '' } as const;
  const waiting = payment.status === 'processing' ? settled(payment, outcome, attemptAt) : payment;
  return authenticated(waiting, attemptAt, processingSince);
}
