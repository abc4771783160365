import { paymentIdOf } from '../shared/ids.ts';
import type { Instant } from '../shared/time.ts';
import type { Difference, InvoiceFacts } from './difference.ts';
import type { Payment } from './payment.ts';

/** A lost payment as its invoice remembers it. */
export const rebuiltPayment = (invoice: InvoiceFacts, { at, gateway }: Difference, now: Instant): Payment => ({
  _id: paymentIdOf(invoice.id),
  invoiceId: invoice.id,
  subscriptionId: invoice.subscriptionId,
  customerId: invoice.customerId,
  amount: invoice.paidByGateway > 0 ? invoice.paidByGateway : invoice.amountDue,
  currency: invoice.currency,
  status: 'processing',
  attempt: Math.max(1, invoice.told.length),
  sequence: 0,
  step: 'charge',
  methods: [],
  attemptAt: at ?? invoice.issuedAt,
  processingSince: now,
  pendingSince: null,
  lookAt: null,
  gateway: gateway ?? 'simulated',
  intentId: null,
  clientSecret: null,
  paymentMethodId: null,
  category: null,
  declineCode: null,
  cancelAsked: false,
  cancelOwed: false,
  createdAt: invoice.issuedAt,
  settledAt: null,
  testClock: invoice.testClock,
});

/**
 * The number of the outcome that tells of a charge. Where the invoice has heard of the money, that one again, so that nobody counts it
 * twice; else one that nobody has heard.
 */
export function sequenceToTell(payment: Payment, invoice: InvoiceFacts | undefined): number {
  const told = invoice?.told ?? [];
  const heard = told.find(({ outcome }) => outcome === 'succeeded');
  return heard?.sequence ?? Math.max(payment.sequence, ...told.map(({ sequence }) => sequence)) + 1;
}
