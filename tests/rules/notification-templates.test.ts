import test from 'ava';
import { notifiedTypes, templatesFor } from '../../services/notification/messages.ts';
import { fill, languageFor, languages, placeholdersOf, type TemplateName, templateIn } from '../../services/notification/templates.ts';
import { formatDate, formatMoney } from '../../services/shared/format.ts';

const names = [...new Set(notifiedTypes.flatMap((type) => templatesFor(type) ?? []))] as TemplateName[];

test('every language has every message with the same placeholders, and SMS for the same ones', (t) => {
  t.deepEqual(languages.toSorted(), ['de', 'en', 'es', 'fr']);
  for (const name of names)
    for (const language of languages) {
      const [english, other] = [templateIn('en', name), templateIn(language, name)];
      t.deepEqual(placeholdersOf(other).toSorted(), placeholdersOf(english).toSorted(), `${language} ${name}`);
      t.is(other.sms === undefined, english.sms === undefined, `${language} ${name}`);
      t.true(other.subject.length > 0 && other.body.length > 0 && other.sms !== '', `${language} ${name}`);
    }
});

test('no two messages of a language have the same text', (t) => {
  for (const language of languages) t.is(new Set(names.map((name) => templateIn(language, name).body)).size, names.length, language);
});

test('an SMS fits into two parts, also with a long plan name', (t) => {
  const values = { plan: 'Premium Familie und Freunde', retryDay: '28 septembre 2026' };
  for (const language of languages)
    for (const name of names) {
      const { sms } = templateIn(language, name);
      if (sms) t.true(fill(sms, values).length <= 153 * 2, `${language} ${name}`);
    }
});

test('a reader gets the language of their locale, else English', (t) => {
  const read = ['de-AT', 'DE', 'fr', 'es-419', 'ja-JP', '', 'constructor'].map(languageFor);
  t.deepEqual(read, ['de', 'de', 'fr', 'es', 'en', 'en', 'en']);
});

test('a placeholder without a value throws and is never sent', (t) => {
  t.is(fill('{a} and {b}, {a}', { a: '1', b: '$&' }), '1 and $&, 1');
  t.throws(() => fill('{a}', {}), { message: /needs a value for a,/ });
});

const formatted = test.macro({
  title: (_, locale, amount, currency) => `${amount} ${currency} in ${locale}`,
  exec: (t, locale: string, amount: number, currency: string, expected: string) => {
    const shown = formatMoney({ amount, currency }, locale);
    t.is(shown.replace(/[\u00a0\u202f]/g, ' '), expected);
  },
});
test(formatted, 'de-DE', 1799, 'EUR', '17,99 €');
test(formatted, 'en-US', 1799, 'USD', '$17.99');
test(formatted, 'en-US', 5, 'USD', '$0.05');
test(formatted, 'en-US', -5, 'USD', '-$0.05');
test(formatted, 'fr-FR', 123456789, 'EUR', '1 234 567,89 €');
test(formatted, 'en', 1799, 'JPY', '¥1,799');
test(formatted, 'en', 1, 'KWD', 'KWD 0.001');
test(formatted, 'en-US', 9_007_199_254_740_991, 'USD', '$90,071,992,547,409.91');

test('a day is the date in the time zone of the reader', (t) => {
  const at = '2026-02-28T23:30:00.000Z';
  t.is(formatDate(at, 'Europe/Berlin', 'de'), '1. März 2026');
  t.is(formatDate(at, 'America/New_York', 'en-US'), 'February 28, 2026');
  t.is(formatDate(at, 'Pacific/Auckland', 'es'), '1 de marzo de 2026');
});
