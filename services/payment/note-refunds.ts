import type { MarqueeEvent } from '../shared/events.ts';
import { refundIdOf } from '../shared/ids.ts';
import type { Platform } from '../shared/service.ts';
import type { Payment } from './payment.ts';
import { refundable, refundOf } from './refund.ts';
import type { Refunding } from './refunding.ts';
import type { PaymentStore } from './store.ts';

export type CreditNoteIssued = { readonly invoiceId: string; readonly reason: string; readonly refund: number };

type Parts = { readonly platform: Platform; readonly store: PaymentStore; readonly refunding: Refunding };

/**
 * What a credit note gives back of the money, over the payments of its invoice in order; what none can give fails with the last one.
 * Answers the events that will tell. A repeat finds what it asked for before.
 */
export async function refundNote({ platform, store, refunding }: Parts, event: MarqueeEvent<CreditNoteIssued>): Promise<readonly string[]> {
  const { subject, time, testClock, data } = event;
  const payments = (await store.ofInvoice(data.invoiceId)).filter(({ status }) => status === 'succeeded');
  if (payments.length === 0) throw new Error(`no payment of the invoice ${data.invoiceId} is known yet`);
  const told: string[] = [];
  for (const { payment, id, amount } of partsOf(payments, subject, data.refund)) {
    const asked = { id, amount, to: 'method', reason: data.reason, creditNoteId: subject } as const;
    told.push(await refunding.recordForNote(payment._id, asked, testClock === null ? platform.now() : time));
  }
  return told;
}

type Part = { readonly payment: Payment; readonly id: string; readonly amount: number };

function partsOf(payments: readonly Payment[], note: string, wanted: number): readonly Part[] {
  let left = wanted;
  return payments.flatMap((payment, index) => {
    const id = index === 0 ? refundIdOf(note) : `${refundIdOf(note)}_${index + 1}`;
    const isLast = index === payments.length - 1;
    const amount = refundOf(payment, id)?.amount ?? (isLast ? left : Math.min(left, refundable(payment)));
    left -= amount;
    return amount > 0 ? [{ payment, id, amount }] : [];
  });
}
