import test from 'ava';
import { eInvoiceOf } from '../../services/invoicing/document/e-invoice.ts';
import { printedConsolidation } from '../../services/invoicing/document/printed-consolidation.ts';
import { type PrintedDocument, printedCreditNote, printedInvoice } from '../../services/invoicing/document/printed-document.ts';
import type { CreditNote, Invoice } from '../../services/invoicing/invoice.ts';
import {
  ada,
  type BilledInvoiceOptions,
  billedInvoice,
  creditedInvoice,
  frenchBusiness,
  germanSeller,
  taxedIn,
  unregisteredSeller,
} from '../support/billed-invoice.ts';
import { officialTest, officialVerdicts } from '../support/e-invoice-rules.ts';

function written(document: PrintedDocument): string {
  const result = eInvoiceOf(document);
  if (!result.ok) throw new Error(`${result.rejection.code}: ${result.rejection.message}`);
  return result.value;
}

const invoice = (asked: BilledInvoiceOptions): string => written(printedInvoice(billedInvoice(asked)));

const consolidated = (...asked: readonly BilledInvoiceOptions[]): string => written(printedConsolidation(asked.map(billedInvoice)));

const creditNote = (made: Invoice): string => written(printedCreditNote(made, made.creditNotes[0] as CreditNote));

const oss = { ...germanSeller, registrations: ['DE', 'EU-OSS'] };
const mixed = { lines: [{ amount: 1000 }, { amount: 2000 }, { amount: 555 }], seller: oss, taxOf: taxedIn(['DE', 'FR', 'HU']) };
const discounted = [
  { amount: 1999, discount: 333 },
  { amount: 500, discount: 500 },
  { amount: 1001, discount: 1 },
];
const stacked = { ...germanSeller, country: 'CA', vatId: '123456789RT0001', registrations: ['CA', 'CA-QC'] };
const quebecker = { ...ada, country: 'CA', address: { region: 'QC' } };

const paulista = { ...germanSeller, country: 'BR', vatId: '11222333000181', registrations: ['BR-3550308'] };
const brazilian = { seller: paulista, buyer: { ...ada, country: 'BR' }, currency: 'BRL', lines: [{ amount: 1_000_000 }] };

const withoutBuyersVatId = (made: Invoice): PrintedDocument => ({
  ...printedInvoice(made),
  buyer: { ...printedInvoice(made).buyer, vatId: null },
});

const documents = {
  'a plain invoice': () => invoice({}),
  'an invoice without an address of anybody': () =>
    invoice({ seller: { ...germanSeller, address: {}, email: null }, buyer: { ...ada, address: null } }),
  'an invoice at several rates': () => invoice({ ...mixed, taxBehaviour: 'exclusive' }),
  'an invoice at several rates within its prices': () => invoice(mixed),
  'a reverse charge': () => invoice({ buyer: frenchBusiness, seller: oss, taxBehaviour: 'exclusive' }),
  'a reverse charge with a fee beside it': () =>
    invoice({ buyer: frenchBusiness, seller: oss, lines: [{ amount: 900 }, { amount: 500, isFee: true }] }),
  'discounts on prices with tax': () => invoice({ lines: discounted, coupon: 'Welcome <10 %>' }),
  'discounts on prices without tax': () => invoice({ lines: discounted, taxBehaviour: 'exclusive' }),
  'a proration with a credit line': () => invoice({ lines: [{ amount: -777 }, { amount: 2599, quantity: 3 }] }),
  'seats whose price is whole': () => invoice({ lines: [{ amount: 3000, quantity: 4 }], taxBehaviour: 'exclusive' }),
  'nothing subject to tax': () => invoice({ seller: unregisteredSeller, buyer: frenchBusiness }),
  'nothing subject to tax, by a seller with a VAT id': () => invoice({ lines: [{ amount: 500, isFee: true }] }),
  'a fee outside the scope beside what is taxed': () => invoice({ lines: [{ amount: 1799 }, { amount: 500, isFee: true }] }),
  'a negative sum': () => invoice({ lines: [{ amount: -1999 }, { amount: 500 }] }),
  'an invoice that credit paid a part of': () => invoice({ creditApplied: 700 }),
  'an invoice that credit paid': () => invoice({ creditApplied: 100_000 }),
  'an invoice of nothing': () => invoice({ lines: [{ amount: 0 }] }),
  'an invoice in yen': () => invoice({ currency: 'JPY', lines: [{ amount: 1799, discount: 99 }] }),
  'taxes that stack, of a seller outside the EU': () => invoice({ seller: stacked, buyer: quebecker, taxBehaviour: 'exclusive' }),
  'a consolidated invoice at several rates, with discounts and credit': () =>
    consolidated(
      { ...mixed, taxBehaviour: 'exclusive' },
      { lines: discounted, coupon: 'Welcome', taxBehaviour: 'exclusive', seller: oss },
      { lines: [{ amount: 999 }], taxBehaviour: 'exclusive', seller: oss, creditApplied: 500 },
    ),
  'a consolidated invoice of prices with tax, one of them negative': () =>
    consolidated({ lines: [{ amount: 1799 }] }, { lines: [{ amount: -500 }] }, { lines: [{ amount: 1099 }, { amount: 333, isFee: true }] }),
  'a consolidated reverse charge': () =>
    consolidated({ buyer: frenchBusiness, seller: oss }, { buyer: frenchBusiness, seller: oss, lines: [{ amount: 701 }] }),
  'a partial credit note': () =>
    creditNote(creditedInvoice({ lines: [{ amount: 1799, discount: 100 }, { amount: 900 }] }, { amount: 1000 })),
  'a credit note over one line': () => creditNote(creditedInvoice(mixed, { lines: [1] })),
  'a credit note over what is not subject to tax': () => creditNote(creditedInvoice({ seller: unregisteredSeller })),
  'a credit note over a reverse charge': () => creditNote(creditedInvoice({ buyer: frenchBusiness, seller: oss })),
};

officialTest("the official rules of EN 16931 and UBL's schema find nothing to refuse in any kind of document", async (t) => {
  const verdicts = await officialVerdicts(Object.fromEntries(Object.entries(documents).map(([name, make]) => [name, make()])));

  for (const [name, verdict] of Object.entries(verdicts)) t.deepEqual(verdict, { schema: [], fatal: [], warnings: [] }, name);
});

for (const [what, code, document] of [
  ['a currency of three decimals', 'currency-unsupported', () => printedInvoice(billedInvoice({ currency: 'KWD' }))],
  ['no lines', 'without-lines', () => printedInvoice(billedInvoice({ lines: [] }))],
  [
    'a seller without a country',
    'seller-incomplete',
    () => printedInvoice(billedInvoice({ seller: { ...unregisteredSeller, country: '' } })),
  ],
  [
    'a seller without any number or address',
    'seller-incomplete',
    () => printedInvoice(billedInvoice({ seller: { ...unregisteredSeller, email: null } })),
  ],
  [
    'a customer without a country',
    'buyer-incomplete',
    () => ({ ...printedInvoice(billedInvoice({})), buyer: { ...printedInvoice(billedInvoice({})).buyer, country: '' } }),
  ],
  [
    'tax, and a seller without a VAT id',
    'seller-unregistered',
    () => printedInvoice(billedInvoice({ seller: { ...germanSeller, vatId: null } })),
  ],
  [
    'a reverse charge, and a customer without a VAT id',
    'buyer-unregistered',
    () => withoutBuyersVatId(billedInvoice({ buyer: frenchBusiness })),
  ],
  ["tax that is taken of the price with tax in it (Brazil's ISS)", 'tax-unsupported', () => printedInvoice(billedInvoice(brazilian))],
] as const)
  test(`${what}: refused with e-invoice-${code}`, (t) => {
    t.like(eInvoiceOf(document()), { ok: false, rejection: { code: `e-invoice-${code}` } });
  });

officialTest('the official rules refuse a document that was forged', async (t) => {
  const plain = invoice({});
  const forge = (pattern: RegExp, replacement: string) => {
    const forged = plain.replace(pattern, replacement);
    t.not(forged, plain);
    return forged;
  };
  const verdicts = await officialVerdicts({
    total: forge(/(<cbc:TaxInclusiveAmount[^>]*>)[\d.]+/, '$117.00'),
    payable: forge(/(<cbc:PayableAmount[^>]*>)[\d.]+/, '$10.00'),
    rate: forge(/<cbc:Percent>19</g, '<cbc:Percent>7<'),
    unregistered: forge(/<cac:PartyTaxScheme>[\s\S]*?<\/cac:PartyTaxScheme>/, ''),
    order: forge(/(<cbc:ID>[^<]*<\/cbc:ID>)\s*(<cbc:IssueDate>[^<]*<\/cbc:IssueDate>)/, '$2$1'),
  });

  t.regex(verdicts.total.fatal.join('\n'), /BR-CO-15/);
  t.regex(verdicts.payable.fatal.join('\n'), /BR-CO-16/);
  t.regex(verdicts.rate.fatal.join('\n'), /BR-CO-17/);
  t.regex(verdicts.unregistered.fatal.join('\n'), /BR-S-02/);
  t.deepEqual(verdicts.unregistered.schema, []);
  t.regex(verdicts.order.schema.join('\n'), /IssueDate/);
});

test('a credit note names the corrected invoice and the reason, and has no payable amount', (t) => {
  const xml = creditNote(creditedInvoice({}, { amount: 500 }));

  t.regex(xml, /<cac:InvoiceDocumentReference>\s*<cbc:ID>MQ-2026-000001</);
  t.regex(xml, /<cbc:Note>Service was down</);
  t.regex(xml, /PrepaidAmount currencyID="EUR">5.00<[\s\S]*PayableAmount currencyID="EUR">0.00</);
});

test('a line outside the scope of tax is exempt, with its reason, next to taxed lines, and alone has neither rate nor VAT ids', (t) => {
  const beside = invoice({ lines: [{ amount: 1799 }, { amount: 500, isFee: true }] });
  const alone = invoice({ lines: [{ amount: 500, isFee: true }], buyer: frenchBusiness });

  t.regex(beside, /<cbc:ID>E<\/cbc:ID>\s*<cbc:Percent>0<\/cbc:Percent>\s*<cbc:TaxExemptionReason>Outside the scope of tax: compensation/);
  t.regex(alone, /<cbc:ID>O<\/cbc:ID>\s*<cbc:TaxExemptionReason>/);
  t.notRegex(alone, /<cbc:Percent>|<cac:PartyTaxScheme>/);
});

test('a credit is a negative quantity, a discount is named, and seats are counted where their price is a whole amount', (t) => {
  const lines = [{ amount: -777 }, { amount: 3000, quantity: 4 }, { amount: 1000, quantity: 3, discount: 100 }];
  const xml = invoice({ lines, taxBehaviour: 'exclusive', coupon: 'Welcome' });

  t.deepEqual(
    [...xml.matchAll(/<cbc:InvoicedQuantity[^>]*>([^<]*)</g)].map(([, quantity]) => quantity),
    ['-1', '4', '1'],
  );
  t.deepEqual(
    [...xml.matchAll(/<cbc:PriceAmount[^>]*>([^<]*)</g)].map(([, price]) => price),
    ['7.77', '7.50', '10.00'],
  );
  t.regex(xml, /<cbc:AllowanceChargeReason>Welcome<\/cbc:AllowanceChargeReason>\s*<cbc:Amount currencyID="EUR">1.00</);
  t.regex(xml, /<cbc:Description>Quantity: 3</);
});
