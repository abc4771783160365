import { z } from 'zod';
import { isCountry } from './countries.ts';
import { isId, type Prefix } from './ids.ts';
import { isCurrency } from './money.ts';
import { instantOf, isTimeZone } from './time.ts';

/**
 * The fields that many bodies, queries and responses share: one schema and one message for each.
 */

/** ISO 4217. */
export const currency = z
  .string()
  .regex(/^[A-Z]{3}$/, { error: 'Must be an ISO 4217 currency code, for example EUR.', abort: true })
  .refine(isCurrency, 'Must be an ISO 4217 currency code, for example EUR.')
  .meta({ description: 'ISO 4217 currency code', examples: ['EUR'] });

/** ISO 3166-1 alpha-2, officially assigned. */
export const country = z
  .string()
  .regex(/^[A-Z]{2}$/, { error: 'Must be an ISO 3166-1 alpha-2 country code, for example DE.', abort: true })
  .refine(isCountry, 'Must be an ISO 3166-1 alpha-2 country code, for example DE.')
  .meta({ description: 'ISO 3166-1 alpha-2 country code', examples: ['DE'] });

/** An IANA zone; an offset such as `+02:00` knows no daylight saving and is refused. */
export const timezone = z
  .string()
  .max(64)
  .refine(isTimeZone, 'Must be an IANA time zone, for example Europe/Berlin.')
  .meta({ description: 'IANA time zone', examples: ['Europe/Berlin'] });

/**
 * The zod pattern with the limits of RFC 5321: 64 characters before the @, and host labels of at
 * most 63 characters that neither begin nor end with a hyphen.
 */
const emailPattern =
  /^(?!\.)(?!.*\.\.)[A-Za-z0-9_'+\-.]{0,63}[A-Za-z0-9_+-]@([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}$/;

/** An e-mail address that a mail server can exist for. */
export const email = z
  .email({ pattern: emailPattern, error: 'Must be an e-mail address, for example ada@example.com.' })
  .max(254)
  .meta({ description: 'E-mail address', examples: ['ada@example.com'] });

/** BCP 47 language tag. */
export const locale = z
  .string()
  .regex(/^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$/, 'Must be a BCP 47 language tag, for example de-AT.')
  .max(35)
  .meta({ description: 'BCP 47 language tag', examples: ['en'] });

/**
 * An instant of a request with any offset; the value is the same instant in UTC with milliseconds.
 */
export const instant = z
  .string()
  .transform((text, context) => {
    const read = instantOf(text);
    if (read !== undefined) return read;
    context.addIssue({ code: 'custom', message: 'Must be an ISO 8601 instant with an offset, for example 2026-01-31T10:00:00Z.' });
    return z.NEVER;
  })
  .meta({ format: 'date-time', description: 'ISO 8601 instant with an offset', examples: ['2026-01-31T10:00:00Z'] });

/** An instant of a response or event: always UTC with milliseconds. */
export const utcInstant = z
  .string()
  .meta({ format: 'date-time', description: 'ISO 8601 instant in UTC', examples: ['2026-01-31T10:00:00.000Z'] });

/** Half-open: `start` belongs to the period, `end` does not. */
export const period = z
  .object({ start: utcInstant, end: utcInstant })
  .meta({ id: 'Period', description: 'Half-open period: start belongs to it, end does not' });

/** An id with the prefix of its noun, for example `cus_1`. */
export const identity = (prefix: Prefix) =>
  z
    .string()
    .refine((id) => isId(prefix, id), `Must be an id such as ${prefix}_1: letters, digits, - and _, at most 100 characters.`)
    .meta({ pattern: `^${prefix}_[A-Za-z0-9][A-Za-z0-9_-]{0,99}$`, examples: [`${prefix}_1`] });

/** A positive amount in minor units of a currency that the schema around it names. */
export const amount = z
  .int('Must be a whole number of minor units, for example 1099 for EUR 10.99.')
  .min(1, 'Must be at least 1 minor unit.')
  .meta({ description: 'Minor units of the currency', examples: [1099] });

/** A signed amount in minor units, as responses and events carry it. */
export const minorUnits = z.int().meta({ description: 'Minor units of the currency', examples: [1099] });

/** An amount of a response or event, with its currency. */
export const money = z
  .object({ amount: minorUnits, currency })
  .meta({ id: 'Money', description: 'Integer minor units with their currency' });

/** A text in several languages by BCP 47 tag, for example `{ "en": "Basic" }`. */
export const localisedText = z
  .record(locale, z.string().min(1).max(500))
  .meta({ description: 'Texts by BCP 47 language tag', examples: [{ en: 'Basic' }] });
