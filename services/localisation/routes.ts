import { z } from 'zod';
import { formatDate, formatDateTime, formatMoney, usableLocale } from '../shared/format.ts';
import { isCurrency } from '../shared/money.ts';
import { ok, type Route, route } from '../shared/route.ts';
import { instantOf, isTimeZone } from '../shared/time.ts';
import { intervalName, locales, messagesFor } from './catalogue.ts';

const locale = z.string().min(2).max(50);
const instant = z.string().transform((text, check) => {
  const read = instantOf(text);
  if (read === undefined)
    check.addIssue({ code: 'custom', message: 'an ISO 8601 instant with an offset, for example 2026-01-31T10:00:00Z' });
  return read ?? z.NEVER;
});
const money = z.strictObject({ amount: z.int(), currency: z.string().refine(isCurrency, 'an ISO 4217 currency code, for example EUR') });
const interval = z.strictObject({ unit: z.enum(['day', 'week', 'month', 'year']), count: z.int().min(1).max(1000) });

const formatRequest = z.strictObject({
  locale,
  timezone: z.string().refine(isTimeZone, 'an IANA time zone, for example Europe/Berlin').default('UTC'),
  money: z.array(money).max(200).default([]),
  instants: z.array(instant).max(200).default([]),
  intervals: z.array(interval).max(200).default([]),
});

const formatAnswer = z.object({
  locale: z.string(),
  money: z.array(money.extend({ text: z.string() })),
  instants: z.array(z.object({ instant: z.string(), date: z.string(), dateTime: z.string() })),
  intervals: z.array(interval.extend({ text: z.string() })),
});

/** In the order asked; `locale` says which one was used. */
const formatted = ({ locale, timezone, money, instants, intervals }: z.infer<typeof formatRequest>): z.infer<typeof formatAnswer> => ({
  locale: usableLocale(locale),
  money: money.map((each) => ({ ...each, text: formatMoney(each, locale) })),
  instants: instants.map((each) => ({
    instant: each,
    date: formatDate(each, timezone, locale),
    dateTime: formatDateTime(each, timezone, locale),
  })),
  intervals: intervals.map((each) => ({ ...each, text: intervalName(each, locale) })),
});

/** The same routes for the outside under `/v1/localisation`, and for other services without a prefix. */
export const localisationRoutes = (prefix: string): readonly Route[] => [
  route({
    method: 'get',
    path: `${prefix}/locales`,
    scope: 'localisation:read',
    summary: 'The languages that the platform itself speaks',
    answer: z.object({ data: z.array(z.string()), nextCursor: z.null() }),
    handle: async () => ok({ data: locales, nextCursor: null }),
  }),
  route({
    method: 'post',
    path: `${prefix}/format`,
    scope: 'localisation:read',
    summary: 'Write amounts, instants and billing intervals as a locale does',
    body: formatRequest,
    answer: formatAnswer,
    handle: async ({ body }) => ok(formatted(body)),
  }),
  route({
    method: 'get',
    path: `${prefix}/messages`,
    scope: 'localisation:read',
    summary: 'What statuses, line kinds and intervals are called in a language',
    query: z.strictObject({ locale: locale.default('en') }),
    answer: z.object({ locale: z.string(), messages: z.record(z.string(), z.record(z.string(), z.string())) }),
    handle: async ({ query }) => ok(messagesFor(query.locale)),
  }),
];
