import type { Instant, Period } from './time.ts';

/**
 * One published fact. `id` is `<subject>:<sequence>`, so a repeat is known by its id and a gap by its number.
 * `time` is domain time: the test clock's for what lives on one, else the system's.
 */
export type MarqueeEvent<Data = unknown> = {
  readonly id: string;
  /** `noun.past-verb`, for example `invoice.finalised`. */
  readonly type: string;
  readonly subject: string;
  readonly sequence: number;
  readonly time: Instant;
  /** Partition key: events of one customer stay in order where the broker has partitions. */
  readonly customerId: string;
  readonly testClock: string | null;
  readonly data: Data;
};

export const eventId = (subject: string, sequence: number): string => `${subject}:${sequence}`;

export const newEvent = <Data>(event: Omit<MarqueeEvent<Data>, 'id'>): MarqueeEvent<Data> => ({
  id: eventId(event.subject, event.sequence),
  ...event,
});

/** The event as a CloudEvent 1.0 in structured mode, its own attributes as lower-case extensions. */
export function toCloudEvent(event: MarqueeEvent, publishedAt: Instant, traceparent: string | undefined): Record<string, unknown> {
  return {
    specversion: '1.0',
    id: event.id,
    type: event.type,
    source: `/marquee/${event.type.slice(0, event.type.indexOf('.'))}`,
    subject: event.subject,
    time: event.time,
    datacontenttype: 'application/json',
    dataschema: `urn:marquee:events:${event.type}:1`,
    sequence: String(event.sequence),
    customerid: event.customerId,
    publishedat: publishedAt,
    ...(event.testClock !== null && { testclock: event.testClock }),
    ...(traceparent !== undefined && { traceparent }),
    data: event.data,
  };
}

/** The event inside a received CloudEvent, or undefined where it is none of ours (it can then never be handled). */
export function fromCloudEvent(envelope: unknown): MarqueeEvent | undefined {
  if (typeof envelope !== 'object' || envelope === null) return undefined;
  const { id, type, subject, sequence, time, customerid, testclock, data } = envelope as Record<string, unknown>;
  if (typeof id !== 'string' || typeof type !== 'string' || typeof subject !== 'string' || typeof time !== 'string') return undefined;
  return {
    id,
    type,
    subject,
    sequence: Number(sequence),
    time,
    customerId: typeof customerid === 'string' ? customerid : '',
    testClock: typeof testclock === 'string' ? testclock : null,
    data,
  };
}

/** `data` of `customer.created`, `customer.updated`, `customer.erased`. */
export type CustomerResource = {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly phone: string | null;
  readonly locale: string;
  readonly country: string;
  readonly currency: string;
  readonly timezone: string;
  readonly address: Readonly<Record<string, string>> | null;
  readonly vatId: string | null;
  readonly taxExempt: boolean;
  /** `consolidated`: renewals of one day bear one number and are charged once. Absent, as `separate`, where it was never said. */
  readonly invoiceGrouping?: 'separate' | 'consolidated';
  readonly birthYear: number | null;
  /** The operator's word for a kind of customer, which dunning policies may name. */
  readonly segment?: string | null;
  /** The app's word for who lives together, opaque: one trial for all of them. */
  readonly household?: string | null | undefined;
  readonly profiles: readonly unknown[];
  readonly preferences: CustomerPreferences;
  readonly testClock: string | null;
  readonly createdAt: Instant;
};
export type CustomerPreferences = { readonly email: boolean; readonly sms: boolean };

/** `data` of `customer.payment-method-added`, `customer.payment-method-removed`, `customer.payment-method-updated`, with the customer's methods after it. */
export type PaymentMethodsChanged = {
  readonly customerId: string;
  readonly country?: string;
  readonly paymentMethods: readonly PaymentMethodResource[];
};
export type PaymentMethodResource = {
  readonly id: string;
  readonly customerId: string;
  readonly gateway: 'simulated' | 'stripe';
  readonly type: 'card' | 'apple_pay' | 'google_pay' | 'paypal' | 'sepa_debit' | 'link';
  readonly token: string;
  /** What the gateway tells of it, null where it tells nothing; a debit has no expiry. */
  readonly card: MethodDetails | null;
  readonly default: boolean;
  readonly createdAt: Instant;
};
export type MethodDetails = {
  readonly brand: string;
  readonly last4: string;
  readonly expMonth: number | null;
  readonly expYear: number | null;
  /** Equal for the same card, whatever its token. */
  readonly fingerprint: string | null;
  /** Of the issuer, where the gateway tells. */
  readonly country?: string | null;
};

export type InvoiceStatus = 'draft' | 'open' | 'paid' | 'void' | 'uncollectible' | 'refunded' | 'partially-refunded';

export type InvoiceLineResource = {
  readonly kind: 'recurring' | 'credit' | 'discount' | 'one-off' | 'add-on';
  readonly description: string;
  readonly amount: number;
  /** Its share of the invoice's discounts, never negative. */
  readonly discount: number;
  readonly quantity: number;
  readonly period: Period | null;
  /** A decimal such as `0.19`, and the EN 16931 category (UNCL5305). */
  readonly taxRate: string;
  readonly taxCategory: string;
  readonly tax: number;
};

/** The tax of one rate over the invoice. */
export type InvoiceTaxResource = {
  readonly category: string;
  readonly rate: string;
  readonly taxable: number;
  readonly tax: number;
  readonly reason: string | null;
  readonly note: string | null;
  readonly name: string;
  readonly jurisdiction: string;
};

/** `data` of `invoice.finalised`, `invoice.paid`, `invoice.voided`, `invoice.marked-uncollectible`: api.md, Invoices. Amounts in minor units of `currency`. */
export type InvoiceResource = {
  readonly id: string;
  readonly number: string;
  readonly status: InvoiceStatus;
  readonly customerId: string;
  readonly subscriptionId: string;
  readonly issuedAt: Instant;
  readonly dueAt: Instant;
  readonly period: Period;
  readonly lines: readonly InvoiceLineResource[];
  readonly subtotal: number;
  readonly discount: number;
  readonly tax: number;
  readonly taxes: readonly InvoiceTaxResource[];
  readonly total: number;
  readonly creditApplied: number;
  readonly amountDue: number;
  readonly amountPaid: number;
  readonly currency: string;
  readonly attempts: readonly PaymentAttempt[];
  /** What paid it beside its payment: account credit, or money that came by hand. */
  readonly settlements?: readonly SettlementResource[];
  /** Refunds that left so much due again. */
  readonly reopened?: readonly { readonly refundId: string; readonly amount: number }[];
  /** What its void gave back, as account credit and as money; null while it is not void. */
  readonly givenBack?: { readonly credit: number; readonly refund: number } | null;
  readonly testClock: string | null;
  /** In `invoice.finalised` of one that shares its number and its charge with others. */
  readonly consolidation?: Consolidation;
};
export type SettlementResource = {
  readonly id: string;
  readonly kind: 'credit' | 'manual';
  readonly amount: number;
  readonly at: Instant;
  readonly receipt: {
    readonly method: string;
    readonly reference: string;
    readonly proof: string | null;
    readonly receivedAt: Instant;
  } | null;
};
/** Invoices of one customer and day that are one document: one number, one charge. `amountDue` is each one's as it was finalised. */
export type Consolidation = { readonly id: string; readonly number: string; readonly members: readonly ConsolidatedInvoice[] };
export type ConsolidatedInvoice = { readonly invoiceId: string; readonly subscriptionId: string; readonly amountDue: number };
export type PaymentAttempt = {
  readonly at: Instant;
  readonly outcome: 'succeeded' | 'declined' | 'action-required';
  readonly declineCode: string | null;
};

export type DeclineCategory = 'soft' | 'hard' | 'expired-card' | 'action-required' | 'no-payment-method';

/** `data` of `payment.succeeded`, `payment.declined`, `payment.action-required`. `sequence` of the event = `attempt` outcome number. */
export type PaymentResource = {
  readonly id: string;
  readonly invoiceId: string;
  readonly subscriptionId: string;
  readonly customerId: string;
  readonly amount: number;
  readonly currency: string;
  readonly status: 'processing' | 'succeeded' | 'declined' | 'action-required' | 'cancelled';
  /** Counts from 1 and is the one the outcome belongs to. */
  readonly attempt: number;
  readonly category: DeclineCategory | null;
  readonly declineCode: string | null;
  readonly gateway: string;
  readonly createdAt: Instant;
  readonly settledAt: Instant | null;
  readonly testClock: string | null;
};

/** `data` of `refund.succeeded`, `refund.failed`: money of a payment that went back, or could not. */
export type RefundResource = {
  readonly id: string;
  readonly paymentId: string;
  readonly invoiceId: string;
  readonly subscriptionId: string;
  readonly customerId: string;
  /** Minor units. */
  readonly amount: number;
  readonly currency: string;
  readonly to: 'method' | 'credit';
  readonly status: 'processing' | 'succeeded' | 'failed';
  readonly reason: string;
  /** `gateway`: somebody asked for it at the gateway itself. */
  readonly origin?: 'marquee' | 'gateway';
  /** What went back is due again: its invoice is open. */
  readonly reopen?: boolean;
  readonly creditNoteId: string | null;
  readonly failureCode: string | null;
  readonly createdAt: Instant;
  readonly settledAt: Instant | null;
  readonly testClock: string | null;
};
