import type { Difference } from '../../shared/contracts/difference-resource.ts';
import { paymentIdOf } from '../../shared/ids.ts';
import type { Instant } from '../../shared/time.ts';
import { unattempted } from '../new-payment.ts';
import type { Payment } from '../payment.ts';
import type { InvoiceFacts } from './difference.ts';

/** A lost payment, rebuilt from its invoice. */
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
 * The sequence under which a charge is published. If the invoice has received a success, its
 * sequence is used again, so that the money is counted once; else a sequence that was never
 * published.
 */
export function sequenceToPublish(payment: Payment, invoice: InvoiceFacts | undefined): number {
  const received = invoice?.told ?? [];
  const success = received.find(({ outcome }) => outcome === 'succeeded');
  return success?.sequence ?? Math.max(payment.sequence, ...received.map(({ sequence }) => sequence)) + 1;
}

/**
 * The payment under a sequence that its invoice does not know for another outcome: its own, or the
 * next one that was never published.
 */
export function renumbered(payment: Payment, invoice: InvoiceFacts | undefined): Payment {
  const isTaken = invoice?.told.some(({ sequence, outcome }) => sequence === payment.sequence && outcome !== 'succeeded');
  return isTaken ? { ...payment, sequence: sequenceToPublish(payment, invoice) } : payment;
}
