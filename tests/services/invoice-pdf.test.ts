import { buffer } from 'node:stream/consumers';
import test from 'ava';
import PDFDocument from 'pdfkit';
import { pdfOf } from '../../services/invoicing/document/pdf.ts';
import { printedCreditNote, printedInvoice } from '../../services/invoicing/document/printed-document.ts';
import { documentLanguages } from '../../services/invoicing/document/translations.ts';
import { creditedInvoice, discountedSale, issuedInvoice } from '../support/issued-invoice.ts';
import { fontsOfPdf, textOfPdf } from '../support/pdf-reader.ts';

const names: Readonly<Record<string, string>> = {
  ar: 'فاطمة الزهراء',
  el: 'Ελένη Παπαδοπούλου',
  he: 'שרה לוי',
  hi: 'अनुष्का क्षत्रिय',
  ja: '山田太郎',
  ko: '김민수',
  ru: 'Анна Каренина',
  zh: '王小明',
};

test('an independent PDF reader finds parties, lines and amounts', async (t) => {
  const text = await textOfPdf(await pdfOf(printedInvoice(issuedInvoice(discountedSale))));

  for (const expected of ['Invoice', 'MQ-2026-000042', 'Ada Lovelace', 'Strom GmbH', 'VAT ID: DE136695976', 'Page 1 of 1'])
    t.true(text.includes(expected), expected);
  t.regex(text, /Premium 1 19% €17\.99/);
  t.regex(text, /Premium 1 19% -€5\.00/);
  t.regex(text, /Subtotal €12\.99\n\s*Launch offer -€1\.80\n\s*Total €11\.19\n\s*Includes USt\. 19% \(Net €9\.40\) €1\.79/);
  t.regex(text, /Amount due €11\.19/);
});

for (const locale of documentLanguages)
  test(`a PDF in ${locale} has its amounts and names in embedded subsets of fonts`, async (t) => {
    const name = names[locale] ?? 'Ada Łukasiewicz-Çelik';
    const pdf = await pdfOf(printedInvoice(issuedInvoice({ ...discountedSale, buyer: { locale, name } })));
    const text = await textOfPdf(pdf);

    t.regex(text, /11[.,]19/);
    t.regex(text, /12[.,]99/);
    // The reader may move the vowel signs of Devanagari, and orders letters as they are drawn.
    const letters = (text: string) => text.replaceAll(/[\s\p{M}]/gu, '');
    const sorted = (text: string) => [...letters(text)].sort().join('');
    const shows = (line: string) => letters(line).includes(letters(name)) || sorted(line).includes(sorted(name));
    t.true(text.split('\n').some(shows) || text.normalize('NFKC').includes(name), text);
    const fonts = await fontsOfPdf(pdf);
    t.true(fonts.length > 0 && fonts.every(({ embedded, subset }) => embedded && subset));
  });

test('a font that a PDF does not contain does not count as embedded', async (t) => {
  const pdf = new PDFDocument({ font: 'Helvetica' });
  pdf.text('Hello').end();

  t.like(await fontsOfPdf(await buffer(pdf)), [{ name: 'Helvetica', embedded: false, subset: false }]);
});

test('the same document has the same bytes', async (t) => {
  const printed = printedInvoice(issuedInvoice(discountedSale));
  t.deepEqual(await pdfOf(printed), await pdfOf(printed));
});

test('a long invoice continues over pages and loses no line', async (t) => {
  const lines = Array.from({ length: 60 }, (_, index) => ({
    amount: 100 + index,
    name: { en: `Channel ${index} in a package whose name is far too long for one line of the table` },
  }));
  const text = await textOfPdf(await pdfOf(printedInvoice(issuedInvoice({ lines }))));

  for (const [index, { amount }] of lines.entries()) {
    t.true(text.includes(`Channel ${index} in`), `line ${index}`);
    t.true(text.includes(`€${(amount / 100).toFixed(2)}`), `amount ${index}`);
  }
  const pages = Number(/Page 1 of (\d+)/.exec(text)?.[1]);
  t.true(pages > 1);
  t.is(text.match(/Description Quantity Tax Amount/g)?.length, pages, 'each page repeats the heading');
});

test('a credit note names the corrected invoice, the reason and the returned amount', async (t) => {
  const invoice = creditedInvoice(issuedInvoice(discountedSale), { amount: 595 });
  const text = await textOfPdf(await pdfOf(printedCreditNote(invoice, invoice.creditNotes[0] as never)));

  t.regex(text, /Credit note/);
  t.regex(text, /Corrects invoice MQ-2026-000042 of January 31, 2026/);
  t.regex(text, /Reason: Outage/);
  t.regex(text, /Total €5\.95\n\s*Includes USt\. 19% \(Net €5\.00\) €0\.95/);
});
