import type { RequestedLine } from '../shared/contracts/invoice-request.ts';
import type { MarqueeEvent } from '../shared/events.ts';
import { passes } from '../shared/fault-points.ts';
import { voidRefundIdOf } from '../shared/ids.ts';
import { type Reaction, reaction } from '../shared/reaction.ts';
import type { Platform } from '../shared/service.ts';
import { returnVoidedCredit } from './close-invoice.ts';
import { type BillingEvent, changesBilling, closedBy, type RenewalCollector, requestedBy } from './consolidation/collect-renewals.ts';
import { granted } from './credit/account-credit.ts';
import type { CreditStore } from './credit/store.ts';
import type { LineAmount } from './credit-note/credit-note.ts';
import { creditNoteIssuedEvent } from './credit-note/credit-note-resource.ts';
import type { CreditNoteIssuer } from './credit-note/issue-credit-note.ts';
import { disputeReaction, type KeepPromises } from './disputes.ts';
import { type BilledCustomer, billedToOf, type Draft, draftWithTax } from './draft.ts';
import type { Finalisation } from './finalisation.ts';
import type { Invoice } from './invoice.ts';
import { overpaymentOf } from './invoice-balance.ts';
import { closedAs, reopenedOrPaid, successOf, withPayment, withRefund } from './invoice-changes.ts';
import { changeEvent, eventsCausedBy } from './invoice-resource.ts';
import { sellerFor } from './legal-entity/legal-entity.ts';
import type { LegalEntities } from './legal-entity/store.ts';
import type { InvoiceStore } from './store.ts';
import type { TaxCalculator } from './tax/tax-calculator.ts';

export type ReactionParts = {
  readonly invoices: InvoiceStore;
  readonly credits: CreditStore;
  readonly finalisation: Finalisation;
  readonly entities: LegalEntities;
  readonly tax: TaxCalculator;
  readonly creditNotes: CreditNoteIssuer;
  readonly collector: RenewalCollector;
};

/**
 * The reactions of invoicing to events. Everything is written before it is published, and a repeat
 * publishes the same events again.
 */
export const invoicingReactions = (platform: Platform, parts: ReactionParts): readonly Reaction[] => [
  reaction(['customer.created', 'customer.updated', 'customer.erased'], async (events) => {
    await parts.invoices.saveCustomers(events);
    return parts.collector.release(events);
  }),
  reaction(['subscription.*', 'gift.purchased'], async (events) => {
    const billed = events.filter((event) => requestedBy(event) || changesBilling(event));
    const customers = await parts.invoices.customers(billed.map(({ customerId }) => customerId));
    const { alone, follows } = await parts.collector.collect(billed, customers);
    return [
      ...follows,
      ...(await finaliseAll(platform, parts, alone, customers)),
      ...(await closeAll(platform, parts, events)),
      ...(await issueReturns(platform, parts, events)),
    ];
  }),
  reaction(['payment.succeeded', 'payment.declined', 'payment.action-required'], (events) => recordPayments(platform, parts, events)),
  reaction(['refund.succeeded', 'refund.failed'], (events) => recordRefunds(platform, parts, events)),
  disputeReaction(parts.invoices, promiseKeeper(platform, parts)),
];

/** Domain time: the time of the event where its customer lives on a test clock. */
const timeOf = (platform: Platform, { testClock, time }: MarqueeEvent): string => (testClock === null ? platform.now() : time);

async function finaliseAll(
  platform: Platform,
  { finalisation, entities, tax }: ReactionParts,
  requesting: readonly BillingEvent[],
  customers: ReadonlyMap<string, BilledCustomer>,
) {
  if (requesting.length === 0) return [];
  const sellers = await entities.all();
  const drafts: Draft[] = [];
  for (const event of requesting) {
    const request = requestedBy(event);
    if (request === null) continue;
    const customer = customers.get(event.customerId);
    if (!customer) throw new Error(`the customer ${event.customerId} is not known yet`);
    const seller = sellerFor(sellers, customer.country);
    drafts.push(await draftWithTax(tax, event, request, billedToOf(customer), seller));
  }
  const finalised = await finalisation.finalise(drafts);
  return publishAll(
    platform,
    finalised.flatMap((invoice) => invoice.changes.slice(0, 1).map((change) => changeEvent(invoice, change))),
  );
}

type Closure = { readonly as: 'void' | 'uncollectible'; readonly event: BillingEvent };

async function closeAll(platform: Platform, { invoices, credits }: ReactionParts, events: readonly BillingEvent[]) {
  const closures = new Map(
    events.flatMap((event) => closedBy(event).map(({ invoiceId, as }): [string, Closure] => [invoiceId, { as, event }])),
  );
  if (closures.size === 0) return [];
  const changed = await invoices.change([...closures.keys()], (invoice) => {
    const { as, event } = closures.get(invoice._id) as Closure;
    const result = closedAs(invoice, as, timeOf(platform, event), event.id);
    return result.ok ? result.value : invoice;
  });
  requireAll(changed, closures.keys());
  for (const invoice of changed.values()) await returnVoidedCredit(credits, invoice);
  return publishAll(
    platform,
    [...changed.values()].flatMap((invoice) => eventsCausedBy(invoice, (closures.get(invoice._id) as Closure).event.id)),
  );
}

/**
 * Issues the credit notes of a cancellation with a refund: one for each invoice that had charged
 * the unused time. A note that its invoice cannot have yet stays promised on it. Throws while an
 * invoice is not known yet, so that the event is redelivered.
 */
async function issueReturns(platform: Platform, { invoices, creditNotes }: ReactionParts, events: readonly BillingEvent[]) {
  const published: string[] = [];
  for (const event of events) {
    const refunds = 'refunds' in event.data ? event.data.refunds : [];
    const returns = Map.groupBy(refunds, ({ creditedInvoiceId }) => creditedInvoiceId ?? '');
    const charged = await invoices.find([...returns.keys()]);
    for (const [invoiceId, lines] of returns) {
      const invoice = charged.get(invoiceId);
      if (invoice === undefined) throw new Error(`the invoice ${invoiceId} is not known yet`);
      const amounts = lines.map((line) => lineAmountOf(invoice, line));
      const issued = await creditNotes.promise(invoiceId, amounts, `${event.id}:${invoiceId}`, timeOf(platform, event));
      if (issued) published.push(creditNoteIssuedEvent(issued.invoice, issued.note).id);
    }
  }
  return published;
}

/** The line of the invoice that this credit line returns, with its amount. */
const lineAmountOf = ({ lines }: Invoice, { planId, amount }: RequestedLine): LineAmount => ({
  line: lines.findIndex((line) => line.planId === planId && line.amount > 0),
  amount: -amount,
});

/** Issues promised notes that events have made possible, and returns the ids of their events. */
const promiseKeeper =
  (platform: Platform, { creditNotes }: Pick<ReactionParts, 'creditNotes'>): KeepPromises =>
  async (invoices, events) => {
    const published: string[] = [];
    for (const event of events) {
      const promising = invoices.get(event.data.invoiceId);
      const issued = promising ? await creditNotes.keepPromises(promising, timeOf(platform, event)) : [];
      published.push(...issued.map(({ invoice, note }) => creditNoteIssuedEvent(invoice, note).id));
    }
    return published;
  };

async function recordPayments(platform: Platform, parts: ReactionParts, events: readonly MarqueeEvent<'payment.*'>[]) {
  const { invoices, credits } = parts;
  const byInvoice = Map.groupBy(events, ({ data }) => data.invoiceId);
  const changed = await invoices.change([...byInvoice.keys()], (invoice) =>
    (byInvoice.get(invoice._id) ?? []).reduce((before, event) => withPayment(before, event, timeOf(platform, event)), invoice),
  );
  requireAll(changed, byInvoice.keys());
  passes('invoicing.after-payment');
  const invoiceOf = ({ data }: MarqueeEvent<'payment.*'>) => changed.get(data.invoiceId) as Invoice;
  /** The event that is recorded: for a success that was published again, the first one. */
  const recordedAs = (event: MarqueeEvent<'payment.*'>): string =>
    (event.type === 'payment.succeeded' && successOf(invoiceOf(event), event)?.event) || event.id;
  for (const event of events) {
    const invoice = invoiceOf(event);
    const amount = overpaymentOf(invoice, recordedAs(event));
    if (amount === 0) continue;
    const credit = { id: `${recordedAs(event)}:late`, amount, reason: 'late-payment', expiresAt: null };
    await credits.change(invoice.customerId, invoice.currency, (account) => granted(account, credit, event.time));
  }
  const published = await publishAll(
    platform,
    events.flatMap((event) => eventsCausedBy(invoiceOf(event), recordedAs(event))),
  );
  return [...published, ...(await promiseKeeper(platform, parts)(changed, events))];
}

/**
 * Records refunds on their invoices. A refund to account credit becomes account credit, and so does
 * a failed refund that a credit note or a void had requested.
 */
async function recordRefunds(platform: Platform, { invoices, credits }: ReactionParts, events: readonly MarqueeEvent<'refund.*'>[]) {
  const moved = Map.groupBy(events.filter(hasMovedMoney), ({ data }) => data.invoiceId);
  const changed = await invoices.change([...moved.keys()], (invoice) =>
    (moved.get(invoice._id) ?? []).reduce((before, { id, time, data }) => reopenedOrPaid(withRefund(before, data), time, id), invoice),
  );
  requireAll(changed, moved.keys());
  for (const { id, time, data } of events) {
    const { customerId, currency, amount, status, to, creditNoteId, invoiceId } = data;
    const isOfDocument = creditNoteId !== null || id.startsWith(voidRefundIdOf(invoiceId));
    if (status === 'succeeded' ? to !== 'credit' : !isOfDocument) continue;
    const credit = { id, amount, reason: status === 'succeeded' ? 'refund' : 'refund-failed', expiresAt: null };
    await credits.change(customerId, currency, (account) => granted(account, credit, time));
  }
  return publishAll(
    platform,
    [...moved].flatMap(([invoiceId, refunds]) => refunds.flatMap(({ id }) => eventsCausedBy(changed.get(invoiceId) as Invoice, id))),
  );
}

/**
 * True for a successful refund, or one that succeeded and later bounced: its failure is event 2.
 */
const hasMovedMoney = ({ data, sequence }: MarqueeEvent<'refund.*'>): boolean => data.status === 'succeeded' || sequence > 1;

/** Throws where an event has overtaken its invoice, so that it is redelivered. */
function requireAll(found: ReadonlyMap<string, unknown>, ids: Iterable<string>): void {
  for (const id of ids) if (!found.has(id)) throw new Error(`the invoice ${id} is not known yet`);
}

async function publishAll(platform: Platform, events: readonly MarqueeEvent[]): Promise<readonly string[]> {
  if (events.length > 0) await platform.publish(events);
  passes('invoicing.after-publish');
  return events.map(({ id }) => id);
}
