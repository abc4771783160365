import { setTimeout as pause } from 'node:timers/promises';
import type { MarqueeEvent } from '../shared/events.ts';
import { passes } from '../shared/fault-points.ts';
import { paymentIdOf } from '../shared/ids.ts';
import { type Reaction, reaction } from '../shared/reaction.ts';
import { isConsolidated } from './charging/consolidated/consolidated-payment.ts';
import { recordConsolidatedPayments } from './charging/consolidated/record-consolidated.ts';
import { knownMethods } from './charging/methods.ts';
import { nextAttempt } from './charging/payment-transitions.ts';
import { isPending, republish, republishAll } from './charging/republish.ts';
import { manualPayment, newPayment } from './new-payment.ts';
import { upcomingEventId } from './outcome-event.ts';
import type { PaymentParts } from './parts.ts';
import type { Payment } from './payment.ts';
import { refundCreditNote, refundVoidedInvoice } from './refunds/document-refunds.ts';
import type { PaymentStore } from './store.ts';

/**
 * The reactions of payment: each records its work and returns the ids of the events that will
 * follow. The payment queue calls the gateway, so that no delivery waits for one.
 */
export const paymentReactions = (parts: PaymentParts): readonly Reaction[] => [
  reaction(['customer.payment-method-added', 'customer.payment-method-removed', 'customer.payment-method-updated'], (events) =>
    parts.store.saveMethods(events),
  ),
  reaction(['invoice.finalised'], async (events) => {
    const due = events.filter(({ data }) => data.amountDue > 0 && data.status === 'open');
    const { consolidated = [], single = [] } = Object.groupBy(due, (event) => (isConsolidated(event) ? 'consolidated' : 'single'));
    return [...(await recordPayments(parts, single)), ...(await recordConsolidatedPayments(parts, consolidated))];
  }),
  reaction(['subscription.retry-due', 'gift.retry-due'], async (events) =>
    (await Promise.all(events.map((event) => retry(parts, event)))).flat(),
  ),
  reaction(['invoice.voided', 'invoice.marked-uncollectible'], async (events) => {
    await cancelPayments(parts, events);
    const refunds = events.map(async (event) =>
      event.type === 'invoice.voided' && (event.data.givenBack?.refund ?? 0) > 0 ? refundVoidedInvoice(parts, event) : [],
    );
    return (await Promise.all(refunds)).flat();
  }),
  reaction(['invoice.payment-recorded'], async (events) => {
    await parts.store.insert(events.flatMap(manualPayments));
  }),
  reaction(['credit-note.issued'], async (events) =>
    (await Promise.all(events.filter(({ data }) => data.refund > 0).map((event) => refundCreditNote(parts, event)))).flat(),
  ),
  reaction(['payment.*'], async (events) => disputesAfterPayment(parts, await untilWritten(parts.store, events))),
  reaction(['test-clock.arrived'], async (events) =>
    parts.paymentQueue.add((await Promise.all(events.map(({ subject }) => parts.store.lookUpNowOn(subject)))).flat()),
  ),
];

/** The offline payments in an event of their invoice. */
const manualPayments = (event: MarqueeEvent<'invoice.payment-recorded'>): readonly Payment[] =>
  event.data.settlements.filter(({ kind }) => kind === 'manual').map((settlement) => manualPayment(event, settlement));

const pollMillis = 5;
const longestPolls = 200;

/**
 * Waits until published outcomes are written. Outcomes are published before they are written, and a
 * test clock must not be ready in between, so on a test clock the event waits for the document.
 */
async function untilWritten(store: PaymentStore, events: readonly MarqueeEvent[]): Promise<readonly Payment[]> {
  const written: Payment[] = [];
  const wanted = new Map(events.filter(({ testClock }) => testClock !== null).map(({ subject, sequence }) => [subject, sequence]));
  for (let polls = 0; wanted.size > 0; polls += 1) {
    for (const [id, payment] of await store.find([...wanted.keys()]))
      if (payment.sequence >= (wanted.get(id) ?? 0) && wanted.delete(id)) written.push(payment);
    if (polls >= longestPolls) throw new Error(`${wanted.size} payment outcomes are not written yet`);
    if (wanted.size > 0) await pause(pollMillis);
  }
  return written;
}

/**
 * Syncs the charges of the simulated gateway, whose customers may dispute a charge immediately: a
 * test clock must not advance before the dispute is known everywhere.
 */
async function disputesAfterPayment({ syncCharge }: PaymentParts, payments: readonly Payment[]): Promise<readonly string[]> {
  const paid = payments.filter(({ status, gateway, intentId }) => status === 'succeeded' && gateway === 'simulated' && intentId !== null);
  const charges = new Set(paid.map(({ intentId }) => intentId as string));
  return (await Promise.all([...charges].map(syncCharge))).flat();
}

async function recordPayments(parts: PaymentParts, due: readonly MarqueeEvent<'invoice.finalised'>[]) {
  const { platform, store, paymentQueue } = parts;
  if (due.length === 0) return [];
  const methodsOf = await knownMethods(
    parts,
    due.map(({ data }) => data),
  );
  const payments = due.map((event) => newPayment(event, methodsOf(event.data), platform.now()));
  const recorded = await store.insert(payments);
  passes('payment.after-record');
  const fresh = payments.filter(({ _id }) => recorded.has(_id));
  paymentQueue.add(fresh);
  const known = payments.map(({ _id }) => _id).filter((id) => !recorded.has(id));
  return [...fresh.map(upcomingEventId), ...(await republishAll(parts, known))];
}

/**
 * Retries a failed payment. A repeat starts no other attempt, and republishes the outcome in case
 * it was lost.
 */
async function retry(
  parts: PaymentParts,
  { data: { invoiceId, attempt }, time }: MarqueeEvent<'subscription.retry-due' | 'gift.retry-due'>,
): Promise<readonly string[]> {
  const { platform, store, paymentQueue } = parts;
  const id = paymentIdOf(invoiceId);
  const payment = (await store.find([id])).get(id);
  if (!payment) throw new Error(`the payment ${id} does not exist yet`);
  if (payment.status === 'succeeded' || payment.attempt >= attempt) return republish(parts, payment);
  if (isPending(payment)) return [];
  if (payment.status === 'processing') throw new Error(`the payment ${id} still waits for an earlier attempt`);
  const next = nextAttempt(payment, attempt, time, platform.now());
  if (!(await store.replace(payment, next))) throw new Error(`the payment ${id} was changed concurrently`);
  passes('payment.after-record');
  paymentQueue.add([next]);
  return [upcomingEventId(next)];
}

/**
 * Cancels the payments of closed invoices. Where the closing overtakes the invoice, its payment is
 * recorded as cancelled.
 */
async function cancelPayments(
  { platform, store, paymentQueue }: PaymentParts,
  events: readonly MarqueeEvent<'invoice.voided' | 'invoice.marked-uncollectible'>[],
): Promise<void> {
  const due = events.filter(({ data }) => data.amountDue > 0);
  await store.insert(due.map((event) => ({ ...newPayment(event, [], platform.now()), status: 'cancelled', cancelAsked: true })));
  const ids = due.map(({ data }) => paymentIdOf(data.id));
  await store.cancel(ids);
  paymentQueue.add([...(await store.find(ids)).values()].filter(({ cancelOwed }) => cancelOwed));
}
