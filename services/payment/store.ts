import type { Connection } from 'mongoose';
import type { PaymentMethodsChanged } from '../shared/contracts/customer-resource.ts';
import type { MarqueeEvent } from '../shared/events.ts';
import { paymentIdOf } from '../shared/ids.ts';
import type { PageQuery } from '../shared/list.ts';
import { givenFilters } from '../shared/list.ts';
import { documentModel, insertNew, type Page, pageOf, upsertAll } from '../shared/mongo.ts';
import { batched } from '../shared/one-batch-at-a-time.ts';
import type { Instant } from '../shared/time.ts';
import { reduced } from './charging/payment-transitions.ts';
import type { ChargeableMethod, Payment } from './payment.ts';
import { paymentModel } from './payment-model.ts';
import { createRoutingStore } from './routing/store.ts';

type MethodsDocument = { _id: string; sequence: number; methods: readonly ChargeableMethod[]; country?: string | null };

/** What became of the attempt that `payment` shows. */
type Outcome = { readonly payment: Payment; readonly after: Payment };

export type PaymentStore = ReturnType<typeof createPaymentStore>;

export function createPaymentStore(documents: Connection) {
  const payments = paymentModel(documents);
  const customers = documentModel<MethodsDocument>(documents, 'payment_customers', {
    sequence: Number,
    methods: [{}],
    country: String,
  });

  const find = async (ids: readonly string[]): Promise<ReadonlyMap<string, Payment>> => {
    const rows = (await payments.find({ _id: { $in: ids } } as never).lean()) as unknown as Payment[];
    return new Map(rows.map((row) => [row._id, row]));
  };

  const replace = async ({ _id, status, sequence, attempt, cancelAsked, amount }: Payment, after: Payment): Promise<boolean> => {
    const filter = { _id, status, sequence, attempt, cancelAsked, amount };
    return (await payments.collection.replaceOne(filter as never, after as never)).matchedCount === 1;
  };

  const writeOutcomes = batched(async (outcomes: readonly Outcome[]) => {
    await payments.collection.bulkWrite(outcomes.flatMap(outcomeWrites) as never, { ordered: false });
    return outcomes;
  });

  return {
    find,
    /** Records new payments in one write and answers the ids that were not there yet. */
    insert: (rows: readonly Payment[]): Promise<ReadonlySet<string>> => insertNew(payments, rows),
    /** Replaces a payment that is still where it was read; false when somebody else moved it. */
    replace,
    /**
     * Writes an attempt's outcome onto the payment that waits for it, together with those of other payments that come meanwhile.
     * Changes nothing when the outcome is already there.
     */
    settle: async (payment: Payment, after: Payment): Promise<void> => {
      await writeOutcomes([{ payment, after }]);
    },
    /** Asks for the end of payments: of those without an answer once it is there, of the others at once. */
    cancel: async (ids: readonly string[]): Promise<void> => {
      const of = (status: object | string) => ({ _id: { $in: ids }, status }) as never;
      await payments.collection.updateMany(of('processing'), { $set: { cancelAsked: true } });
      await payments.collection.updateMany(of({ $in: ['declined', 'action-required'] }), {
        $set: { status: 'cancelled', cancelAsked: true, cancelOwed: true },
      });
    },
    /** Cancels a payment that has failed, so that it cannot be charged any more; true where it is so. One under way, or unknown, stays. */
    withdraw: async (id: string): Promise<boolean> => {
      const change = { $set: { status: 'cancelled', cancelAsked: true, cancelOwed: true } } as never;
      await payments.collection.updateOne({ _id: id, status: 'declined' } as never, change);
      return (await payments.countDocuments({ _id: id, status: 'cancelled' } as never)) === 1;
    },
    /** Makes a payment that has failed ask for less, with a new intent; true where it is so. One under way, or unknown, stays. */
    reduce: async (id: string, amount: number): Promise<boolean> => {
      const payment = (await find([id])).get(id);
      if (payment === undefined || payment.status !== 'declined') return false;
      if (payment.amount === amount) return true;
      return replace(payment, reduced(payment, amount));
    },
    /** Payments that wait for an answer since before `before`, or for their end at the gateway. */
    unsettled: async (before: Instant, now: Instant, limit: number): Promise<readonly Payment[]> => {
      const overdue = { status: 'processing', processingSince: { $lt: before }, lookAt: { $not: { $gt: now } } };
      const waiting = { $or: [overdue, { cancelOwed: true }] };
      return (await payments
        .find(waiting as never)
        .limit(limit)
        .lean()) as unknown as Payment[];
    },
    /** Applies a pure change of refunds and disputes to a payment, again where another writer was faster; the same object writes nothing. */
    changeRefunds: async (id: string, decide: (payment: Payment) => Payment): Promise<Payment | undefined> => {
      for (;;) {
        const before = (await find([id])).get(id);
        const after = before && decide(before);
        if (before === undefined || after === undefined || after === before) return before;
        const { refunds, refundsOwed, disputes } = after;
        const refundRevision = (before.refundRevision ?? 0) + 1;
        const filter = { _id: id, refundRevision: before.refundRevision ?? null };
        const { matchedCount } = await payments.collection.updateOne(
          filter as never,
          { $set: givenFilters({ refunds, refundsOwed, disputes, refundRevision }) } as never,
        );
        if (matchedCount === 1) return { ...after, refundRevision };
      }
    },
    /** Everything that paid an invoice, its own payment first. */
    ofInvoice: async (invoiceId: string): Promise<readonly Payment[]> => {
      const rows = (await payments.find({ invoiceId } as never).lean()) as unknown as Payment[];
      const place = ({ _id, createdAt }: Payment) => (_id === paymentIdOf(invoiceId) ? '' : createdAt + _id);
      return rows.sort((one, other) => (place(one) < place(other) ? -1 : 1));
    },
    /** Payments of a kind in the order of their ids, so many at a time; `filter` names stored fields. */
    walk: async function* (filter: Readonly<Record<string, unknown>>, atOnce = 200): AsyncGenerator<readonly Payment[]> {
      for (let after = ''; ; ) {
        const page = payments
          .find({ ...filter, _id: { $gt: after } } as never)
          .sort({ _id: 1 })
          .limit(atOnce);
        const rows = (await page.lean()) as unknown as Payment[];
        if (rows.length > 0) yield rows;
        if (rows.length < atOnce) return;
        after = (rows.at(-1) as Payment)._id;
      }
    },
    /** Payments with refunds whose outcome is not told yet. */
    owingRefunds: async (limit: number): Promise<readonly Payment[]> =>
      (await payments
        .find({ refundsOwed: true } as never)
        .limit(limit)
        .lean()) as unknown as Payment[],
    /** Lets a payment that a bank has be looked at now; any other is as it is. */
    lookNow: async (payment: Payment): Promise<Payment> => {
      if (payment.step !== 'pending') return payment;
      const filter = { _id: payment._id, status: 'processing', step: 'pending' };
      await payments.collection.updateOne(filter as never, { $set: { lookAt: null } });
      return { ...payment, lookAt: null };
    },
    /** Looks at a pending payment later again, unless somebody asked for a look meanwhile. */
    lookLater: async ({ _id, sequence, lookAt: before }: Payment, lookAt: Instant): Promise<void> => {
      await payments.collection.updateOne({ _id, sequence, status: 'processing', lookAt: before } as never, { $set: { lookAt } });
    },
    /** What banks have on a test clock, to be looked at now: the hour between two looks is not the clock's. */
    lookNowOn: async (testClock: string): Promise<readonly Payment[]> => {
      const pending = { testClock, status: 'processing', step: 'pending' } as never;
      await payments.collection.updateMany(pending, { $set: { lookAt: null } });
      return (await payments.find(pending).lean()) as unknown as Payment[];
    },
    list: (filter: Readonly<Record<string, unknown>>, page: PageQuery): Promise<Page<Payment>> => pageOf(payments, filter, page),
    routing: createRoutingStore(documents),
    /** What was heard last of customers' methods, in the customers' order. */
    methods: async (customerIds: readonly string[]): Promise<ReadonlyMap<string, MethodsDocument>> => {
      const rows = (await customers.find({ _id: { $in: [...new Set(customerIds)] } } as never).lean()) as unknown as MethodsDocument[];
      return new Map(rows.map((row) => [row._id, row]));
    },
    /** Keeps a customer's methods as their latest event shows them. */
    rememberMethods: (events: readonly MarqueeEvent<PaymentMethodsChanged>[]): Promise<void> =>
      upsertAll(
        customers,
        events.map(({ sequence, data: { customerId, paymentMethods, country = null } }) => ({
          filter: { _id: customerId, sequence: { $lt: sequence } },
          update: { $set: { sequence, country, methods: paymentMethods.map(({ id, token, gateway }) => ({ id, token, gateway })) } },
        })),
      ),
  };
}

/** One that was to be cancelled is cancelled where it failed. At most one of the writes finds its payment. */
function outcomeWrites({ payment: { _id, sequence, attempt }, after }: Outcome): readonly object[] {
  const waiting = { _id, status: 'processing', sequence, attempt };
  if (after.status === 'succeeded') return [{ replaceOne: { filter: waiting, replacement: after } }];
  const ended = { status: 'cancelled', cancelOwed: after.intentId !== null } as const;
  const cancelled: Payment = { ...after, cancelAsked: true, ...(after.status !== 'processing' && ended) };
  return [
    { replaceOne: { filter: { ...waiting, cancelAsked: false }, replacement: after } },
    { replaceOne: { filter: { ...waiting, cancelAsked: true }, replacement: cancelled } },
  ];
}
