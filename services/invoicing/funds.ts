import { formatMoney } from '../shared/format.ts';
import { accept, type Result, reject } from '../shared/result.ts';
import { type Instant, plusMillis } from '../shared/time.ts';
import type { AppliedFunds, Invoice, PendingFunds } from './invoice.ts';
import { amountRemaining, hasFunds } from './invoice-balance.ts';
import { withChange } from './invoice-changes.ts';

const isOwed = ({ status }: Invoice): boolean => status === 'open' || status === 'uncollectible';

/**
 * Whether account credit or offline money can be applied to an invoice. Refused with
 * `invoice-not-open`, `exceeds-due` or, while other funds are being applied, `invoice-busy`. Funds
 * that were already applied are accepted again.
 */
export function checkFunds(invoice: Invoice, { id, amount }: Pick<AppliedFunds, 'id' | 'amount'>): Result<Invoice> {
  const { _id, status, currency, settlements = [], settling } = invoice;
  if (settlements.some((applied) => applied.id === id)) return accept(invoice);
  if (!isOwed(invoice))
    return reject('invoice-not-open', `Invoice ${_id} is ${status}; only an open or uncollectible invoice can be paid.`);
  const due = amountRemaining(invoice);
  if (amount > due)
    return reject('exceeds-due', `The amount exceeds the ${formatMoney({ amount: due, currency }, 'en')} still due.`, '/amount');
  if (settling && settling.id !== id)
    return reject('invoice-busy', `Another payment of invoice ${_id} is being recorded. Try again in a moment.`);
  return accept(invoice);
}

const millisToHold = 15_000;

/** True where the process that held the funds has ended, or has had far more time than it needs. */
const isAbandoned = ({ heldSince }: PendingFunds, now: Instant): boolean =>
  heldSince === undefined || plusMillis(heldSince, millisToHold) <= now;

export const holds = ({ settling }: Invoice, token: string): boolean => settling?.token === token;

/**
 * The invoice whose pending funds are held under this token: newly noted ones, or the same ones
 * where they have no holder any more. Unchanged where another holder is at work, or where the
 * funds cannot be applied.
 */
export function withHeldFunds(invoice: Invoice, pending: PendingFunds, token: string, now: Instant): Invoice {
  const { settling } = invoice;
  const held = { token, heldSince: now };
  if (settling)
    return settling.id === pending.id && isAbandoned(settling, now) ? { ...invoice, settling: { ...settling, ...held } } : invoice;
  const possible = checkFunds(invoice, { id: pending.id, amount: pending.manual?.amount ?? 0 });
  return possible.ok ? { ...invoice, settling: { ...pending, ...held } } : invoice;
}

/** The invoice whose pending funds anybody may take up, because their holder has failed. */
export function withoutHolder(invoice: Invoice, token: string): Invoice {
  if (!invoice.settling || !holds(invoice, token)) return invoice;
  const { token: _, heldSince: __, ...settling } = invoice.settling;
  return { ...invoice, settling };
}

/**
 * The invoice whose pending funds are returned; unchanged where they are applied, or held by
 * another.
 */
export const withReturningFunds = (invoice: Invoice, token: string, fundsId: string): Invoice =>
  invoice.settling && holds(invoice, token) && !hasFunds(invoice, fundsId)
    ? { ...invoice, settling: { ...invoice.settling, isReturning: true } }
    : invoice;

/**
 * The invoice with more funds applied, and paid where nothing is left. A repeat, or an invoice that
 * was closed meanwhile, changes nothing.
 */
export function withFunds(invoice: Invoice, funds: AppliedFunds): Invoice {
  const { settlements = [] } = invoice;
  const isKnown = settlements.some(({ id }) => id === funds.id);
  if (isKnown || !isOwed(invoice)) return invoice;
  const amountPaid = invoice.amountPaid + (funds.kind === 'manual' ? funds.amount : 0);
  const applied = { ...invoice, settlements: [...settlements, funds], amountPaid };
  const recorded = withChange(applied, 'invoice.payment-recorded', funds.at, funds.id);
  return amountRemaining(recorded) > 0 ? recorded : withChange({ ...recorded, status: 'paid' }, 'invoice.paid', funds.at, funds.id);
}
