import { withCreditNote } from '../../services/invoicing/credit-note/credit-note.ts';
import { draftOf, taxRequestOf, withNumberAndCredit } from '../../services/invoicing/draft.ts';
import type { BilledTo, Invoice } from '../../services/invoicing/invoice.ts';
import { type Seller, unnamedSeller } from '../../services/invoicing/legal-entity/legal-entity.ts';
import { tableTax } from '../../services/invoicing/tax/table-tax.ts';
import type { TaxRequest, TaxResult } from '../../services/invoicing/tax/tax-calculator.ts';
import type { InvoiceRequest } from '../../services/shared/contracts/invoice-request.ts';
import type { MarqueeEvent } from '../../services/shared/events.ts';
import { type Line, noon, renewalDue } from './money-events.ts';

/** A company in Germany that charges its 19 %. */
export const germanSeller: Seller = {
  ...unnamedSeller,
  name: 'Strom GmbH',
  country: 'DE',
  address: { line1: 'Lange Gasse 1', line2: 'Hof', city: 'Berlin', postalCode: '10115', region: 'BE' },
  vatId: 'DE136695976',
  email: 'rechnung@strom.example',
  registrations: ['DE'],
};

/** The same without any registration for tax. */
export const unregisteredSeller: Seller = { ...germanSeller, vatId: null, registrations: [] };

export const ada: BilledTo = {
  name: 'Ada & Söhne <KG>',
  email: 'ada@example.com',
  country: 'DE',
  locale: 'de-DE',
  timezone: 'Europe/Berlin',
  address: { line1: 'Am Ufer 2', city: 'Bonn', postalCode: '53111' },
  vatId: null,
  taxExempt: false,
};

export const frenchBusiness: BilledTo = { ...ada, name: 'Lumière SA', country: 'FR', vatId: 'FR40303265045' };

/** A line with the changes of a test; a fee is a compensation, and no supply. */
export type BilledLine = Line & { readonly quantity?: number; readonly isFee?: boolean };

/** A registered German seller bills a German consumer; a test passes the differences. */
export type BilledInvoiceOptions = {
  readonly lines?: readonly BilledLine[];
  readonly taxBehaviour?: 'inclusive' | 'exclusive';
  readonly coupon?: string;
  readonly seller?: Seller;
  readonly buyer?: BilledTo;
  readonly currency?: string;
  readonly creditApplied?: number;
  readonly taxOf?: (request: TaxRequest) => TaxResult;
};

function requestOf(
  event: MarqueeEvent<'subscription.renewal-due'>,
  { lines = [{ amount: 1799 }], taxBehaviour = 'inclusive', coupon }: BilledInvoiceOptions,
) {
  const request = event.data.invoice;
  const shares = lines.map(({ discount = 0 }) => discount);
  const amount = shares.reduce((sum, share) => sum + share, 0);
  const whole = { couponId: 'coupon', name: coupon ?? 'Welcome', percent: null, base: amount, amount, shares };
  return {
    ...request,
    taxBehaviour,
    discounts: amount === 0 ? [] : [whole],
    lines: request.lines.map((line, index) => ({
      ...line,
      quantity: lines[index]?.quantity ?? 1,
      explanation: lines[index]?.isFee ? { ...line.explanation, rule: 'early-exit' } : line.explanation,
    })),
  } satisfies InvoiceRequest;
}

/** An invoice from the code that makes real ones. */
export function billedInvoice(options: BilledInvoiceOptions): Invoice {
  const {
    lines = [{ amount: 1799 }],
    seller = germanSeller,
    buyer = ada,
    currency = 'EUR',
    creditApplied = 0,
    taxOf = tableTax.taxOf,
  } = options;
  const event = renewalDue({ lines, currency });
  const request = requestOf(event, options);
  const draft = draftOf(event, request, buyer, seller, taxOf(taxRequestOf(request, buyer, seller, event.time)));
  return withNumberAndCredit(draft, 'MQ-2026-000001', Math.min(creditApplied, draft.total));
}

/** The invoice, paid, with a note over an amount, some of its lines, or everything. */
export function creditedInvoice(
  options: BilledInvoiceOptions,
  note: { readonly lines?: readonly number[]; readonly amount?: number } = {},
): Invoice {
  const invoice = { ...billedInvoice(options), status: 'paid' } as const;
  const result = withCreditNote(invoice, 'cn_1', 'MQ-CN-2026-000001', { ...note, reason: 'Service was down' }, noon);
  if (!result.ok) throw new Error(result.rejection.message);
  return result.value;
}

/** Each line taxed as if its buyer were in the country named for it. */
export const taxedIn =
  (countries: readonly string[]) =>
  (request: TaxRequest): TaxResult => {
    const results = request.lines.map((line, index) => {
      const country = countries[index] ?? request.buyer.country;
      return tableTax.taxOf({ ...request, lines: [line], buyer: { ...request.buyer, country } });
    });
    return { lines: results.flatMap(({ lines }) => lines), totals: results.flatMap(({ totals }) => totals) };
  };
