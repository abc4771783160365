import { buffer } from 'node:stream/consumers';
import test from 'ava';
import fc from 'fast-check';
import PDFDocument from 'pdfkit';
import { type CreditNoteRequest, withCreditNote } from '../../services/invoicing/credit-note/credit-note.ts';
import { htmlOf } from '../../services/invoicing/document/html.ts';
import { pdfOf } from '../../services/invoicing/document/pdf.ts';
import { printedCreditNote, printedInvoice } from '../../services/invoicing/document/printed-document.ts';
import { linesOf, runsOf } from '../../services/invoicing/document/text-runs.ts';
import { documentLanguages, translationFor } from '../../services/invoicing/document/translations.ts';
import type { Invoice } from '../../services/invoicing/invoice.ts';
import { type Issue, issuedInvoice } from '../support/issued-invoice.ts';
import { noon } from '../support/money-events.ts';
import { fontsOfPdf, textOfPdf } from '../support/pdf-reader.ts';

const launch = { couponId: 'cpn_launch', name: 'Launch offer', percent: 10, base: 1799, amount: 180, shares: [180, 0] };
const sold: Issue = { lines: [{ amount: 1799, discount: 180 }, { amount: -500 }], request: { discounts: [launch] } };

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

const credited = (invoice: Invoice, asked: Omit<CreditNoteRequest, 'reason'>): Invoice => {
  const result = withCreditNote({ ...invoice, status: 'paid' }, 'cn_1', 'MQ-CN-2026-000001', { ...asked, reason: 'Outage' }, noon);
  if (!result.ok) throw new Error(result.rejection.message);
  return result.value;
};

test('an independent PDF reader finds parties, lines and amounts', async (t) => {
  const text = await textOfPdf(await pdfOf(printedInvoice(issuedInvoice(sold))));

  for (const said of ['Invoice', 'MQ-2026-000042', 'Ada Lovelace', 'Strom GmbH', 'VAT ID: DE136695976', 'Page 1 of 1'])
    t.true(text.includes(said), said);
  t.regex(text, /Premium 1 19% €17\.99/);
  t.regex(text, /Premium 1 19% -€5\.00/);
  t.regex(text, /Subtotal €12\.99\n\s*Launch offer -€1\.80\n\s*Total €11\.19\n\s*Includes USt\. 19% \(Net €9\.40\) €1\.79/);
  t.regex(text, /Amount due €11\.19/);
});

for (const locale of documentLanguages)
  test(`a PDF in ${locale} has its amounts and names in embedded subsets of fonts`, async (t) => {
    const name = names[locale] ?? 'Ada Łukasiewicz-Çelik';
    const pdf = await pdfOf(printedInvoice(issuedInvoice({ ...sold, buyer: { locale, name } })));
    const text = await textOfPdf(pdf);

    t.regex(text, /11[.,]19/);
    t.regex(text, /12[.,]99/);
    // The reader may move the vowel signs of Devanagari, and orders letters as they are drawn.
    const letters = (said: string) => said.replaceAll(/[\s\p{M}]/gu, '');
    const sorted = (said: string) => [...letters(said)].sort().join('');
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
  const printed = printedInvoice(issuedInvoice(sold));
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

test('an HTML page declares language and direction and escapes every text', (t) => {
  const html = htmlOf(printedInvoice(issuedInvoice({ ...sold, buyer: { locale: 'he-IL', name: '<script>alert("1")</script>' } })));

  t.regex(html, /<html lang="he-IL" dir="rtl">/);
  t.true(html.includes('&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;'));
  t.false(html.includes('<script'));
});

test('a locale without a translation receives a document that is English throughout', (t) => {
  const html = htmlOf(printedInvoice(issuedInvoice({ ...sold, buyer: { locale: 'fa-IR' } })));
  t.regex(html, /<html lang="en" dir="ltr">/);
  t.true(html.includes('January 31, 2026'));
});

test('every translation has every text with the same placeholders', (t) => {
  const placeholders = (phrase: string) => phrase.match(/\{\w+\}/g)?.sort() ?? [];
  const { words: english } = translationFor('en');
  for (const language of documentLanguages) {
    const { words } = translationFor(language);
    t.deepEqual(Object.keys(words).sort(), Object.keys(english).sort(), language);
    for (const [key, phrase] of Object.entries(words))
      t.deepEqual(placeholders(phrase), placeholders(english[key as keyof typeof english]), `${language} ${key}`);
  }
});

test('days are printed in the time zone of the customer, and a period with its last day', (t) => {
  const period = { start: '2026-01-31T23:00:00.000Z', end: '2026-02-28T23:00:00.000Z' };
  const html = htmlOf(printedInvoice(issuedInvoice({ lines: [{ amount: 100 }], request: { period } })));
  t.true(html.includes('February 1, 2026 – February 28, 2026'));
});

test('a line is drawn from left to right in the reading order of its script', (t) => {
  const drawn = (line: string, direction: 'ltr' | 'rtl') => runsOf(line, direction, 'he', 'Regular').map(({ text }) => text);

  t.deepEqual(drawn('Total 5', 'ltr'), ['Total 5']);
  t.deepEqual(drawn('שלום עולם', 'rtl'), ['עולם', ' ', 'שלום']);
  t.deepEqual(drawn('מס 17 (Net)', 'rtl').join('|'), '(|Net|)| |17| |מס'.replace('(|Net|)', '(|Net|)'));
});

test('law: drawing any text loses no character, and wrapping it loses no word', (t) => {
  const scripts = fc.string({ unit: fc.constantFrom(...'aé (12)€אב \u0627\u0628क्ष中カ한Ωж-'), maxLength: 40 });
  fc.assert(
    fc.property(scripts, fc.constantFrom('ltr' as const, 'rtl' as const), (text, direction) => {
      const drawn = runsOf(text, direction, 'en', 'Regular').map((run) => run.text);
      const sorted = (said: string) => [...said.replaceAll(/[()]/g, '')].sort().join('');
      if (sorted(drawn.join('')) !== sorted(text)) throw new Error(`drawn ${drawn.join('|')}`);
      const lines = linesOf(text, 'en', 8, (line) => line.length);
      if (lines.join('').replaceAll(/\s/g, '') !== text.replaceAll(/\s/g, '')) throw new Error(`cut ${lines.join('|')}`);
    }),
  );
  t.pass();
});

test('a credit note names the corrected invoice, the reason and the returned amount', async (t) => {
  const invoice = credited(issuedInvoice(sold), { amount: 595 });
  const text = await textOfPdf(await pdfOf(printedCreditNote(invoice, invoice.creditNotes[0] as never)));

  t.regex(text, /Credit note/);
  t.regex(text, /Corrects invoice MQ-2026-000042 of January 31, 2026/);
  t.regex(text, /Reason: Outage/);
  t.regex(text, /Total €5\.95\n\s*Includes USt\. 19% \(Net €5\.00\) €0\.95/);
});

test('law: the taxes of a credit note sum to its tax, even where two apply to one line', (t) => {
  const quebec: Partial<Issue> = {
    buyer: { country: 'CA', address: { region: 'QC' } },
    seller: { country: 'CA', registrations: ['CA', 'CA-QC'] },
    request: { taxBehaviour: 'exclusive', currency: 'CAD' },
  };
  const parts = fc.record({
    amounts: fc.array(fc.integer({ min: 1, max: 9_000 }), { minLength: 1, maxLength: 4 }),
    cut: fc.integer({ min: 1, max: 100 }),
  });
  fc.assert(
    fc.property(parts, ({ amounts, cut }) => {
      const issued = issuedInvoice({ ...quebec, lines: amounts.map((amount) => ({ amount })) });
      const invoice = credited(issued, { amount: Math.max(1, Math.floor((issued.total * cut) / 100)) });
      const [note] = invoice.creditNotes;
      const printed = printedCreditNote(invoice, note as never);
      const tax = printed.taxes.reduce((sum, total) => sum + total.tax, 0);
      if (tax !== printed.tax || printed.net + printed.tax !== printed.total) throw new Error(JSON.stringify(printed.taxes));
      if (new Set(printed.taxes.map(({ name }) => name)).size !== issued.taxes.length) throw new Error('a tax is missing');
    }),
  );
  t.pass();
});
