import { type CreditNoteRequest, withCreditNote } from '../../services/invoicing/credit-note/credit-note.ts';
import { draftOf, taxRequestOf, withNumberAndCredit } from '../../services/invoicing/draft.ts';
import type { BilledTo, Invoice } from '../../services/invoicing/invoice.ts';
import { type Seller, unnamedSeller } from '../../services/invoicing/legal-entity/legal-entity.ts';
import { tableTax } from '../../services/invoicing/tax/table-tax.ts';
import type { InvoiceRequest } from '../../services/shared/contracts/invoice-request.ts';
import { type Line, noon, renewalDue } from './money-events.ts';

export const ada: BilledTo = {
  ...{
    name: 'Ada Lovelace',
    email: 'ada@example.com',
    country: 'DE',
    locale: 'en',
    timezone: 'Europe/Berlin',
    vatId: null,
    taxExempt: false,
  },
  address: { line1: 'Torstraße 1', postalCode: '10119', city: 'Berlin' },
};

/** Registered in Germany, where it charges 19 %. */
export const strom: Seller = {
  ...unnamedSeller,
  ...{ name: 'Strom GmbH', country: 'DE', vatId: 'DE136695976', registrations: ['DE'], email: 'rechnung@example.com' },
  address: { line1: 'Am Kanal 16', postalCode: '14467', city: 'Potsdam' },
};

/** A seat at 17.99 EUR with a discount of 10 %, and a credit of 5.00 EUR. */
export const discountedSale: Issue = {
  lines: [{ amount: 1799, discount: 180 }, { amount: -500 }],
  request: { discounts: [{ couponId: 'cpn_launch', name: 'Launch offer', percent: 10, base: 1799, amount: 180, shares: [180, 0] }] },
};

export type Issue = {
  readonly lines: readonly Line[];
  readonly buyer?: Partial<BilledTo>;
  readonly seller?: Partial<Seller>;
  readonly request?: Partial<InvoiceRequest>;
};

/** An open invoice made by the code that makes real ones, with its own number. */
export function issuedInvoice({ lines, buyer = {}, seller = {}, request = {} }: Issue): Invoice {
  const event = renewalDue({ lines });
  const requested = { ...event.data.invoice, ...request };
  const [billedTo, sold] = [
    { ...ada, ...buyer },
    { ...strom, ...seller },
  ];
  const taxed = tableTax.taxOf(taxRequestOf(requested, billedTo, sold, event.time));
  return withNumberAndCredit(draftOf(event, requested, billedTo, sold, taxed), 'MQ-2026-000042', 0);
}

/** The invoice, paid, with a credit note "cn_1" over these parts. */
export function creditedInvoice(invoice: Invoice, parts: Omit<CreditNoteRequest, 'reason'>): Invoice {
  const result = withCreditNote({ ...invoice, status: 'paid' }, 'cn_1', 'MQ-CN-2026-000001', { ...parts, reason: 'Outage' }, noon);
  if (!result.ok) throw new Error(result.rejection.message);
  return result.value;
}
