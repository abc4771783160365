import test from 'ava';
import { createLocalisationService } from '../../services/localisation/index.ts';
import { intervalName, locales, messagesFor } from '../../services/localisation/messages.ts';
import { formatDate, formatDateTime, formatMoney, usableLocale } from '../../services/shared/format.ts';
import type { Platform } from '../../services/shared/service.ts';

import { callRoutes } from '../support/call-route.ts';

/** Intl puts spaces of several kinds, and direction marks, between numbers and words. */
const plain = (text: string): string => text.replaceAll(/[\u00a0\u202f]/g, ' ').replaceAll(/[\u200e\u200f]/g, '');

const formattedMoney = test.macro<[amount: number, currency: string, locale: string, expected: string]>({
  exec: (t, amount, currency, locale, expected) => {
    t.is(plain(formatMoney({ amount, currency }, locale)), expected);
  },
  title: (_, amount, currency, locale, expected) => `${amount} minor units of ${currency} are "${expected}" in ${locale}`,
});
test(formattedMoney, 1799, 'EUR', 'de', '17,99 €');
test(formattedMoney, 1799, 'EUR', 'en-IE', '€17.99');
test(formattedMoney, 123456, 'EUR', 'fr', '1 234,56 €');
test(formattedMoney, 1200, 'JPY', 'ja', '￥1,200');
test(formattedMoney, 1500, 'KWD', 'en', 'KWD 1.500');
test(formattedMoney, -5, 'USD', 'en', '-$0.05');
test(formattedMoney, 0, 'USD', 'en', '$0.00');
test(formattedMoney, 99900, 'INR', 'hi', '₹999.00');
test(formattedMoney, 9007199254740991, 'USD', 'en', '$90,071,992,547,409.91');
test(formattedMoney, 1799, 'EUR', 'xx-YY', '€17.99');
test(formattedMoney, 1799, 'EUR', 'not a locale', '€17.99');

const formattedDate = test.macro<[instant: string, zone: string, locale: string, expected: string]>({
  exec: (t, instant, zone, locale, expected) => {
    t.is(plain(formatDate(instant, zone, locale)), expected);
  },
  title: (_, instant, zone, locale, expected) => `${instant} in ${zone} is "${expected}" in ${locale}`,
});
test(formattedDate, '2026-01-31T23:30:00.000Z', 'UTC', 'de', '31. Januar 2026');
test(formattedDate, '2026-01-31T23:30:00.000Z', 'Europe/Berlin', 'de', '1. Februar 2026');
test(formattedDate, '2026-01-31T23:30:00.000Z', 'America/New_York', 'en-US', 'January 31, 2026');
test(formattedDate, '2026-01-31T23:30:00.000Z', 'Asia/Tokyo', 'ja', '2026年2月1日');
test(formattedDate, '2026-01-31T00:00:00.000Z', 'UTC', 'th', '31 มกราคม ค.ศ. 2026');
test(formattedDate, '2026-01-31T00:00:00.000Z', 'UTC', 'th-u-ca-buddhist', '31 มกราคม 2569');

test('a time of day is written with its zone, on both sides of a change of clocks', (t) => {
  t.is(plain(formatDateTime('2026-03-29T00:30:00.000Z', 'Europe/Berlin', 'de')), '29. März 2026 um 01:30 MEZ');
  t.is(plain(formatDateTime('2026-03-29T01:30:00.000Z', 'Europe/Berlin', 'de')), '29. März 2026 um 03:30 MESZ');
});

test('a locale falls back to its language, then to English', (t) => {
  t.deepEqual(['de-AT', 'de-XX', 'DE', 'xx', '', 'x y', 'tlh-KX'].map(usableLocale), ['de-AT', 'de-XX', 'de', 'en', 'en', 'en', 'en']);
  t.deepEqual(
    ['de-AT', 'PT-br', 'sv', 'constructor', ''].map((locale) => messagesFor(locale).locale),
    ['de', 'pt', 'en', 'en', 'en'],
  );
});

const intervalIn = test.macro<[unit: 'day' | 'week' | 'month' | 'year', count: number, locale: string, expected: string]>({
  exec: (t, unit, count, locale, expected) => {
    t.is(plain(intervalName({ unit, count }, locale)), expected);
  },
  title: (_, unit, count, locale, expected) => `billing each ${count} ${unit} is "${expected}" in ${locale}`,
});
test(intervalIn, 'month', 1, 'de', 'monatlich');
test(intervalIn, 'month', 3, 'de-AT', 'alle 3 Monate');
test(intervalIn, 'week', 2, 'fr', 'toutes les 2 semaines');
test(intervalIn, 'month', 2, 'fr', 'tous les 2 mois');
test(intervalIn, 'month', 3, 'pl', 'co 3 miesiące');
test(intervalIn, 'month', 6, 'pl', 'co 6 miesięcy');
test(intervalIn, 'week', 2, 'tr', '2 haftada bir');
test(intervalIn, 'month', 2, 'ar', 'المدة: شهران');
test(intervalIn, 'year', 2, 'ja', '2 年ごと');
test(intervalIn, 'year', 2, 'sv', 'every 2 years');

test('every language has all keys of English, and no two statuses have the same name', (t) => {
  const keysOf = (locale: string) => Object.entries(messagesFor(locale).messages).map(([group, texts]) => [group, Object.keys(texts)]);
  t.is(locales.length, 12);
  for (const locale of locales) {
    t.deepEqual(keysOf(locale), keysOf('en'), locale);
    const { messages } = messagesFor(locale);
    for (const texts of Object.values(messages))
      t.true(
        Object.values(texts).every((text) => text.trim().length > 0),
        locale,
      );
    for (const group of [messages.subscriptionStatus, messages.invoiceStatus, messages.lineKind])
      t.is(new Set(Object.values(group)).size, Object.keys(group).length, locale);
    for (const unit of ['days', 'weeks', 'months', 'years'] as const) t.true(messages.interval[unit].includes('{duration}'), locale);
  }
});

const service = createLocalisationService({} as Platform);
const routes = service.routes;
const internal = service.internal ?? [];

test('amounts, instants and intervals are formatted in the order of the request, for clients and services alike', async (t) => {
  const body = {
    locale: 'de-DE',
    timezone: 'Europe/Berlin',
    money: [
      { amount: 1799, currency: 'EUR' },
      { amount: 500, currency: 'JPY' },
    ],
    instants: ['2026-01-31T23:30:00Z'],
    intervals: [{ unit: 'month', count: 1 }],
  };
  const response = await callRoutes(routes)('post', '/v1/localisation/format', { body });
  t.like(response, {
    status: 200,
    body: {
      locale: 'de-DE',
      instants: [{ instant: '2026-01-31T23:30:00.000Z', date: '1. Februar 2026' }],
      intervals: [{ text: 'monatlich' }],
    },
  });
  t.deepEqual(
    response.body.money.map(({ text }: { text: string }) => plain(text)),
    ['17,99 €', '500 ¥'],
  );
  t.deepEqual(await callRoutes(internal)('post', '/format', { body }), response);
});

for (const [subject, wrong, pointer] of [
  ['an unknown currency', { money: [{ amount: 1, currency: 'XYZ' }] }, '/money/0/currency'],
  ['an amount that is not a whole number', { money: [{ amount: 1.5, currency: 'EUR' }] }, '/money/0/amount'],
  ['an impossible date', { instants: ['2026-02-30T00:00:00Z'] }, '/instants/0'],
  ['an unknown zone', { timezone: 'Mars/Olympus' }, '/timezone'],
  ['an unknown field', { currency: 'EUR' }, '/currency'],
] as const)
  test(`${subject} is refused, and the problem points at it`, async (t) => {
    const { status, body } = await callRoutes(routes)('post', '/v1/localisation/format', { body: { locale: 'de', ...wrong } });
    t.is(status, 422);
    t.is(body.errors[0].pointer, pointer);
  });

test('messages and languages can be read, and English replaces a language without messages', async (t) => {
  const callApi = callRoutes(routes);
  t.is((await callApi('get', '/v1/localisation/messages', { query: { locale: 'fr-CA' } })).body.messages.invoiceStatus.paid, 'Payée');
  t.is((await callApi('get', '/v1/localisation/messages', { query: { locale: 'fi' } })).body.locale, 'en');
  t.deepEqual([...(await callApi('get', '/v1/localisation/locales')).body.data].sort(), [
    'ar',
    'de',
    'en',
    'es',
    'fr',
    'hi',
    'it',
    'ja',
    'nl',
    'pl',
    'pt',
    'tr',
  ]);
});
