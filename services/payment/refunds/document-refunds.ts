import type { MarqueeEvent } from '../../shared/events.ts';
import { refundIdOf, voidRefundIdOf } from '../../shared/ids.ts';
import type { Platform } from '../../shared/service.ts';
import { isPending } from '../charging/republish.ts';
import { splitByPayment } from '../split-by-payment.ts';
import type { PaymentStore } from '../store.ts';
import { type RefundRequest, refundable, refundsOf } from './refund.ts';
import type { RefundQueue } from './refund-queue.ts';

/**
 * The refund of a document, in minor units. `id` is that of its first part; further parts append a
 * number.
 */
type DocumentRefund = Pick<RefundRequest, 'id' | 'reason' | 'creditNoteId'> & { readonly invoiceId: string; readonly amount: number };

type Parts = { readonly platform: Platform; readonly store: PaymentStore; readonly refundQueue: RefundQueue };

/**
 * Records the refund of a credit note. Returns the ids of the events that will publish its outcome.
 */
export const refundCreditNote = (parts: Parts, event: MarqueeEvent<'credit-note.issued'>): Promise<readonly string[]> => {
  const { invoiceId, reason, refund: amount } = event.data;
  return refundDocument(parts, event, { id: refundIdOf(event.subject), invoiceId, amount, reason, creditNoteId: event.subject });
};

/**
 * Records the refund of a voided invoice that was paid in part. Returns the ids of the events that
 * will publish its outcome.
 */
export const refundVoidedInvoice = (parts: Parts, event: MarqueeEvent<'invoice.voided'>): Promise<readonly string[]> => {
  const { id: invoiceId, givenBack } = event.data;
  const amount = givenBack?.refund ?? 0;
  return refundDocument(parts, event, { id: voidRefundIdOf(invoiceId), invoiceId, amount, reason: 'void', creditNoteId: null });
};

/**
 * Splits a refund over the payments of its invoice in order; an amount that none of them can return
 * fails with the last one. A repeat finds the parts it recorded before. Throws while a payment is
 * about to be settled, because the refund would be split without it.
 */
async function refundDocument({ platform, store, refundQueue }: Parts, { time, testClock }: MarqueeEvent, requested: DocumentRefund) {
  const { invoiceId, reason, creditNoteId } = requested;
  const all = await store.ofInvoice(invoiceId);
  const unsettled = all.find((payment) => payment.status === 'processing' && !isPending(payment));
  if (unsettled) throw new Error(`the payment ${unsettled._id} is not settled yet`);
  const payments = all.filter(({ status }) => status === 'succeeded');
  if (payments.length === 0) throw new Error(`the invoice ${invoiceId} has no successful payment yet`);
  const eventIds: string[] = [];
  for (const { payment, id, amount } of splitByPayment(payments, requested, refundable, refundsOf)) {
    const part = { id, amount, to: 'method', reason, creditNoteId } as const;
    eventIds.push(await refundQueue.recordForDocument(payment._id, part, testClock === null ? platform.now() : time));
  }
  return eventIds;
}
