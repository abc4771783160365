import type { CustomerResource, MarqueeEvent, PaymentResource } from '../shared/events.ts';
import { passes } from '../shared/fault-points.ts';
import type { Platform, Reaction } from '../shared/service.ts';
import { granted } from './account-credit.ts';
import { returnCredit } from './closing.ts';
import type { CreditStore } from './credit-store.ts';
import { billedToOf, type Draft, draft } from './draft.ts';
import type { Finalisation } from './finalisation.ts';
import { changeEvent, closed, eventsCausedBy, type Invoice, isOverpaidBy, withPayment } from './invoice.ts';
import { sellerFor } from './legal-entity.ts';
import type { LegalEntities } from './legal-entity-store.ts';
import type { InvoiceStore } from './store.ts';
import type { InvoiceRequest, SubscriptionHappened } from './subscription-events.ts';
import type { TaxCalculator } from './tax/question.ts';

export type Ledgers = {
  readonly invoices: InvoiceStore;
  readonly credits: CreditStore;
  readonly finalisation: Finalisation;
  readonly entities: LegalEntities;
  readonly tax: TaxCalculator;
};

/** What invoicing does when something happened. Everything is written before it is published, and a repeat publishes the same again. */
export const invoicingReactions = (platform: Platform, ledgers: Ledgers): readonly Reaction[] => [
  {
    to: ['customer.created', 'customer.updated', 'customer.erased'],
    handle: (events: readonly MarqueeEvent<CustomerResource>[]) => ledgers.invoices.rememberCustomers(events),
  },
  {
    to: ['subscription.*', 'gift.purchased'],
    handle: async (events: readonly MarqueeEvent<SubscriptionHappened>[]) => [
      ...(await finaliseAll(platform, ledgers, events)),
      ...(await closeAll(platform, ledgers, events)),
    ],
  },
  {
    to: ['payment.succeeded', 'payment.declined', 'payment.action-required'],
    handle: (events: readonly MarqueeEvent<PaymentResource>[]) => recordPayments(platform, ledgers, events),
  },
];

/** Domain time: the event's for what lives on a test clock. */
const timeOf = (platform: Platform, { testClock, time }: MarqueeEvent): string => (testClock === null ? platform.now() : time);

async function finaliseAll(
  platform: Platform,
  { invoices, finalisation, entities, tax }: Ledgers,
  events: readonly MarqueeEvent<SubscriptionHappened>[],
) {
  const asking = events.filter(({ data }) => data.invoice);
  if (asking.length === 0) return [];
  const [customers, sellers] = await Promise.all([invoices.customers(asking.map(({ customerId }) => customerId)), entities.all()]);
  const drafts: Draft[] = [];
  for (const event of asking) {
    const customer = customers.get(event.customerId);
    if (!customer) throw new Error(`the customer ${event.customerId} is not known yet`);
    const seller = sellerFor(sellers, customer.country);
    drafts.push(await draft(tax, event, event.data.invoice as InvoiceRequest, billedToOf(customer), seller));
  }
  const finalised = await finalisation.finalise(drafts);
  return publishAll(
    platform,
    finalised.flatMap((invoice) => invoice.changes.slice(0, 1).map((change) => changeEvent(invoice, change))),
  );
}

type Closing = { readonly as: 'void' | 'uncollectible'; readonly event: MarqueeEvent };

async function closeAll(platform: Platform, { invoices, credits }: Ledgers, events: readonly MarqueeEvent<SubscriptionHappened>[]) {
  const closings = new Map(
    events.flatMap((event) => (event.data.closes ?? []).map(({ invoiceId, as }): [string, Closing] => [invoiceId, { as, event }])),
  );
  if (closings.size === 0) return [];
  const changed = await invoices.change([...closings.keys()], (invoice) => {
    const { as, event } = closings.get(invoice._id) as Closing;
    const result = closed(invoice, as, timeOf(platform, event), event.id);
    return result.ok ? result.value : invoice;
  });
  requireAll(changed, closings.keys());
  for (const invoice of changed.values()) await returnCredit(credits, invoice);
  return publishAll(
    platform,
    [...changed.values()].flatMap((invoice) => eventsCausedBy(invoice, (closings.get(invoice._id) as Closing).event.id)),
  );
}

async function recordPayments(platform: Platform, { invoices, credits }: Ledgers, events: readonly MarqueeEvent<PaymentResource>[]) {
  const byInvoice = Map.groupBy(events, ({ data }) => data.invoiceId);
  const changed = await invoices.change([...byInvoice.keys()], (invoice) =>
    (byInvoice.get(invoice._id) ?? []).reduce((before, event) => withPayment(before, event, timeOf(platform, event)), invoice),
  );
  requireAll(changed, byInvoice.keys());
  passes('invoicing.after-payment');
  for (const event of events) {
    const invoice = changed.get(event.data.invoiceId) as Invoice;
    if (!isOverpaidBy(invoice, event)) continue;
    const credit = { id: `${event.id}:late`, amount: event.data.amount, reason: 'late-payment', expiresAt: null };
    await credits.change(invoice.customerId, invoice.currency, (account) => granted(account, credit, event.time));
  }
  return publishAll(
    platform,
    events.flatMap((event) => eventsCausedBy(changed.get(event.data.invoiceId) as Invoice, event.id)),
  );
}

/** Events may overtake each other: what names an invoice that is not there yet has to come again. */
function requireAll(found: ReadonlyMap<string, unknown>, ids: Iterable<string>): void {
  for (const id of ids) if (!found.has(id)) throw new Error(`the invoice ${id} is not known yet`);
}

async function publishAll(platform: Platform, events: readonly MarqueeEvent[]): Promise<readonly string[]> {
  if (events.length > 0) await platform.publish(events);
  passes('invoicing.after-publish');
  return events.map(({ id }) => id);
}
