import test from 'ava';
import fc from 'fast-check';
import { htmlOf } from '../../services/invoicing/document/html.ts';
import { printedCreditNote, printedInvoice } from '../../services/invoicing/document/printed-document.ts';
import { linesOf, runsOf } from '../../services/invoicing/document/text-runs.ts';
import { documentLanguages, translationFor } from '../../services/invoicing/document/translations.ts';
import { creditedInvoice, discountedSale, type Issue, issuedInvoice } from '../support/issued-invoice.ts';

test('an HTML page declares language and direction and escapes every text', (t) => {
  const html = htmlOf(
    printedInvoice(issuedInvoice({ ...discountedSale, buyer: { locale: 'he-IL', name: '<script>alert("1")</script>' } })),
  );

  t.regex(html, /<html lang="he-IL" dir="rtl">/);
  t.true(html.includes('&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;'));
  t.false(html.includes('<script'));
});

test('a locale without a translation receives a document that is English throughout', (t) => {
  const html = htmlOf(printedInvoice(issuedInvoice({ ...discountedSale, buyer: { locale: 'fa-IR' } })));
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
  t.deepEqual(drawn('מס 17 (Net)', 'rtl').join('|'), '(|Net|)| |17| |מס');
});

test('law: drawing any text loses no character, and wrapping it loses no word', (t) => {
  const scripts = fc.string({ unit: fc.constantFrom(...'aé (12)€אב \u0627\u0628क्ष中カ한Ωж-'), maxLength: 40 });
  fc.assert(
    fc.property(scripts, fc.constantFrom('ltr' as const, 'rtl' as const), (text, direction) => {
      const drawn = runsOf(text, direction, 'en', 'Regular').map((run) => run.text);
      const sorted = (letters: string) => [...letters.replaceAll(/[()]/g, '')].sort().join('');
      if (sorted(drawn.join('')) !== sorted(text)) throw new Error(`drawn ${drawn.join('|')}`);
      const lines = linesOf(text, 'en', 8, (line) => line.length);
      if (lines.join('').replaceAll(/\s/g, '') !== text.replaceAll(/\s/g, '')) throw new Error(`cut ${lines.join('|')}`);
    }),
  );
  t.pass();
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
      const invoice = creditedInvoice(issued, { amount: Math.max(1, Math.floor((issued.total * cut) / 100)) });
      const [note] = invoice.creditNotes;
      const printed = printedCreditNote(invoice, note as never);
      const tax = printed.taxes.reduce((sum, total) => sum + total.tax, 0);
      if (tax !== printed.tax || printed.net + printed.tax !== printed.total) throw new Error(JSON.stringify(printed.taxes));
      if (new Set(printed.taxes.map(({ name }) => name)).size !== issued.taxes.length) throw new Error('a tax is missing');
    }),
  );
  t.pass();
});
