import type { SettlementResource } from '../shared/contracts/invoice-resource.ts';
import type { MarqueeEvent } from '../shared/events.ts';
import { paymentIdOf } from '../shared/ids.ts';
import type { Instant } from '../shared/time.ts';
import { type ChargeableMethod, manualGateway, type Payment } from './payment.ts';

/** Initial fields of a payment that has not been sent to a gateway. */
export const unattempted = {
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

/**
 * The payment of an invoice that was just finalised. `methods` null: query the account service
 * before charging.
 */
export function newPayment(event: MarqueeEvent<'invoice.*'>, methods: readonly ChargeableMethod[] | null, now: Instant): Payment {
  const { id, subscriptionId, customerId, amountDue, currency } = event.data;
  return {
    ...unattempted,
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
    lastSentAt: methods?.length ? now : null,
    gateway: methods?.[0]?.gateway ?? 'simulated',
    createdAt: event.time,
    testClock: event.testClock,
  };
}

/** An offline payment. Its invoice counts it already, so it has no event. */
export function manualPayment(event: MarqueeEvent<'invoice.*'>, { id, amount, at }: SettlementResource): Payment {
  const payment = newPayment(event, [], at);
  return { ...payment, gateway: manualGateway, _id: id, amount, status: 'succeeded', sequence: 1, createdAt: at, settledAt: at };
}
