import type { Connection, mongo } from 'mongoose';
import { paymentIdOf } from '../shared/ids.ts';
import type { PageQuery } from '../shared/list.ts';
import { givenFilters } from '../shared/list.ts';
import { collectionOf, insertNew, type Page, pageOf } from '../shared/mongo.ts';
import { batched } from '../shared/one-batch-at-a-time.ts';
import { pick } from '../shared/pick.ts';
import type { Instant } from '../shared/time.ts';
import { customerMethods } from './charging/customer-methods.ts';
import { reduced } from './charging/payment-transitions.ts';
import { createUnsettledSweep } from './charging/unsettled-sweep.ts';
import type { MethodRefusal, Payment } from './payment.ts';
import { paymentModel } from './payment-model.ts';
import { createRoutingStore } from './routing/store.ts';

/** A payment as it was read, and as it is after the outcome of its attempt. */
type Outcome = { readonly payment: Payment; readonly after: Payment };

const cancelled = { status: 'cancelled', cancelAsked: true, cancelOwed: true } as const;

export type PaymentStore = ReturnType<typeof createPaymentStore>;

/**
 * The ledger of payments: one document per payment. Every write is a compare-and-set on the state
 * that was read, so that two writers never overwrite each other.
 */
export function createPaymentStore(documents: Connection) {
  const model = paymentModel(documents);
  const payments = collectionOf(model);

  const find = async (ids: readonly string[]): Promise<ReadonlyMap<string, Payment>> => {
    const rows = await payments.find({ _id: { $in: ids } }).toArray();
    return new Map(rows.map((row) => [row._id, row]));
  };

  const replace = async (before: Payment, after: Payment): Promise<boolean> => {
    const { _id, status, sequence, attempt, cancelAsked, amount, decided, methods } = before;
    const unset = { ...(!decided && { decided: null }), ...(methods === null && { methods: null }) };
    const read = { _id, status, sequence, attempt, cancelAsked, amount, ...unset };
    const { matchedCount } = await payments.replaceOne(read, after);
    return matchedCount === 1;
  };

  const writeOutcomes = batched(async (outcomes: readonly Outcome[]) => {
    await payments.bulkWrite(outcomes.flatMap(outcomeWrites), { ordered: false });
    return outcomes;
  });

  return {
    find,
    /** Records new payments in one write and returns the ids that were not there yet. */
    insert: (rows: readonly Payment[]): Promise<ReadonlySet<string>> => insertNew(model, rows),
    /**
     * Replaces a payment that is still as it was read; false when another writer has moved it on.
     */
    replace,
    /** Notes that charges of these payments are about to be sent. Throws where one has ended. */
    noteSending: async (ids: readonly string[], at: Instant): Promise<void> => {
      const { matchedCount } = await payments.updateMany({ _id: { $in: ids }, status: 'processing' }, { $set: { lastSentAt: at } });
      if (matchedCount < ids.length) throw new Error(`one of the payments ${ids.join(', ')} was changed concurrently`);
    },
    /** Stores that a method was refused, before the next one is tried. */
    noteRefusal: async ({ _id, sequence, attempt }: Payment, refusal: MethodRefusal): Promise<void> => {
      const waiting = { _id, status: 'processing', sequence, attempt } as const;
      const { matchedCount } = await payments.updateOne(waiting, { $push: { refusals: refusal } });
      if (matchedCount === 0) throw new Error(`the payment ${_id} was changed concurrently`);
    },
    /**
     * Fixes the outcome of a payment once, as `decidedOn` made it, whether or not its invoice is
     * closed meanwhile; false when another writer has fixed one or moved the payment on.
     */
    decide: async ({ _id, status, sequence, attempt, amount }: Payment, after: Payment): Promise<boolean> => {
      const fixed = pick(after, ['decided', 'status', 'step', 'processingSince', 'lookAt', 'cancelOwed', 'settledAt']);
      const { matchedCount } = await payments.updateOne({ _id, status, sequence, attempt, amount, decided: null }, { $set: fixed });
      return matchedCount === 1;
    },
    /**
     * Writes the outcome of an attempt onto the payment that waits for it, together with outcomes
     * of other payments that arrive meanwhile. A repeat changes nothing.
     */
    settle: async (payment: Payment, after: Payment): Promise<void> => {
      await writeOutcomes([{ payment, after }]);
    },
    /** Gives a successful payment the number under which it was published again. */
    renumber: async ({ _id, sequence }: Payment, next: number): Promise<boolean> => {
      const { matchedCount } = await payments.updateOne({ _id, status: 'succeeded', sequence }, { $set: { sequence: next } });
      return matchedCount === 1;
    },
    /**
     * Cancels payments: those under way once their outcome is known, the others immediately. This
     * repeats until none is left out, because a payment may move on between the two writes.
     */
    cancel: async (ids: readonly string[]): Promise<void> => {
      const waiting = { $in: ['declined', 'action-required'] as const };
      const missed = { _id: { $in: ids }, status: { $in: ['processing', 'declined', 'action-required'] as const }, cancelAsked: false };
      do {
        await payments.updateMany({ _id: { $in: ids }, status: 'processing' }, { $set: { cancelAsked: true } });
        await payments.updateMany({ _id: { $in: ids }, status: waiting }, { $set: cancelled });
      } while ((await payments.countDocuments(missed)) > 0);
    },
    /** Cancels a declined payment; true if it is cancelled afterwards. Any other status stays. */
    withdraw: async (id: string): Promise<boolean> => {
      await payments.updateOne({ _id: id, status: 'declined' }, { $set: cancelled });
      return (await payments.countDocuments({ _id: id, status: 'cancelled' })) === 1;
    },
    /**
     * Lowers the amount of a declined payment; its next attempt makes a new intent. True if the
     * payment is over this amount afterwards. Any other status stays.
     */
    reduce: async (id: string, amount: number): Promise<boolean> => {
      const payment = (await find([id])).get(id);
      if (payment === undefined || payment.status !== 'declined') return false;
      if (payment.amount === amount) return true;
      return replace(payment, reduced(payment, amount));
    },
    unsettled: createUnsettledSweep(payments),
    /**
     * Applies a pure change of refunds and disputes to a payment, and applies it again where
     * another writer was faster. Nothing is written where `decide` returns the object it was given.
     */
    changeRefunds: async (id: string, decide: (payment: Payment) => Payment): Promise<Payment | undefined> => {
      for (;;) {
        const before = (await find([id])).get(id);
        const after = before && decide(before);
        if (before === undefined || after === undefined || after === before) return before;
        const { refunds, refundsOwed, disputes } = after;
        const refundRevision = (before.refundRevision ?? 0) + 1;
        const { matchedCount } = await payments.updateOne(
          { _id: id, refundRevision: before.refundRevision ?? null },
          { $set: givenFilters({ refunds, refundsOwed, disputes, refundRevision }) },
        );
        if (matchedCount === 1) return { ...after, refundRevision };
      }
    },
    /** Every payment of an invoice, the one through a gateway first, then offline ones by time. */
    ofInvoice: async (invoiceId: string): Promise<readonly Payment[]> => {
      const rows = await payments.find({ invoiceId }).toArray();
      const orderOf = ({ _id, createdAt }: Payment) => (_id === paymentIdOf(invoiceId) ? '' : createdAt + _id);
      return rows.sort((one, other) => (orderOf(one) < orderOf(other) ? -1 : 1));
    },
    /** Payments that match a filter of stored fields, page by page in the order of their ids. */
    pages: async function* (filter: mongo.Filter<Payment>, pageSize = 200): AsyncGenerator<readonly Payment[]> {
      for (let after = ''; ; ) {
        const rows = await payments
          .find({ ...filter, _id: { $gt: after } })
          .sort({ _id: 1 })
          .limit(pageSize)
          .toArray();
        if (rows.length > 0) yield rows;
        if (rows.length < pageSize) return;
        after = (rows.at(-1) as Payment)._id;
      }
    },
    /** Payments with refunds whose outcome is not published yet, by id, behind the id `after`. */
    withOpenRefunds: (after: string, limit: number): Promise<readonly Payment[]> =>
      payments
        .find({ refundsOwed: true, _id: { $gt: after } })
        .sort({ _id: 1 })
        .limit(limit)
        .toArray(),
    /** Makes the look-up of a pending payment due now; any other payment is returned as it is. */
    lookUpNow: async (payment: Payment): Promise<Payment> => {
      if (payment.step !== 'pending') return payment;
      await payments.updateOne({ _id: payment._id, status: 'processing', step: 'pending' }, { $set: { lookAt: null } });
      return { ...payment, lookAt: null };
    },
    /** Postpones the look-up of a pending payment, unless one was made due meanwhile. */
    lookUpLater: async ({ _id, sequence, lookAt: before }: Payment, lookAt: Instant): Promise<void> => {
      await payments.updateOne({ _id, sequence, status: 'processing', lookAt: before }, { $set: { lookAt } });
    },
    /**
     * Makes the look-up of all pending payments on a test clock due now, since the hour between two
     * look-ups is system time and not the clock's.
     */
    lookUpNowOn: async (testClock: string): Promise<readonly Payment[]> => {
      const pending = { testClock, status: 'processing', step: 'pending' } as const;
      await payments.updateMany(pending, { $set: { lookAt: null } });
      return payments.find(pending).toArray();
    },
    list: (filter: Readonly<Record<string, unknown>>, page: PageQuery): Promise<Page<Payment>> => pageOf(model, filter, page),
    routing: createRoutingStore(documents),
    ...customerMethods(documents),
  };
}

/**
 * The writes of one outcome, of which at most one finds its payment. A failed payment whose invoice
 * was closed meanwhile is cancelled.
 */
function outcomeWrites({ payment: { _id, sequence, attempt }, after }: Outcome): mongo.AnyBulkWriteOperation<Payment>[] {
  const waiting = { _id, status: 'processing', sequence, attempt } as const;
  if (after.status === 'succeeded') return [{ replaceOne: { filter: waiting, replacement: after } }];
  const ended = { status: 'cancelled', cancelOwed: after.intentId !== null } as const;
  const cancelledAfter: Payment = { ...after, cancelAsked: true, ...(after.status !== 'processing' && ended) };
  return [
    { replaceOne: { filter: { ...waiting, cancelAsked: false }, replacement: after } },
    { replaceOne: { filter: { ...waiting, cancelAsked: true }, replacement: cancelledAfter } },
  ];
}
