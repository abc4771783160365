import { z } from 'zod';
import { currency, instant, minorUnits, timezone, utcInstant } from '../shared/fields.ts';
import { formatDate, formatDateTime, formatMoney, usableLocale } from '../shared/format.ts';
import { ok, type Route, route } from '../shared/route.ts';
import { intervalName, locales, messagesFor } from './messages.ts';

/** Any text is accepted: a locale that is unknown falls back and never stops a caller. */
const anyLocale = z
  .string()
  .min(2)
  .max(50)
  .meta({ description: 'BCP 47 language tag; an unknown one falls back to its language, then to English', examples: ['de-AT'] });
const usedLocale = z.string().meta({ description: 'The locale that was used', examples: ['de-AT'] });

const moneyFields = { amount: minorUnits, currency };
const intervalFields = { unit: z.enum(['day', 'week', 'month', 'year']), count: z.int().min(1).max(1000) };
const formattedText = z.string().meta({ examples: ['10,99 €'] });

const formatRequest = z
  .strictObject({
    locale: anyLocale,
    timezone: timezone.default('UTC'),
    money: z.array(z.strictObject(moneyFields)).max(200).default([]),
    instants: z.array(instant).max(200).default([]),
    intervals: z.array(z.strictObject(intervalFields)).max(200).default([]),
  })
  .meta({ id: 'FormatRequest' });

const formatResponse = z
  .object({
    locale: usedLocale,
    money: z.array(z.object({ ...moneyFields, text: formattedText })),
    instants: z.array(
      z.object({
        instant: utcInstant,
        date: z.string().meta({ examples: ['31. Januar 2026'] }),
        dateTime: z.string().meta({ examples: ['31. Januar 2026 um 10:00 MEZ'] }),
      }),
    ),
    intervals: z.array(z.object({ ...intervalFields, text: z.string().meta({ examples: ['monatlich'] }) })),
  })
  .meta({ id: 'FormatResponse', description: 'The formatted values in the order of the request' });

const format = ({ locale, timezone, money, instants, intervals }: z.infer<typeof formatRequest>): z.infer<typeof formatResponse> => ({
  locale: usableLocale(locale),
  money: money.map((each) => ({ ...each, text: formatMoney(each, locale) })),
  instants: instants.map((each) => ({
    instant: each,
    date: formatDate(each, timezone, locale),
    dateTime: formatDateTime(each, timezone, locale),
  })),
  intervals: intervals.map((each) => ({ ...each, text: intervalName(each, locale) })),
});

/**
 * The same routes for clients under `/v1/localisation`, and for other services without a prefix.
 */
export const localisationRoutes = (prefix: string): readonly Route[] => [
  route({
    method: 'get',
    path: `${prefix}/locales`,
    scope: 'localisation:read',
    operationId: 'listLocales',
    summary: 'List languages with messages',
    description: 'Lists the languages in which the platform has its own messages. Amounts and dates can be formatted in many more.',
    responses: { 200: z.object({ data: z.array(z.string()).meta({ examples: [['de', 'en']] }), nextCursor: z.null() }) },
    handle: async () => ok({ data: locales, nextCursor: null }),
  }),
  route({
    method: 'post',
    path: `${prefix}/format`,
    scope: 'localisation:read',
    operationId: 'formatValues',
    summary: 'Format amounts, dates and intervals',
    description:
      'Formats amounts in minor units, instants and billing intervals as a locale writes them, in the order of the request. ' +
      'An unknown locale falls back to its language, then to English, and the response names the locale that was used.',
    body: formatRequest,
    responses: { 200: formatResponse },
    readsOnly: true,
    handle: async ({ body }) => ok(format(body)),
  }),
  route({
    method: 'get',
    path: `${prefix}/messages`,
    scope: 'localisation:read',
    operationId: 'retrieveMessages',
    summary: 'Retrieve messages of a language',
    description:
      'Returns the names of statuses, line kinds and billing intervals in the language of the locale, or in English for other languages.',
    query: z.strictObject({ locale: anyLocale.default('en') }),
    responses: {
      200: z
        .object({
          locale: usedLocale,
          messages: z
            .record(z.string(), z.record(z.string(), z.string()))
            .meta({ description: 'Texts by group and key', examples: [{ invoiceStatus: { paid: 'Paid' } }] }),
        })
        .meta({ id: 'LocalisedMessages' }),
    },
    handle: async ({ query }) => ok(messagesFor(query.locale)),
  }),
];
