import { formatMoney } from '../shared/format.ts';
import { accept, type Result, reject } from '../shared/result.ts';
import type { Invoice, VoidReturn } from './invoice.ts';
import { amountRefunded, creditAppliedLater, moneyPaid } from './invoice-balance.ts';

/** The parts that a caller wants returned as account credit and as refund, in minor units. */
export type RequestedReturn = { readonly credit?: number | undefined; readonly refund?: number | undefined };

/** Minor units that were paid for an open invoice and have not been refunded. */
const paidSoFar = (invoice: Invoice): number => invoice.creditApplied + creditAppliedLater(invoice) + moneyHeld(invoice);

const moneyHeld = (invoice: Invoice): number => moneyPaid(invoice) - amountRefunded(invoice);

/**
 * The return of a void: by default everything that was paid, as account credit. On request, money
 * is refunded up to the money that was paid, and the credit may exceed what was paid as goodwill,
 * up to the total of the invoice. Money for a void invoice is never kept. Refused with
 * `exceeds-paid` or `exceeds-total`, or with `keeps-paid` where less than what was paid would be
 * returned.
 */
export function voidReturnOf(invoice: Invoice, { credit, refund = 0 }: RequestedReturn = {}): Result<VoidReturn> {
  const text = (amount: number): string => formatMoney({ amount, currency: invoice.currency }, 'en');
  const money = moneyHeld(invoice);
  if (refund > money)
    return reject('exceeds-paid', `The refund exceeds the ${text(money)} that was paid with money and is not refunded yet.`, '/refund');
  const least = paidSoFar(invoice) - refund;
  const returned = credit ?? least;
  if (returned < least)
    return reject('keeps-paid', `The customer has paid ${text(least)} more that must be returned as credit or refund.`, '/credit');
  const most = Math.max(least, invoice.total - refund);
  if (returned > most) return reject('exceeds-total', `The credit exceeds the ${text(most)} that this invoice allows.`, '/credit');
  return accept({ credit: returned, refund });
}
