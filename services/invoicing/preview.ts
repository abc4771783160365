import type { InvoiceRequest } from '../shared/contracts/invoice-request.ts';
import type { InvoicePreview } from '../shared/contracts/invoice-resource.ts';
import { equal } from '../shared/equal.ts';
import { creditAccountId, drawn, drawnFor, granted, newCreditAccount } from './credit/account-credit.ts';
import type { CreditStore } from './credit/store.ts';
import { type BilledCustomer, billedToOf, draftWithTax, type RequestingEvent, withNumberAndCredit } from './draft.ts';
import type { Invoice } from './invoice.ts';
import { invoiceResource } from './invoice-resource.ts';
import { sellerFor } from './legal-entity/legal-entity.ts';
import type { LegalEntities } from './legal-entity/store.ts';
import type { InvoiceStore } from './store.ts';
import type { TaxCalculator } from './tax/tax-calculator.ts';

/** A request for an invoice, made or foreseen: with its event and its instant. */
export type PlannedRequest = { readonly request: InvoiceRequest; readonly at: string; readonly event: string };

export type PreviewParts = {
  readonly invoices: InvoiceStore;
  readonly credits: CreditStore;
  readonly entities: LegalEntities;
  readonly tax: TaxCalculator;
};

const requestingEventOf = (
  customer: Pick<BilledCustomer, 'id' | 'testClock'>,
  subscriptionId: string,
  { at, event }: PlannedRequest,
): RequestingEvent => ({
  id: event,
  time: at,
  customerId: customer.id,
  testClock: customer.testClock,
  data: { subscription: { id: subscriptionId, customerId: customer.id } },
});

/**
 * The invoices that these requests would make, in order, each with the account credit that the
 * earlier ones leave or grant. Nothing is stored, numbered or drawn. Undefined for an unknown
 * customer.
 */
export async function previewInvoices(
  parts: PreviewParts,
  customerId: string,
  subscriptionId: string,
  requests: readonly PlannedRequest[],
) {
  const customer = (await parts.invoices.customers([customerId])).get(customerId);
  if (customer === undefined) return undefined;
  const seller = sellerFor(await parts.entities.all(), customer.country);
  const ids = requests.map(({ request }) => creditAccountId(customerId, request.currency));
  const accounts = new Map(await parts.credits.find(ids));
  const previews: InvoicePreview[] = [];
  for (const requested of requests) {
    const { request, at } = requested;
    const drafted = await draftWithTax(
      parts.tax,
      requestingEventOf(customer, subscriptionId, requested),
      request,
      billedToOf(customer),
      seller,
    );
    const id = creditAccountId(customerId, request.currency);
    const before = accounts.get(id) ?? newCreditAccount(customerId, request.currency);
    const credit = { id: `${drafted._id}:granted`, amount: drafted.creditGranted, reason: 'invoice', expiresAt: null };
    const afterGrant = granted(before, credit, at);
    const account = drafted.total > 0 ? drawn(afterGrant, drafted._id, drafted.total, at) : afterGrant;
    accounts.set(id, account);
    const invoice = withNumberAndCredit(drafted, '', drawnFor(account, drafted._id));
    previews.push({ ...invoiceResource(invoice), number: null, status: 'draft', cause: request.cause });
  }
  return previews;
}

const compared = [
  'lines',
  'discounts',
  'taxes',
  'subtotal',
  'discount',
  'tax',
  'total',
  'currency',
  'period',
  'issuedAt',
  'creditGranted',
] as const;

/** One field of a stored invoice that differs from the invoice made again from its request. */
type Difference = { readonly invoiceId: string; readonly field: string; readonly stored: unknown; readonly derived: unknown };

/**
 * The differences between stored invoices and the same invoices made again from their requests, for
 * the customer and seller that they were made for.
 */
export async function invoiceDifferences({ invoices, tax }: PreviewParts, subscriptionId: string, requests: readonly PlannedRequest[]) {
  const stored = await invoices.find(requests.map(({ request }) => request.invoiceId));
  const found: Difference[] = [];
  for (const requested of requests) {
    const invoice = stored.get(requested.request.invoiceId);
    if (invoice === undefined) found.push({ invoiceId: requested.request.invoiceId, field: 'invoice', stored: null, derived: 'asked for' });
    else found.push(...(await differencesOf(tax, invoice, subscriptionId, requested)));
  }
  return found;
}

async function differencesOf(
  tax: TaxCalculator,
  invoice: Invoice,
  subscriptionId: string,
  requested: PlannedRequest,
): Promise<Difference[]> {
  const customer = { id: invoice.customerId, testClock: invoice.testClock };
  const again = await draftWithTax(
    tax,
    requestingEventOf(customer, subscriptionId, requested),
    requested.request,
    invoice.billedTo,
    invoice.seller,
  );
  const fields = compared.filter((field) => !equal(JSON.parse(JSON.stringify(again[field])), invoice[field]));
  return fields.map((field) => ({ invoiceId: invoice._id, field, stored: invoice[field], derived: again[field] }));
}
