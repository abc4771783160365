import type { Money } from '../../shared/money.ts';
import type { Instant } from '../../shared/time.ts';

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
