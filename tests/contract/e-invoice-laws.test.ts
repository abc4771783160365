import test from 'ava';
import fc from 'fast-check';
import { eInvoiceOf } from '../../services/invoicing/document/e-invoice.ts';
import { type PrintedDocument, printedCreditNote, printedInvoice } from '../../services/invoicing/document/printed-document.ts';
import type { CreditNote } from '../../services/invoicing/invoice.ts';
import { minorUnits } from '../../services/shared/money.ts';
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

const line = fc
  .record({
    amount: fc.oneof(fc.integer({ min: -5000, max: 50_000 }), fc.constant(0)),
    cut: fc.integer({ min: 0, max: 100 }),
    quantity: fc.integer({ min: 1, max: 7 }),
    isFee: fc.boolean(),
  })
  .map(({ amount, cut, quantity, isFee }) => ({ amount, discount: Math.floor((Math.max(0, amount) * cut) / 100), quantity, isFee }));

const oss = { ...germanSeller, registrations: ['DE', 'EU-OSS'] };

const asked: fc.Arbitrary<BilledInvoiceOptions> = fc.record({
  lines: fc.array(line, { minLength: 1, maxLength: 6 }),
  taxBehaviour: fc.constantFrom('inclusive', 'exclusive'),
  seller: fc.constantFrom(germanSeller, unregisteredSeller, oss),
  buyer: fc.constantFrom(ada, frenchBusiness, { ...ada, country: 'CH' }),
  currency: fc.constantFrom('EUR', 'JPY'),
  creditApplied: fc.integer({ min: 0, max: 9000 }),
  coupon: fc.string({ unit: 'binary' }),
});

/** Some of them taxed as if each line went to a country of its own. */
const askedOfManyRates = fc
  .tuple(asked, fc.option(fc.array(fc.constantFrom('DE', 'FR', 'HU', 'LU'), { minLength: 6, maxLength: 6 })))
  .map(
    ([billing, countries]): BilledInvoiceOptions => (countries === null ? billing : { ...billing, seller: oss, taxOf: taxedIn(countries) }),
  );

/** An invoice, or a note over a part of it where it has something to give back. */
const documents = fc.tuple(askedOfManyRates, fc.option(fc.integer({ min: 1, max: 100 }))).map(([billing, percent]): PrintedDocument => {
  const invoice = billedInvoice(billing);
  const amount = Math.ceil((invoice.total * (percent ?? 0)) / 100);
  if (amount === 0) return printedInvoice(invoice);
  const noted = creditedInvoice(billing, { amount });
  return printedCreditNote(noted, noted.creditNotes[0] as CreditNote);
});

/** Reads amounts back from the text alone, in minor units. */
function readerOf(xml: string, currency: string) {
  const textsOf = (element: string, within = xml) =>
    [...within.matchAll(new RegExp(`<${element}(?: [^>]*)?>([\\s\\S]*?)</${element}>`, 'g'))].map(([, text]) => text as string);
  const amountsOf = (element: string, within = xml) => textsOf(element, within).map((text) => minorUnits(text, currency) ?? Number.NaN);
  const sumOf = (element: string, within = xml) => amountsOf(element, within).reduce((sum, amount) => sum + amount, 0);
  return { textsOf, sumOf };
}

/** What is compared, and the two amounts that must be one. */
type Check = readonly [string, number, number];

function lineChecksOf(line: string, name: string, currency: string): readonly Check[] {
  const { textsOf, sumOf } = readerOf(line, currency);
  const quantity = Number(textsOf('cbc:(?:Invoiced|Credited)Quantity')[0]);
  const discount = sumOf('cbc:Amount');
  return [
    [`price of ${name}`, quantity * sumOf('cbc:PriceAmount') - discount, sumOf('cbc:LineExtensionAmount')],
    [`discount of ${name}, never negative`, Math.max(0, discount), discount],
  ];
}

function disagreementsOf(document: PrintedDocument, xml: string): readonly string[] {
  const { textsOf, sumOf } = readerOf(xml, document.currency);
  const [totals = '', taxes = ''] = [textsOf('cac:LegalMonetaryTotal')[0], textsOf('cac:TaxTotal')[0]];
  const lines = textsOf(document.kind === 'invoice' ? 'cac:InvoiceLine' : 'cac:CreditNoteLine');
  const total = sumOf('cbc:TaxInclusiveAmount', totals);
  const subtotals = textsOf('cac:TaxSubtotal', taxes).join('');
  const checks: readonly Check[] = [
    ['lines and net', lines.reduce((sum, each) => sum + sumOf('cbc:LineExtensionAmount', each), 0), document.net],
    ['net', sumOf('cbc:TaxExclusiveAmount', totals), document.net],
    ['taxable amounts and net', sumOf('cbc:TaxableAmount', subtotals), document.net],
    ['taxes by rate', sumOf('cbc:TaxAmount', subtotals), document.tax],
    ['taxes, whole and by rate', sumOf('cbc:TaxAmount', taxes), 2 * document.tax],
    ['net, tax and total', total, document.net + document.tax],
    ['total, but for what a negative sum gave', Math.max(0, total), document.total],
    ['prepaid and payable', sumOf('cbc:PrepaidAmount', totals) + sumOf('cbc:PayableAmount', totals), total],
    ['what is due', sumOf('cbc:PayableAmount', totals), document.amountDue],
    ...lines.flatMap((each, index) => lineChecksOf(each, `line ${index}`, document.currency)),
  ];
  return checks.flatMap(([what, one, other]) => (one === other ? [] : [`${what}: ${one}, ${other}`]));
}

test('law: the amounts in the e-invoice of any invoice or credit note agree with each other and with the document', (t) => {
  fc.assert(
    fc.property(documents, (document) => {
      const result = eInvoiceOf(document);
      if (!result.ok) return t.regex(result.rejection.code, /^e-invoice-tax-unsupported$/) && document.currency === 'JPY';
      t.deepEqual(disagreementsOf(document, result.value), []);
      return true;
    }),
  );
});

officialTest('law: whatever is billed or given back, the official rules accept its e-invoice', async (t) => {
  const written = fc.sample(documents, 60).flatMap((document) => {
    const result = eInvoiceOf(document);
    return result.ok ? [result.value] : [];
  });
  t.true(written.length > 30);
  const verdicts = await officialVerdicts(Object.fromEntries(written.map((xml, index) => [index, xml])));
  for (const [index, { schema, fatal }] of Object.entries(verdicts)) t.deepEqual([...schema, ...fatal], [], written[Number(index)]);
});
