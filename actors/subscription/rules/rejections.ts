import { type Result, reject } from '../../../services/shared/result.ts';
import type { Subscription } from './subscription.ts';

/** An ended subscription takes no further command but `reactivate`. */
export const hasEnded = ({ id, status }: Subscription): Result<never> =>
  reject('subscription-ended', `The subscription ${id} has already ended; its status is ${status}.`);

/**
 * Unused time is credited only from paid invoices, so a change or pause now must wait for the
 * payment.
 */
export function hasUnpaidInvoice({ id, openInvoices }: Subscription, pointer?: string): Result<never> {
  const oldest = openInvoices[0]?.invoiceId;
  return reject(
    'payment-outstanding',
    `The subscription ${id} has an unpaid invoice${oldest ? `, ${oldest}` : ''}. It must be paid first.`,
    pointer,
  );
}
