import { setTimeout as pause } from 'node:timers/promises';
import type { PaymentMethodsChanged } from '../shared/contracts/customer-resource.ts';
import type { InvoiceResource } from '../shared/contracts/invoice-resource.ts';
import type { MarqueeEvent } from '../shared/events.ts';
import { passes } from '../shared/fault-points.ts';
import { paymentIdOf } from '../shared/ids.ts';
import type { Reaction } from '../shared/service.ts';
import { isJoint, recordJointPayments } from './charging/consolidated/record-consolidated.ts';
import { knownMethods } from './charging/methods.ts';
import { nextAttempt } from './charging/payment-transitions.ts';
import type { PaymentParts } from './parts.ts';
import { manualPayment, newPayment, outcomeEvent, type Payment, promisedEventId } from './payment.ts';
import { type CreditNoteIssued, refundNote, refundVoid } from './refunds/document-refunds.ts';
import type { PaymentStore } from './store.ts';

type RetryDue = { readonly invoiceId: string; readonly attempt: number };
/** What payment does when something happened: it records and promises; the cashier charges, so that no delivery waits for a gateway. */
export const paymentReactions = (parts: PaymentParts): readonly Reaction[] => [
  {
    to: ['customer.payment-method-added', 'customer.payment-method-removed', 'customer.payment-method-updated'],
    handle: (events: readonly MarqueeEvent<PaymentMethodsChanged>[]) => parts.store.rememberMethods(events),
  },
  {
    to: ['invoice.finalised'],
    handle: async (events: readonly MarqueeEvent<InvoiceResource>[]) => {
      const due = events.filter(({ data }) => data.amountDue > 0 && data.status === 'open');
      const { joint = [], alone = [] } = Object.groupBy(due, (event) => (isJoint(event) ? 'joint' : 'alone'));
      return [...(await recordPayments(parts, alone)), ...(await recordJointPayments(parts, joint))];
    },
  },
  {
    to: ['subscription.retry-due', 'gift.retry-due'],
    handle: async (events: readonly MarqueeEvent<RetryDue>[]) => (await Promise.all(events.map((event) => retry(parts, event)))).flat(),
  },
  {
    to: ['invoice.voided', 'invoice.marked-uncollectible'],
    handle: async (events: readonly MarqueeEvent<InvoiceResource>[]) => {
      await cancelPayments(parts, events);
      const refunding = events.filter(({ type, data }) => type === 'invoice.voided' && (data.givenBack?.refund ?? 0) > 0);
      return (await Promise.all(refunding.map((event) => refundVoid(parts, event)))).flat();
    },
  },
  {
    to: ['invoice.payment-recorded'],
    handle: async (events: readonly MarqueeEvent<InvoiceResource>[]) => {
      await parts.store.insert(events.flatMap(manualPayments));
    },
  },
  {
    to: ['credit-note.issued'],
    handle: async (events: readonly MarqueeEvent<CreditNoteIssued>[]) =>
      (await Promise.all(events.filter(({ data }) => data.refund > 0).map((event) => refundNote(parts, event)))).flat(),
  },
  { to: ['payment.*'], handle: async (events) => disputedAtOnce(parts, await untilWritten(parts.store, events)) },
  {
    to: ['test-clock.arrived'],
    handle: async (events) => parts.cashier.take((await Promise.all(events.map(({ subject }) => parts.store.lookNowOn(subject)))).flat()),
  },
];

const manualPayments = (event: MarqueeEvent<InvoiceResource>): readonly Payment[] =>
  (event.data.settlements ?? []).filter(({ kind }) => kind === 'manual').map((settlement) => manualPayment(event, settlement));

const lookMillis = 5;
const looks = 200;

/** Outcomes are published before they are written; a test clock must not be ready in between, so on one its events wait for the document. */
async function untilWritten(store: PaymentStore, events: readonly MarqueeEvent[]): Promise<readonly Payment[]> {
  const written: Payment[] = [];
  const wanted = new Map(events.filter(({ testClock }) => testClock !== null).map(({ subject, sequence }) => [subject, sequence]));
  for (let look = 0; wanted.size > 0; look += 1) {
    for (const [id, payment] of await store.find([...wanted.keys()]))
      if (payment.sequence >= (wanted.get(id) ?? 0) && wanted.delete(id)) written.push(payment);
    if (look >= looks) throw new Error(`${wanted.size} outcomes are not written yet`);
    if (wanted.size > 0) await pause(lookMillis);
  }
  return written;
}

/** The simulated gateway's customers may dispute at once what they paid: nobody's clock goes on before that is known everywhere. */
async function disputedAtOnce({ lookAtReturns }: PaymentParts, payments: readonly Payment[]): Promise<readonly string[]> {
  const paid = payments.filter(({ status, gateway, intentId }) => status === 'succeeded' && gateway === 'simulated' && intentId !== null);
  const charges = new Set(paid.map(({ intentId }) => intentId as string));
  return (await Promise.all([...charges].map(lookAtReturns))).flat();
}

async function recordPayments(parts: PaymentParts, due: readonly MarqueeEvent<InvoiceResource>[]) {
  const { platform, store, cashier } = parts;
  if (due.length === 0) return [];
  const methodsOf = await knownMethods(
    parts,
    due.map(({ data }) => data),
  );
  const payments = due.map((event) => newPayment(event, methodsOf(event.data), platform.now()));
  const recorded = await store.insert(payments);
  passes('payment.after-record');
  cashier.take(payments.filter(({ _id }) => recorded.has(_id)));
  await takeAgain(
    parts,
    payments.map(({ _id }) => _id).filter((id) => !recorded.has(id)),
  );
  return payments.map(promisedEventId);
}

/** What was recorded before, perhaps by a write whose answer got lost, may have nobody who works on it. Taking it twice is harmless. */
async function takeAgain({ store, cashier }: PaymentParts, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  cashier.take([...(await store.find(ids)).values()].filter(({ status }) => status === 'processing'));
}

/** Tries a failed payment again. A repeat changes nothing, but tells the outcome again, in case it got lost on the way. */
async function retry(parts: PaymentParts, { data: { invoiceId, attempt }, time }: MarqueeEvent<RetryDue>): Promise<readonly string[]> {
  const { platform, store, cashier } = parts;
  const id = paymentIdOf(invoiceId);
  const payment = (await store.find([id])).get(id);
  if (!payment) throw new Error(`the payment ${id} is not known yet`);
  if (payment.status === 'succeeded' || payment.attempt >= attempt) return tellAgain(parts, payment);
  if (isPending(payment)) return [];
  if (payment.status === 'processing') throw new Error(`the payment ${id} still waits for an earlier attempt`);
  const next = nextAttempt(payment, attempt, time, platform.now());
  if (!(await store.replace(payment, next))) throw new Error(`the payment ${id} was moved on by another`);
  passes('payment.after-record');
  cashier.take([next]);
  return [promisedEventId(next)];
}

/** A bank has it: whatever is asked meanwhile, its answer comes first. */
const isPending = ({ status, step }: Payment): boolean => status === 'processing' && step === 'pending';

async function tellAgain({ platform, cashier }: PaymentParts, payment: Payment): Promise<readonly string[]> {
  if (payment.status === 'processing' && !isPending(payment)) {
    cashier.take([payment]);
    return [promisedEventId(payment)];
  }
  if (payment.status === 'cancelled') return [];
  const event = outcomeEvent(payment);
  await platform.publish([event]);
  return [event.id];
}

/** The end of a payment may overtake its beginning: then it is recorded as cancelled, and never charged. */
async function cancelPayments({ platform, store, cashier }: PaymentParts, events: readonly MarqueeEvent<InvoiceResource>[]): Promise<void> {
  const due = events.filter(({ data }) => data.amountDue > 0);
  await store.insert(due.map((event) => ({ ...newPayment(event, [], platform.now()), status: 'cancelled', cancelAsked: true })));
  const ids = due.map(({ data }) => paymentIdOf(data.id));
  await store.cancel(ids);
  cashier.take([...(await store.find(ids)).values()].filter(({ cancelOwed }) => cancelOwed));
}
