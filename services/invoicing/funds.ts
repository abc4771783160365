import { accept, type Result, reject } from '../shared/result.ts';
import type { AppliedFunds, Invoice } from './invoice.ts';
import { amountRemaining } from './invoice-balance.ts';
import { withChange } from './invoice-changes.ts';

/** Why an invoice cannot take a settlement: `invoice-not-open`, `exceeds-due` or, while another one is on its way, `invoice-busy`. */
export function checkFunds(invoice: Invoice, { id, amount }: Pick<AppliedFunds, 'id' | 'amount'>): Result<Invoice> {
  if (invoice.settlements?.some((settlement) => settlement.id === id)) return accept(invoice);
  if (invoice.status !== 'open' && invoice.status !== 'uncollectible')
    return reject('invoice-not-open', `The invoice ${invoice._id} is ${invoice.status}.`);
  const left = amountRemaining(invoice);
  if (amount > left) return reject('exceeds-due', `At most ${left} is still due.`, '/amount');
  if (invoice.settling && invoice.settling.id !== id) return reject('invoice-busy', 'Another payment of this invoice is being recorded.');
  return accept(invoice);
}

/** The invoice with one more settlement, and paid where nothing is left. A repeat, or one that is closed meanwhile, changes nothing. */
export function withFunds(invoice: Invoice, settlement: AppliedFunds): Invoice {
  const { settlements = [], status } = invoice;
  const isKnown = settlements.some(({ id }) => id === settlement.id);
  if (isKnown || (status !== 'open' && status !== 'uncollectible')) return invoice;
  const amountPaid = invoice.amountPaid + (settlement.kind === 'manual' ? settlement.amount : 0);
  const settled = { ...invoice, settlements: [...settlements, settlement], amountPaid };
  const recorded = withChange(settled, 'invoice.payment-recorded', settlement.at, settlement.id);
  return amountRemaining(recorded) > 0
    ? recorded
    : withChange({ ...recorded, status: 'paid' }, 'invoice.paid', settlement.at, settlement.id);
}
