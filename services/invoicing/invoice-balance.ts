import { sumOf } from '../shared/money.ts';
import type { Invoice } from './invoice.ts';

/**
 * Minor units that a payment brought beyond what was owed: an overpayment, which belongs to the
 * customer.
 */
export const overpaymentOf = ({ attempts }: Invoice, event: string): number =>
  attempts.find((attempt) => attempt.event === event)?.excess ?? 0;

/** Minor units of money that pay this invoice: everything received, less overpayments. */
export const moneyPaid = ({ amountPaid, attempts }: Invoice): number => amountPaid - sumOf(attempts.map(({ excess = 0 }) => excess));

/** Whether the account credit or offline payment with this id was applied. */
export const hasFunds = ({ settlements = [] }: Invoice, id: string): boolean => settlements.some((applied) => applied.id === id);

/** Minor units that were refunded and are due again. */
export const amountReopened = ({ refunds = [] }: Invoice): number => sumOf(refunds.map(({ amount, reopened }) => (reopened ? amount : 0)));

/** Minor units of money that were refunded, without refunds that bounced. */
export const amountRefunded = ({ refunds = [] }: Invoice): number => sumOf(refunds.map(({ amount }) => amount));

/** Minor units of account credit that were applied after the invoice was finalised. */
export const creditAppliedLater = ({ settlements = [] }: Invoice): number =>
  sumOf(settlements.map(({ kind, amount }) => (kind === 'credit' ? amount : 0)));

/** Minor units that are still unpaid. */
export const amountRemaining = (invoice: Invoice): number =>
  Math.max(0, invoice.amountDue - creditAppliedLater(invoice) - invoice.amountPaid + amountReopened(invoice));

/** Minor units that the bank has withdrawn, pending or permanently. */
export const amountDisputed = ({ disputes = [] }: Pick<Invoice, 'disputes'>): number =>
  sumOf(disputes.map(({ status, amount }) => (status === 'won' ? 0 : amount)));
