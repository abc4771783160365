import { paymentIdOf } from '../../shared/ids.ts';
import type { Instant } from '../../shared/time.ts';
import { type Payment, unattempted } from '../payment.ts';
import type { Difference, InvoiceFacts } from './difference.ts';

/** A lost payment as its invoice remembers it. */
export const rebuiltPayment = (invoice: InvoiceFacts, { at, gateway }: Difference, now: Instant): Payment => ({
  ...unattempted,
  _id: paymentIdOf(invoice.id),
  invoiceId: invoice.id,
  subscriptionId: invoice.subscriptionId,
  customerId: invoice.customerId,
  amount: invoice.paidByGateway > 0 ? invoice.paidByGateway : invoice.amountDue,
  currency: invoice.currency,
  attempt: Math.max(1, invoice.told.length),
  methods: [],
  attemptAt: at ?? invoice.issuedAt,
  processingSince: now,
  gateway: gateway ?? 'simulated',
  createdAt: invoice.issuedAt,
  testClock: invoice.testClock,
});

/**
 * The number of the outcome that tells of a charge. Where the invoice has heard of the money, that one again, so that nobody counts it
 * twice; else one that nobody has heard.
 */
export function sequenceToPublish(payment: Payment, invoice: InvoiceFacts | undefined): number {
  const told = invoice?.told ?? [];
  const heard = told.find(({ outcome }) => outcome === 'succeeded');
  return heard?.sequence ?? Math.max(payment.sequence, ...told.map(({ sequence }) => sequence)) + 1;
}
