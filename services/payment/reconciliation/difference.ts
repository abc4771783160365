import type { Money } from '../../shared/money.ts';
import type { Instant } from '../../shared/time.ts';

export const differenceKinds = [
  /** The gateway has a charge that the payment does not record. */
  'charge-without-payment',
  /** The payment records a charge that the gateway does not have. */
  'payment-without-charge',
  'amount-differs',
  /** A second charge of a payment that another charge has paid. */
  'charged-twice',
  /** The gateway has a refund that no payment records. */
  'refund-without-record',
  /** A payment records a refund that the gateway does not have. */
  'refund-without-money',
  'invoice-open-though-paid',
  'invoice-paid-without-payment',
  /** An invoice that is paid, or was requested by its subscription, and does not exist. */
  'invoice-missing',
  /** A payment without an outcome for longer than a day. */
  'payment-stuck',
  /** The subscription still waits for a payment that has succeeded. */
  'subscription-unaware',
] as const;
export type DifferenceKind = (typeof differenceKinds)[number];

export const repairKinds = [
  'record-charge',
  'settle-payment',
  'tell-payment',
  'refund-charge',
  'record-refund',
  'refund-again',
  'ask-again',
] as const;
/** A repair never charges again, and each may be repeated. */
export type Repair = (typeof repairKinds)[number];

/**
 * A difference between two ledgers. Amounts are minor units of `currency`, null where that side has
 * no record. `repair` null: an operator decides.
 */
export type Difference = {
  readonly kind: DifferenceKind;
  readonly gateway: string | null;
  readonly intentId: string | null;
  /** Our refund id, or the gateway's if there is none of ours. */
  readonly refundId: string | null;
  readonly paymentId: string | null;
  readonly invoiceId: string | null;
  readonly subscriptionId: string | null;
  readonly customerId: string | null;
  readonly currency: string;
  readonly gatewayAmount: number | null;
  readonly paymentAmount: number | null;
  readonly invoiceAmount: number | null;
  readonly at: Instant | null;
  readonly repair: Repair | null;
};

/**
 * An invoice as invoicing knows it. `paidByGateway`: minor units paid through payments; `told`: the
 * outcomes of its payment that it has received.
 */
export type InvoiceFacts = {
  readonly id: string;
  readonly status: string;
  readonly customerId: string;
  readonly subscriptionId: string;
  readonly currency: string;
  readonly amountDue: number;
  readonly paidByGateway: number;
  readonly issuedAt: Instant;
  readonly testClock: string | null;
  readonly told: readonly { readonly sequence: number; readonly outcome: string }[];
};

/** An invoice that a subscription requested. */
export type RequestedInvoice = {
  readonly invoiceId: string;
  readonly subscriptionId: string;
  readonly customerId: string;
  readonly currency: string;
};

/** A gateway by its name and its rounding. */
export type LedgerGateway = { readonly name: string; readonly counted: (money: Money) => number };
