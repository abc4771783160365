import type { CustomerResource, PaymentMethodResource } from '../../services/shared/contracts/customer-resource.ts';
import type { Discount } from '../../services/shared/contracts/invoice-request.ts';
import type { InvoiceResource } from '../../services/shared/contracts/invoice-resource.ts';
import type { PaymentResource, RefundResource } from '../../services/shared/contracts/payment-resource.ts';
import type { MarqueeEvent } from '../../services/shared/events.ts';
import { newEvent } from '../../services/shared/events.ts';
import { invoiceIdOf, paymentIdOf } from '../../services/shared/ids.ts';
import { noon } from './noon.ts';
import { partialEvent } from './partial-event.ts';

export { noon };
export const january = { start: '2026-01-31T12:00:00.000Z', end: '2026-02-28T12:00:00.000Z' };

/** `customer.created`; with a sequence above 1 `customer.updated`. */
export function customerCreated(
  id = 'cus_1',
  changes: Partial<CustomerResource> = {},
  sequence = 1,
): MarqueeEvent<'customer.created' | 'customer.updated'> {
  const data: CustomerResource = {
    id,
    email: `${id}@example.com`,
    name: 'Ada Example',
    phone: null,
    locale: 'de-DE',
    country: 'DE',
    currency: 'EUR',
    timezone: 'Europe/Berlin',
    address: { city: 'Berlin' },
    vatId: null,
    taxExempt: false,
    birthYear: null,
    profiles: [],
    preferences: { email: true, sms: false },
    testClock: null,
    createdAt: noon,
    erasedAt: null,
    ...changes,
  };
  const about = { subject: id, sequence, time: noon, customerId: id, testClock: null };
  return sequence === 1
    ? newEvent({ type: 'customer.created', ...about, data })
    : newEvent({ type: 'customer.updated', ...about, data: { ...data, previous: {} } });
}

/** `customer.erased`, after which these fields are as given. */
export const customerErased = (id: string, changes: Partial<CustomerResource>, sequence: number): MarqueeEvent<'customer.erased'> => {
  const { data, ...event } = customerCreated(id, changes, sequence);
  return { ...event, type: 'customer.erased', data: { ...data, erased: Object.keys(changes) } };
};

export type Line = {
  readonly amount: number;
  readonly kind?: 'recurring' | 'credit';
  readonly discount?: number;
  readonly name?: Record<string, string>;
};

const lineOf = ({
  amount,
  discount = 0,
  kind = amount < 0 ? 'credit' : 'recurring',
  name = { en: 'Premium', de: 'Premium auf Deutsch' },
}: Line) => ({
  kind,
  planId: 'plan_premium',
  planVersion: 1,
  name,
  quantity: 1,
  amount,
  discount,
  period: january,
  explanation: { rule: 'full-period', unit: 'day', numerator: 28, denominator: 28, base: amount } as const,
});

export type RenewalRequest = {
  readonly cause?: number | string;
  readonly lines?: readonly Line[];
  readonly discounts?: readonly Discount[];
  readonly subscriptionId?: string;
  readonly customerId?: string;
  readonly currency?: string;
  readonly time?: string;
  readonly testClock?: string | null;
};

/** `subscription.renewal-due` of period `cause`, which requests an invoice. */
export function renewalDue({
  cause = 1,
  lines = [{ amount: 1799 }],
  discounts = [],
  subscriptionId = 'sub_1',
  customerId = 'cus_1',
  currency = 'EUR',
  time = noon,
  testClock = null,
}: RenewalRequest = {}): MarqueeEvent<'subscription.renewal-due'> {
  const invoiceId = invoiceIdOf(subscriptionId, cause);
  const invoice = {
    invoiceId,
    cause: 'renewal' as const,
    currency,
    taxBehaviour: 'inclusive' as const,
    period: january,
    lines: lines.map(lineOf),
    discounts,
    chargeIds: [],
  };
  const data = { subscription: { id: subscriptionId, customerId }, previous: {}, period: january, invoice };
  return partialEvent({
    type: 'subscription.renewal-due',
    subject: subscriptionId,
    sequence: Number(cause) || 99,
    time,
    customerId,
    testClock,
    data,
  });
}

/** `subscription.ended` that closes invoices. */
export const subscriptionEnded = (
  invoiceId: string,
  as: 'void' | 'uncollectible',
  subscriptionId = 'sub_1',
): MarqueeEvent<'subscription.ended'> =>
  partialEvent({
    type: 'subscription.ended',
    subject: subscriptionId,
    sequence: 200,
    time: noon,
    customerId: 'cus_1',
    testClock: null,
    data: {
      subscription: { id: subscriptionId, customerId: 'cus_1' },
      previous: {},
      invoice: null,
      refunds: [],
      closes: [{ invoiceId, as }],
    },
  });

/** The outcome of a payment: `succeeded`, `declined` or `action-required`. */
export function paymentSettled(
  invoiceId: string,
  outcome: 'succeeded' | 'declined' | 'action-required',
  { attempt = 1, sequence, amount = 1799, time = noon }: { attempt?: number; sequence?: number; amount?: number; time?: string } = {},
): MarqueeEvent<'payment.succeeded' | 'payment.declined' | 'payment.action-required'> {
  const declined = outcome === 'declined';
  const data: PaymentResource = {
    id: paymentIdOf(invoiceId),
    invoiceId,
    subscriptionId: 'sub_1',
    customerId: 'cus_1',
    amount,
    currency: 'EUR',
    status: outcome,
    attempt,
    category: declined ? 'soft' : null,
    declineCode: declined ? 'insufficient_funds' : null,
    gateway: 'simulated',
    createdAt: noon,
    settledAt: time,
    testClock: null,
  };
  return newEvent({
    type: `payment.${outcome}` as const,
    subject: data.id,
    sequence: sequence ?? attempt,
    time,
    customerId: 'cus_1',
    testClock: null,
    data,
  });
}

/** `invoice.finalised`, open with an amount due unless changed. */
export function invoiceFinalised(changes: Partial<InvoiceResource> = {}): MarqueeEvent<'invoice.finalised'> {
  const amount = changes.amountDue ?? 1799;
  const data: InvoiceResource = {
    id: 'inv_sub_1_1',
    number: 'MQ-2026-000001',
    status: 'open',
    customerId: 'cus_1',
    subscriptionId: 'sub_1',
    issuedAt: noon,
    dueAt: noon,
    period: january,
    lines: [],
    subtotal: amount,
    discount: 0,
    tax: 0,
    taxes: [],
    total: amount,
    creditApplied: 0,
    creditGranted: 0,
    amountDue: amount,
    amountPaid: 0,
    currency: 'EUR',
    ...{ credited: 0, amountRefunded: 0, amountDisputed: 0, amountRemaining: amount },
    ...{ settlements: [], givenBack: null, reopened: [] },
    attempts: [],
    testClock: null,
    consolidationId: null,
    ...changes,
  };
  return newEvent({
    type: 'invoice.finalised',
    subject: data.id,
    sequence: 1,
    time: data.issuedAt,
    customerId: data.customerId,
    testClock: data.testClock,
    data,
  });
}

/** The invoice of `invoiceFinalised`, closed without having been paid. */
export const invoiceClosed = (type: 'invoice.voided' | 'invoice.marked-uncollectible'): MarqueeEvent<'invoice.*'> => ({
  ...invoiceFinalised({ status: type === 'invoice.voided' ? 'void' : 'uncollectible' }),
  id: 'inv_sub_1_1:2',
  sequence: 2,
  type,
});

/** `customer.payment-method-added` after which the customer has these tokens, the default first. */
export const paymentMethods = (
  tokens: readonly string[],
  sequence = 2,
  customerId = 'cus_1',
): MarqueeEvent<'customer.payment-method-added'> =>
  newEvent({
    type: 'customer.payment-method-added',
    subject: customerId,
    sequence,
    time: noon,
    customerId,
    testClock: null,
    data: {
      customerId,
      paymentMethods: tokens.map(
        (token, index): PaymentMethodResource => ({
          id: `pm_${sequence}_${index}`,
          customerId,
          gateway: 'simulated',
          type: 'card',
          token,
          card: null,
          default: index === 0,
          createdAt: noon,
        }),
      ),
    },
  });

/** A successful refund of the payment of the renewal, unless changed. */
export const refundSettled = (changes: Partial<RefundResource> = {}): MarqueeEvent<'refund.*'> => {
  const { id = 'ref_1' } = changes;
  const status = changes.status === 'failed' ? 'failed' : 'succeeded';
  const data: RefundResource = {
    ...{ id, paymentId: 'pay_inv_sub_1_1', invoiceId: 'inv_sub_1_1', subscriptionId: 'sub_1', customerId: 'cus_1' },
    ...{ amount: 1799, currency: 'EUR', to: 'method', status, reason: 'sorry', origin: 'marquee', creditNoteId: null, failureCode: null },
    ...{ createdAt: noon, settledAt: noon, testClock: null },
    ...changes,
  };
  return newEvent({ type: `refund.${status}` as const, subject: id, sequence: 1, time: noon, customerId: 'cus_1', testClock: null, data });
};
