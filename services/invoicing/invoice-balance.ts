import type { Invoice } from './invoice.ts';

/** Minor units that a payment brought though nobody owed them any more: they belong to the customer. */
export const overpaymentOf = ({ attempts }: Invoice, event: string): number =>
  attempts.find((attempt) => attempt.event === event)?.excess ?? 0;

/** Minor units of money that pay this invoice: what came, less what came in excess. */
export const moneyPaid = ({ amountPaid, attempts }: Invoice): number =>
  amountPaid - attempts.reduce((sum, { excess = 0 }) => sum + excess, 0);

export const hasFunds = ({ settlements = [] }: Invoice, id: string): boolean => settlements.some((settlement) => settlement.id === id);

/** Minor units that went back and are due again. */
export const amountReopened = ({ refunds = [] }: Invoice): number =>
  refunds.reduce((sum, { amount, reopened }) => (reopened ? sum + amount : sum), 0);

/** Minor units of money that went back and stayed away. */
export const amountRefunded = ({ refunds = [] }: Invoice): number => refunds.reduce((sum, { amount }) => sum + amount, 0);

/** Minor units of account credit that paid the invoice after it was finalised. */
export const creditAppliedLater = ({ settlements = [] }: Invoice): number =>
  settlements.reduce((sum, { kind, amount }) => (kind === 'credit' ? sum + amount : sum), 0);

/** Minor units that nobody has paid yet. */
export const amountRemaining = (invoice: Invoice): number =>
  Math.max(0, invoice.amountDue - creditAppliedLater(invoice) - invoice.amountPaid + amountReopened(invoice));

/** Minor units that the bank has, for now or for good. */
export const amountDisputed = ({ disputes = [] }: Pick<Invoice, 'disputes'>): number =>
  disputes.reduce((sum, { status, amount }) => (status === 'won' ? sum : sum + amount), 0);
