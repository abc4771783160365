import type { Connection, mongo } from 'mongoose';
import type { CustomerResource } from '../shared/contracts/customer-resource.ts';
import type { MarqueeEvent } from '../shared/events.ts';
import type { PageQuery } from '../shared/list.ts';
import { collectionOf, documentModel, insertNew, type Page, pageOf, upsertAll } from '../shared/mongo.ts';
import { pick } from '../shared/pick.ts';
import type { PageOfRows } from '../shared/sweep.ts';
import type { Instant } from '../shared/time.ts';
import type { BilledCustomer } from './draft.ts';
import type { Invoice } from './invoice.ts';
import { invoiceModel } from './invoice-model.ts';

type CustomerDocument = Omit<BilledCustomer, 'id'> & { readonly _id: string; readonly sequence: number };

export type InvoiceStore = {
  /** The invoices that exist, by id. */
  readonly find: (ids: readonly string[]) => Promise<ReadonlyMap<string, Invoice>>;
  readonly list: (filter: Readonly<Record<string, unknown>>, page: PageQuery) => Promise<Page<Invoice>>;
  /** Stores new invoices in one write and returns the ids that did not exist before. */
  readonly insert: (invoices: readonly Invoice[]) => Promise<ReadonlySet<string>>;
  /**
   * Reads the invoices, applies `change` to each and writes those it changed, each by
   * compare-and-set. Where another writer was faster it reads again, so `change` must be pure and
   * must return the same object when there is nothing to do. Unknown ids are left out.
   */
  readonly change: (ids: readonly string[], change: (invoice: Invoice) => Invoice) => Promise<ReadonlyMap<string, Invoice>>;
  /** The documents that bear these numbers: invoices, consolidated invoices and credit notes. */
  readonly bearersOf: (numbers: readonly string[]) => Promise<ReadonlyMap<string, string>>;
  /** A customer's open invoices in a currency, oldest first. */
  readonly openOf: (customerId: string, currency: string) => Promise<readonly Invoice[]>;
  /** Invoices paid in the half-open period `[from, to)`, by id, behind the id `after`. */
  readonly paidBetween: (from: Instant, to: Instant, after: string, limit: number) => Promise<readonly Invoice[]>;
  /** Invoices that credit or offline money was about to pay when its process stopped. */
  readonly withPendingFunds: PageOfRows<Invoice>;
  /** Invoices that were closed on request and whose event may not be published. */
  readonly withUnpublishedClosure: PageOfRows<Invoice>;
  /** Invoices with a credit note that may be unnumbered, ungranted or unpublished. */
  readonly withUnfinishedNotes: PageOfRows<Invoice>;
  /** Invoices with a credit note that they cannot have yet. */
  readonly withPromisedNotes: PageOfRows<Invoice>;
  readonly customers: (ids: readonly string[]) => Promise<ReadonlyMap<string, BilledCustomer>>;
  /** Drops the index of an earlier version that made every invoice number unique. */
  readonly allowSharedNumbers: () => Promise<void>;
  /** Keeps customers as their latest event shows them; older events change nothing. */
  readonly saveCustomers: (events: readonly MarqueeEvent<'customer.created' | 'customer.updated' | 'customer.erased'>[]) => Promise<void>;
};

export function createInvoiceStore(documents: Connection): InvoiceStore {
  const model = invoiceModel(documents);
  const invoices = collectionOf(model);

  const find: InvoiceStore['find'] = async (ids) => {
    const rows = await invoices.find<Invoice>({ _id: { $in: [...ids] } }).toArray();
    return new Map(rows.map((row) => [row._id, row]));
  };

  const change: InvoiceStore['change'] = async (ids, decide) => {
    for (;;) {
      const before = [...(await find(ids)).values()];
      const after = before.map((invoice) => decide(invoice));
      const changed = after
        .filter((invoice, index) => invoice !== before[index])
        .map((invoice) => ({ ...invoice, revision: invoice.revision + 1 }));
      if (changed.length === 0) return new Map(after.map((invoice) => [invoice._id, invoice]));
      const writes = changed.map(({ _id, ...replacement }) => ({
        replaceOne: { filter: { _id, revision: replacement.revision - 1 }, replacement },
      }));
      const { matchedCount } = await invoices.bulkWrite(writes, { ordered: false });
      if (matchedCount === changed.length) return new Map([...after, ...changed].map((invoice) => [invoice._id, invoice]));
    }
  };

  const owing =
    (filter: mongo.Filter<Invoice>): PageOfRows<Invoice> =>
    (after, limit) =>
      invoices
        .find<Invoice>({ ...filter, _id: { $gt: after } })
        .sort({ _id: 1 })
        .limit(limit)
        .toArray();

  return {
    find,
    change,
    list: (filter, page) => pageOf(model, filter, page),
    insert: (rows) => insertNew(model, rows),
    bearersOf: async (numbers) => {
      const wanted = { $in: [...numbers] };
      const rows = await invoices
        .find<Invoice>({ $or: [{ number: wanted }, { 'creditNotes.number': wanted }] }, { projection: bearerFields })
        .toArray();
      const bearers = rows.flatMap(bearersIn);
      return new Map(bearers.filter(([number]) => numbers.includes(number)));
    },
    openOf: (customerId, currency) =>
      invoices.find<Invoice>({ customerId, currency, status: 'open' }).sort({ issuedAt: 1, _id: 1 }).toArray(),
    paidBetween: (from, to, after, limit) => {
      const changes = { $elemMatch: { type: 'invoice.paid' as const, at: { $gte: from, $lt: to } } };
      return invoices
        .find<Invoice>({ changes, _id: { $gt: after } })
        .sort({ _id: 1 })
        .limit(limit)
        .toArray();
    },
    withPendingFunds: owing({ 'settling.id': { $gt: '' } }),
    withUnpublishedClosure: owing({ announcementOwed: true }),
    withUnfinishedNotes: owing({ notesOwed: true }),
    withPromisedNotes: owing({ 'promisedNotes.id': { $gt: '' } }),
    allowSharedNumbers: async () => {
      const indexes = await invoices.indexes();
      if (indexes.some(({ name }) => name === 'number_1')) await invoices.dropIndex('number_1');
    },
    ...customerProjection(documents),
  };
}

const bearerFields = { number: 1, consolidation: 1, 'creditNotes.id': 1, 'creditNotes.number': 1 };

/** Numbers with the id that they were assigned to. */
const bearersIn = ({ _id, number, consolidation, creditNotes }: Invoice): [string, string][] => [
  [number, consolidation?.id ?? _id],
  ...creditNotes.map((note): [string, string] => [note.number, note.id]),
];

/** Customers as invoicing keeps them, from the events of the account service. */
function customerProjection(documents: Connection): Pick<InvoiceStore, 'customers' | 'saveCustomers'> {
  const model = customerModel(documents);
  return {
    customers: async (ids) => {
      const rows = await collectionOf(model)
        .find<CustomerDocument>({ _id: { $in: [...new Set(ids)] } })
        .toArray();
      return new Map(rows.map(({ _id: id, sequence: _sequence, ...customer }) => [id, { id, ...customer }]));
    },
    saveCustomers: (events) =>
      upsertAll(
        model,
        events.map(({ sequence, data }) => ({
          filter: { _id: data.id, sequence: { $lt: sequence } },
          update: { $set: { ...savedFieldsOf(data), sequence } },
        })),
      ),
  };
}

const savedFields = ['name', 'email', 'country', 'locale', 'timezone', 'address', 'vatId', 'taxExempt', 'currency', 'testClock'] as const;

const savedFieldsOf = (customer: CustomerResource): Omit<BilledCustomer, 'id'> => ({
  ...pick(customer, savedFields),
  invoiceGrouping: customer.invoiceGrouping ?? 'separate',
});

const customerModel = (documents: Connection) =>
  documentModel<CustomerDocument>(documents, 'invoicing_customers', {
    name: String,
    email: String,
    country: String,
    locale: String,
    timezone: String,
    address: {},
    vatId: String,
    taxExempt: Boolean,
    invoiceGrouping: String,
    currency: String,
    testClock: String,
    sequence: Number,
  });
