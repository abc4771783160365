import { accept, type Result, reject } from '../shared/result.ts';
import type { Invoice, VoidReturn } from './invoice.ts';
import { amountRefunded, creditAppliedLater, moneyPaid } from './invoice-balance.ts';

export type RequestedReturn = { readonly credit?: number | undefined; readonly refund?: number | undefined };

/** Minor units that were paid of an open invoice and are still here. */
const paidSoFar = (invoice: Invoice): number => invoice.creditApplied + creditAppliedLater(invoice) + moneyHeld(invoice);

const moneyHeld = (invoice: Invoice): number => moneyPaid(invoice) - amountRefunded(invoice);

/**
 * What a void gives back. By default all that was paid, as account credit; asked for otherwise, money goes back as far as money came, and
 * credit may exceed what was paid as a goodwill, up to the invoice's total. Nobody keeps money for an invoice that is void. Refused with
 * `exceeds-paid` or `exceeds-total`, or with `keeps-paid` where less than what was paid would go back.
 */
export function voidReturnOf(invoice: Invoice, { credit, refund = 0 }: RequestedReturn = {}): Result<VoidReturn> {
  const money = moneyHeld(invoice);
  if (refund > money) return reject('exceeds-paid', `At most ${money} came as money and can go back as money.`, '/refund');
  const least = paidSoFar(invoice) - refund;
  const given = credit ?? least;
  if (given < least) return reject('keeps-paid', `${least} more was paid and must go back, as credit or as money.`, '/credit');
  const most = Math.max(least, invoice.total - refund);
  return given > most ? reject('exceeds-total', `At most ${most} can be given as credit.`, '/credit') : accept({ credit: given, refund });
}
