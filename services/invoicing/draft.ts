import type { CustomerResource } from '../shared/contracts/customer-resource.ts';
import type { InvoiceRequest, RequestedLine } from '../shared/contracts/invoice-request.ts';
import type { SubscriptionResource } from '../shared/contracts/subscription-resource.ts';
import type { MarqueeEvent } from '../shared/events.ts';
import { pick } from '../shared/pick.ts';
import type { Instant } from '../shared/time.ts';
import type { BilledTo, Invoice, InvoiceLine } from './invoice.ts';
import { type Seller, taxSellerOf } from './legal-entity/legal-entity.ts';
import type { TaxBuyer, TaxCalculator, TaxRequest, TaxResult } from './tax/tax-calculator.ts';

/**
 * An invoice without its number and its account credit. `balance` is negative where the customer is
 * owed.
 */
export type Draft = Omit<Invoice, 'number' | 'status' | 'creditApplied' | 'amountDue'> & { readonly balance: number };

/** A customer as invoicing keeps them. */
export type BilledCustomer = BilledTo & Pick<CustomerResource, 'id' | 'currency' | 'testClock' | 'invoiceGrouping'>;

/** The event that requests an invoice, as far as the invoice depends on it. */
export type RequestingEvent = Pick<MarqueeEvent, 'id' | 'time' | 'customerId' | 'testClock'> & {
  readonly data: { readonly subscription: Pick<SubscriptionResource, 'id' | 'customerId'> };
};

/**
 * The tax calculation that a draft needs: each line after its discounts, the seller and the buyer.
 */
export const taxRequestOf = (request: InvoiceRequest, buyer: BilledTo, seller: Seller, at: Instant): TaxRequest => ({
  lines: request.lines.map(({ amount, discount, explanation }) => ({
    amount: amount - discount,
    supply: explanation.rule === 'early-exit' ? 'fee' : 'electronic-service',
  })),
  currency: request.currency,
  taxBehaviour: request.taxBehaviour,
  seller: taxSellerOf(seller),
  buyer: taxBuyerOf(buyer),
  at,
});

/** Fields of an address have free names; these are the ones that decide about tax. */
const taxBuyerOf = ({ country, vatId, address, taxExempt }: BilledTo): TaxBuyer => ({
  country,
  vatId,
  region: address?.region ?? address?.state ?? null,
  postalCode: address?.postalCode ?? null,
  exempt: taxExempt,
});

/**
 * Makes the requested invoice: texts in the customer's language, tax, totals. Pure, and a repeat of
 * the event makes the same draft. A negative sum makes a total of 0 and becomes account credit
 * (docs/billing-rules.md, Discounts, credit, tax).
 */
export function draftOf(event: RequestingEvent, request: InvoiceRequest, billedTo: BilledTo, seller: Seller, taxed: TaxResult): Draft {
  const lines = request.lines.map((line, index) => lineOf(line, taxed.lines[index], billedTo.locale));
  const sums = totalsOf(lines, request.taxBehaviour);
  return {
    _id: request.invoiceId,
    customerId: event.customerId,
    subscriptionId: event.data.subscription.id,
    billedTo,
    seller,
    cause: request.cause,
    causeEvent: event.id,
    createdAt: event.time,
    issuedAt: event.time,
    dueAt: event.time,
    period: request.period,
    lines,
    discounts: request.discounts.map((discount) => pick(discount, ['couponId', 'name', 'percent', 'base', 'amount', 'shares'])),
    taxBehaviour: request.taxBehaviour,
    taxes: taxed.totals,
    ...sums,
    creditGranted: Math.max(0, -sums.balance),
    amountPaid: 0,
    currency: request.currency,
    attempts: [],
    creditNotes: [],
    changes: [{ type: 'invoice.finalised', sequence: 1, at: event.time, cause: event.id }],
    testClock: event.testClock,
    revision: 1,
  };
}

/** Calculates the tax and makes the draft, for real invoices, previews and verifications alike. */
export async function draftWithTax(
  tax: TaxCalculator,
  event: RequestingEvent,
  request: InvoiceRequest,
  billedTo: BilledTo,
  seller: Seller,
): Promise<Draft> {
  return draftOf(event, request, billedTo, seller, await tax.taxOf(taxRequestOf(request, billedTo, seller, event.time)));
}

export const billedToOf = ({
  id: _id,
  currency: _currency,
  testClock: _testClock,
  invoiceGrouping: _invoiceGrouping,
  ...billedTo
}: BilledCustomer): BilledTo => billedTo;

/** The finished invoice: with nothing due it is paid, without any payment. */
export function withNumberAndCredit({ balance: _balance, ...draft }: Draft, number: string, creditApplied: number): Invoice {
  const amountDue = draft.total - creditApplied;
  return { ...draft, number, creditApplied, amountDue, status: amountDue === 0 ? 'paid' : 'open' };
}

function lineOf(line: RequestedLine, taxed: TaxResult['lines'][number] | undefined, locale: string): InvoiceLine {
  const { kind, amount, discount, quantity, period, planId, planVersion, explanation } = line;
  const { rate: taxRate = '0', tax = 0, category: taxCategory = 'O', net = amount - discount } = taxed ?? {};
  const shownPeriod = period.start === period.end ? null : period;
  const described = { kind, description: describe(line, locale), amount, discount, quantity, period: shownPeriod };
  return { ...described, taxRate, tax, taxCategory, net, planId, planVersion, explanation };
}

function totalsOf(lines: readonly InvoiceLine[], taxBehaviour: 'inclusive' | 'exclusive') {
  const subtotal = lines.reduce((total, { amount }) => total + amount, 0);
  const discount = lines.reduce((total, line) => total + line.discount, 0);
  const tax = lines.reduce((total, line) => total + line.tax, 0);
  const balance = subtotal - discount + (taxBehaviour === 'exclusive' ? tax : 0);
  return { subtotal, discount, tax, balance, total: Math.max(0, balance) };
}

/** The plan's name in the customer's language, else in English, else in any. */
function describe({ name, planId }: RequestedLine, locale: string): string {
  const language = locale.split('-')[0] ?? locale;
  return name[locale] ?? name[language] ?? name.en ?? Object.values(name)[0] ?? planId ?? '';
}
