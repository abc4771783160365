import type { Money } from '../../shared/money.ts';
import type { Instant } from '../../shared/time.ts';

export const differenceKinds = [
  /** Money came, and the payment does not say so. */
  'charge-without-payment',
  /** The payment says that money came, and the gateway does not. */
  'payment-without-charge',
  'amount-differs',
  /** A payment that another charge has paid already. */
  'charged-twice',
  /** The gateway gave money back, and no payment says so. */
  'refund-without-record',
  /** A payment says that money went back, and the gateway does not. */
  'refund-without-money',
  'invoice-open-though-paid',
  'invoice-paid-without-payment',
  /** Paid, or asked for by its subscription, and not there. */
  'invoice-missing',
  /** No outcome for longer than a day. */
  'payment-stuck',
  /** The subscription still waits for a payment that has succeeded. */
  'subscription-unaware',
] as const;
export type DifferenceKind = (typeof differenceKinds)[number];

/** None of these charges what was charged before; each may be repeated. */
export type Repair = 'record-charge' | 'settle-payment' | 'tell-payment' | 'refund-charge' | 'record-refund' | 'refund-again' | 'ask-again';

/** What two ledgers disagree about. Amounts in minor units of `currency`, null where that side has nothing. `repair` null: a person decides. */
export type Difference = {
  readonly kind: DifferenceKind;
  readonly gateway: string | null;
  readonly intentId: string | null;
  /** Ours, or the gateway's where there is none of ours. */
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

/** What invoicing knows of an invoice. `paidByGateway`: minor units that came through payments; `told`: the outcomes it has heard. */
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

/** An invoice that a subscription asked for. */
export type RequestedInvoice = {
  readonly invoiceId: string;
  readonly subscriptionId: string;
  readonly customerId: string;
  readonly currency: string;
};

/** A gateway, and how it rounds. */
export type LedgerGateway = { readonly name: string; readonly counted: (money: Money) => number };
