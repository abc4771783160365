import type { Connection } from 'mongoose';
import type { CustomerResource } from '../shared/contracts/customer-resource.ts';
import type { MarqueeEvent } from '../shared/events.ts';
import type { PageQuery } from '../shared/list.ts';
import { documentModel, insertNew, type Page, pageOf, upsertAll } from '../shared/mongo.ts';
import type { BilledCustomer } from './draft.ts';
import type { Invoice } from './invoice.ts';

type CustomerDocument = Omit<BilledCustomer, 'id'> & { _id: string; sequence: number };

export type InvoiceStore = {
  readonly find: (ids: readonly string[]) => Promise<ReadonlyMap<string, Invoice>>;
  readonly list: (filter: Readonly<Record<string, unknown>>, page: PageQuery) => Promise<Page<Invoice>>;
  /** Stores new invoices in one write and answers the ids that were not there yet. */
  readonly insert: (invoices: readonly Invoice[]) => Promise<ReadonlySet<string>>;
  /**
   * Reads the invoices, applies `change` to each and writes those it changed, each by compare-and-set; where another writer was
   * faster it reads again, so `change` must be pure and must answer the same object when there is nothing to do. Unknown ids are left out.
   */
  readonly change: (ids: readonly string[], change: (invoice: Invoice) => Invoice) => Promise<ReadonlyMap<string, Invoice>>;
  /** A customer's open invoices in a currency, the oldest first. */
  readonly openOf: (customerId: string, currency: string) => Promise<readonly Invoice[]>;
  /** Those that a settlement was about to pay. */
  readonly withPendingFunds: () => Promise<readonly Invoice[]>;
  readonly withUnpublishedClosure: () => Promise<readonly Invoice[]>;
  readonly withUnfinishedNotes: () => Promise<readonly Invoice[]>;
  readonly customers: (ids: readonly string[]) => Promise<ReadonlyMap<string, BilledCustomer>>;
  /** Drops the index by which no two invoices had one number, where an earlier version made it. */
  readonly allowSharedNumbers: () => Promise<void>;
  /** Keeps customers as their latest event shows them; older ones change nothing. */
  readonly saveCustomers: (events: readonly MarqueeEvent<CustomerResource>[]) => Promise<void>;
};

export function createInvoiceStore(documents: Connection): InvoiceStore {
  const invoices = invoiceModel(documents);
  const customers = customerModel(documents);

  const find: InvoiceStore['find'] = async (ids) => {
    const rows = (await invoices.find({ _id: { $in: ids } } as never).lean()) as unknown as Invoice[];
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
      const operations = changed.map((invoice) => ({
        replaceOne: { filter: { _id: invoice._id, revision: invoice.revision - 1 }, replacement: invoice },
      }));
      const { matchedCount } = await invoices.collection.bulkWrite(operations as never, { ordered: false });
      if (matchedCount === changed.length) return new Map([...after, ...changed].map((invoice) => [invoice._id, invoice]));
    }
  };

  return {
    find,
    change,
    list: (filter, page) => pageOf(invoices, filter, page),
    insert: (rows) => insertNew(invoices, rows),
    openOf: async (customerId, currency) =>
      (await invoices
        .find({ customerId, currency, status: 'open' } as never)
        .sort({ issuedAt: 1, _id: 1 })
        .lean()) as unknown as Invoice[],
    withPendingFunds: async () => (await invoices.find({ settling: { $ne: null } } as never).lean()) as unknown as Invoice[],
    withUnpublishedClosure: async () => (await invoices.find({ announcementOwed: true } as never).lean()) as unknown as Invoice[],
    withUnfinishedNotes: async () => (await invoices.find({ notesOwed: true } as never).lean()) as unknown as Invoice[],
    customers: async (ids) => {
      const rows = (await customers.find({ _id: { $in: [...new Set(ids)] } } as never).lean()) as unknown as CustomerDocument[];
      return new Map(rows.map(({ _id: id, sequence: _sequence, ...customer }) => [id, { id, ...customer }]));
    },
    allowSharedNumbers: async () => {
      const indexes = await invoices.collection.indexes();
      if (indexes.some(({ name }) => name === 'number_1')) await invoices.collection.dropIndex('number_1');
    },
    saveCustomers: (events) =>
      upsertAll(
        customers,
        events.map(({ sequence, data }) => ({
          filter: { _id: data.id, sequence: { $lt: sequence } },
          update: { $set: { ...savedFieldsOf(data), sequence } },
        })),
      ),
  };
}

const savedFieldsOf = ({
  name,
  email,
  country,
  locale,
  timezone,
  address,
  vatId,
  taxExempt,
  invoiceGrouping = 'separate',
  currency,
  testClock,
}: CustomerResource): Omit<BilledCustomer, 'id'> => ({
  name,
  email,
  country,
  locale,
  timezone,
  address,
  vatId,
  taxExempt,
  invoiceGrouping,
  currency,
  testClock,
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

const invoiceModel = (documents: Connection) =>
  documentModel<Invoice & { _id: string; createdAt: string }>(
    documents,
    'invoices',
    {
      number: String,
      status: String,
      customerId: String,
      subscriptionId: String,
      billedTo: {},
      seller: {},
      cause: String,
      causeEvent: String,
      createdAt: String,
      issuedAt: String,
      dueAt: String,
      period: {},
      lines: [{}],
      discounts: [{}],
      taxBehaviour: String,
      taxes: [{}],
      subtotal: Number,
      discount: Number,
      tax: Number,
      total: Number,
      creditApplied: Number,
      creditGranted: Number,
      amountDue: Number,
      amountPaid: Number,
      currency: String,
      attempts: [{}],
      changes: [{}],
      settlements: [{}],
      settling: {},
      testClock: String,
      consolidation: {},
      creditNotes: [{}],
      refunds: [{}],
      refundState: String,
      disputes: [{}],
      notesOwed: Boolean,
      announcementOwed: Boolean,
      revision: Number,
    },
    [
      // Of a number that several share each has a place of its own; one alone has none.
      { fields: { number: 1, 'consolidation.position': 1 }, unique: true },
      { fields: { 'consolidation.id': 1 } },
      { fields: { customerId: 1, createdAt: -1 } },
      { fields: { subscriptionId: 1, createdAt: -1 } },
      { fields: { status: 1, createdAt: -1 } },
    ],
  );
