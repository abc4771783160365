import type { CustomerResource, MarqueeEvent } from '../shared/events.ts';
import type { Instant } from '../shared/time.ts';
import type { BilledTo, Invoice, InvoiceLine } from './invoice.ts';
import type { InvoiceRequest, RequestedLine, SubscriptionHappened } from './subscription-events.ts';
import type { TaxCalculator } from './tax.ts';

/** An invoice that lacks its number and what account credit pays of it. `balance` is negative where the customer is owed. */
export type Draft = Omit<Invoice, 'number' | 'status' | 'creditApplied' | 'amountDue'> & { readonly balance: number };

/** A customer as invoicing remembers them. */
export type BilledCustomer = BilledTo & Pick<CustomerResource, 'id' | 'currency' | 'testClock'>;

/**
 * Works out what an event asks to be invoiced: words in the customer's language, tax, totals. Pure, and a repeat of the event makes the
 * same draft. A negative sum makes a total of 0 and becomes account credit (billing-rules.md, Discounts, credit, tax).
 */
export function draftOf(
  event: MarqueeEvent<SubscriptionHappened>,
  request: InvoiceRequest,
  customer: BilledCustomer,
  taxOf: TaxCalculator,
): Draft {
  const { id: _id, currency: _currency, testClock: _testClock, ...billedTo } = customer;
  const { lines, reason } = linesOf(request, customer, event.time, taxOf);
  const sums = totalsOf(lines, request.taxBehaviour);
  return {
    _id: request.invoiceId,
    customerId: event.customerId,
    subscriptionId: event.data.subscription.id,
    billedTo,
    cause: request.cause,
    causeEvent: event.id,
    createdAt: event.time,
    issuedAt: event.time,
    dueAt: event.time,
    period: request.period,
    lines,
    taxBehaviour: request.taxBehaviour,
    taxReason: reason,
    ...sums,
    creditGranted: Math.max(0, -sums.balance),
    amountPaid: 0,
    currency: request.currency,
    attempts: [],
    changes: [{ type: 'invoice.finalised', sequence: 1, at: event.time, cause: event.id }],
    testClock: event.testClock,
    revision: 1,
  };
}

/** The finished invoice: nothing due means paid, without any payment. */
export function withNumberAndCredit({ balance: _balance, ...draft }: Draft, number: string, creditApplied: number): Invoice {
  const amountDue = draft.total - creditApplied;
  return { ...draft, number, creditApplied, amountDue, status: amountDue === 0 ? 'paid' : 'open' };
}

function linesOf({ lines, currency, taxBehaviour }: InvoiceRequest, customer: BilledCustomer, at: Instant, taxOf: TaxCalculator) {
  const { country, vatId, locale } = customer;
  const taxed = taxOf({ amounts: lines.map(({ amount }) => amount), currency, taxBehaviour, country, vatId, at });
  const described = lines.map((line, index): InvoiceLine => {
    const { rate = '0', tax = 0 } = taxed.lines[index] ?? {};
    const { kind, amount, quantity, period, planId, planVersion, explanation } = line;
    return { kind, description: describe(line, locale), amount, quantity, period, taxRate: rate, tax, planId, planVersion, explanation };
  });
  return { lines: described, reason: taxed.reason };
}

function totalsOf(lines: readonly InvoiceLine[], taxBehaviour: 'inclusive' | 'exclusive') {
  const sum = (wanted: (line: InvoiceLine) => boolean) => lines.filter(wanted).reduce((total, { amount }) => total + amount, 0);
  const subtotal = sum(({ kind }) => kind !== 'discount');
  const discount = 0 - sum(({ kind }) => kind === 'discount');
  const tax = lines.reduce((total, line) => total + line.tax, 0);
  const balance = subtotal - discount + (taxBehaviour === 'exclusive' ? tax : 0);
  return { subtotal, discount, tax, balance, total: Math.max(0, balance) };
}

/** The plan's name in the customer's language, else in English, else in any. */
function describe({ name, planId }: RequestedLine, locale: string): string {
  const language = locale.split('-')[0] ?? locale;
  return name[locale] ?? name[language] ?? name.en ?? Object.values(name)[0] ?? planId;
}
