import type { InvoiceResource } from '../../shared/contracts/invoice-resource.ts';
import type { MarqueeEvent } from '../../shared/events.ts';
import { refundIdOf, voidRefundIdOf } from '../../shared/ids.ts';
import type { Platform } from '../../shared/service.ts';
import { chargeParts } from '../split-by-payment.ts';
import type { PaymentStore } from '../store.ts';
import { type RefundRequest, refundable, refundOf } from './refund.ts';
import type { Refunding } from './refund-queue.ts';

export type CreditNoteIssued = { readonly invoiceId: string; readonly reason: string; readonly refund: number };

/** Money that a document gives back: `id` is its first refund's, those of further payments continue it. */
type Promised = Pick<RefundRequest, 'id' | 'reason' | 'creditNoteId'> & { readonly invoiceId: string; readonly amount: number };

type Parts = { readonly platform: Platform; readonly store: PaymentStore; readonly refunding: Refunding };

/** What a credit note gives back of the money. Answers the events that will tell. */
export const refundNote = (parts: Parts, event: MarqueeEvent<CreditNoteIssued>): Promise<readonly string[]> => {
  const { invoiceId, reason, refund: amount } = event.data;
  return refundPromised(parts, event, { id: refundIdOf(event.subject), invoiceId, amount, reason, creditNoteId: event.subject });
};

/** What the void of an invoice gives back of the money that had paid a part of it. Answers the events that will tell. */
export const refundVoid = (parts: Parts, event: MarqueeEvent<InvoiceResource>): Promise<readonly string[]> => {
  const { id: invoiceId, givenBack } = event.data;
  const amount = givenBack?.refund ?? 0;
  return refundPromised(parts, event, { id: voidRefundIdOf(invoiceId), invoiceId, amount, reason: 'void', creditNoteId: null });
};

/** Over the payments of the invoice in order; what none can give fails with the last one. A repeat finds what it asked for before. */
async function refundPromised({ platform, store, refunding }: Parts, { time, testClock }: MarqueeEvent, promised: Promised) {
  const { invoiceId, reason, creditNoteId } = promised;
  const payments = (await store.ofInvoice(invoiceId)).filter(({ status }) => status === 'succeeded');
  if (payments.length === 0) throw new Error(`no payment of the invoice ${invoiceId} is known yet`);
  const told: string[] = [];
  for (const { payment, id, amount } of chargeParts(payments, promised, refundable, refundOf)) {
    const asked = { id, amount, to: 'method', reason, creditNoteId } as const;
    told.push(await refunding.recordForNote(payment._id, asked, testClock === null ? platform.now() : time));
  }
  return told;
}
