import { z } from 'zod';
import { country, currency, email, identity, locale, timezone } from '../shared/fields.ts';
import { listQuery } from '../shared/list.ts';

/** Stored in canonical case, for example `de-DE`. */
const canonicalLocale = z
  .string()
  .max(50)
  .transform((text, check) => {
    try {
      return new Intl.Locale(text).baseName;
    } catch {
      check.addIssue({ code: 'custom', message: 'Must be a BCP 47 language tag, for example de-AT.' });
      return z.NEVER;
    }
  })
  .meta(locale.meta() ?? {});

/** Stored in E.164 form; spaces and punctuation are removed. */
const phone = z
  .string()
  .max(40)
  .transform((text) => text.replace(/[\s().-]/g, ''))
  .pipe(z.string().regex(/^\+[1-9]\d{6,14}$/, 'Must be a telephone number with its country code, for example +4930901820.'))
  .meta({ description: 'Telephone number with its country code', examples: ['+4930901820'] });

const fieldName = z.string().regex(/^[A-Za-z][A-Za-z0-9_]{0,39}$/);
const address = z
  .record(fieldName, z.string().max(500))
  .refine((lines) => Object.keys(lines).length <= 20, 'Must have at most 20 fields.')
  .meta({ description: 'Fields of the postal address by name', examples: [{ line1: 'Lange Gasse 1', city: 'Berlin' }] });
const profile = z.record(
  fieldName,
  z.union([z.string().max(500), z.number(), z.boolean(), z.null(), z.array(z.string().max(100)).max(50)]),
);

const fields = {
  email,
  name: z.string().trim().min(1).max(200),
  locale: canonicalLocale,
  country,
  currency,
  timezone,
  phone: phone.nullable(),
  address: address.nullable(),
  vatId: z
    .string()
    .trim()
    .min(4)
    .max(30)
    .nullable()
    .meta({ description: 'VAT identification number with its country prefix', examples: ['DE136695976'] }),
  taxExempt: z.boolean().meta({ description: 'The seller holds a certificate of exemption' }),
  invoiceGrouping: z
    .enum(['separate', 'consolidated'])
    .meta({ description: 'consolidated: renewals of one day share one invoice number and one charge' }),
  birthYear: z.int().min(1900).max(2100).nullable(),
  segment: z
    .string()
    .trim()
    .min(1)
    .max(50)
    .nullable()
    .meta({ description: 'Kind of customer in the words of the operator, which dunning policies may name', examples: ['student'] }),
  household: z
    .string()
    .trim()
    .min(1)
    .max(200)
    .nullable()
    .meta({ description: 'Opaque name of the household: one trial of a plan for all of its customers', examples: ['home_1'] }),
  profiles: z.array(profile).max(20).meta({ description: 'Viewer profiles, stored as the app sends them' }),
};

const preferences = z.strictObject({ email: z.boolean(), sms: z.boolean() });

export const newCustomer = z
  .strictObject({
    ...fields,
    id: identity('cus').optional(),
    locale: fields.locale.default('en'),
    timezone: fields.timezone.default('UTC'),
    phone: fields.phone.default(null),
    address: fields.address.default(null),
    vatId: fields.vatId.default(null),
    taxExempt: fields.taxExempt.default(false),
    invoiceGrouping: fields.invoiceGrouping.default('separate'),
    birthYear: fields.birthYear.default(null),
    segment: fields.segment.default(null),
    household: fields.household.exactOptional(),
    profiles: fields.profiles.default([]),
    preferences: z.strictObject({ email: z.boolean().default(true), sms: z.boolean().default(false) }).default({ email: true, sms: false }),
    testClock: identity('tc').nullable().default(null),
  })
  .meta({ id: 'CreateCustomer' });

export const customerPatch = z
  .strictObject({ ...fields, preferences })
  .partial()
  .meta({ id: 'UpdateCustomer' });

export const preferencesPatch = preferences.partial().meta({ id: 'ChannelPreferences' });

const gateway = z.enum(['simulated', 'stripe']);

/**
 * A token names the method at its gateway. It is never logged, and returned for the simulated
 * gateway only.
 */
export const newPaymentMethod = z
  .strictObject({
    id: identity('pm').optional(),
    gateway,
    token: z
      .string()
      .regex(/^[\x21-\x7e]{1,255}$/, 'Must be a token of 1 to 255 visible ASCII characters.')
      .meta({ description: 'Name of the payment method at its gateway', examples: ['tok_ok'] }),
    type: z.enum(['card', 'apple_pay', 'google_pay', 'paypal', 'sepa_debit', 'link']).default('card'),
    default: z.boolean().default(false).meta({ description: 'The method becomes the one that is charged first' }),
  })
  .meta({ id: 'AddPaymentMethod' });

const cardPatch = z
  .strictObject({
    brand: z.string().min(1).max(50),
    last4: z.string().regex(/^\d{4}$/, 'Must be the last four digits of the card number.'),
    expMonth: z.int().min(1).max(12),
    expYear: z.int().min(2000).max(2100),
    fingerprint: z.string().min(1).max(100),
  })
  .partial();

export const paymentMethodPatch = z.strictObject({ card: cardPatch }).meta({ id: 'UpdatePaymentMethod' });

/** An update of a card that its gateway names by this token. */
export const cardUpdate = z.strictObject({ card: cardPatch, gateway, token: z.string() });

/** Without a gateway, the method is set up at the one that payments of the customer go to. */
export const setupBody = z.strictObject({ gateway: gateway.optional() }).default({}).meta({ id: 'CreateSetupIntent' });

export const linkBody = z
  .strictObject({
    invoiceId: identity('inv').optional().meta({ description: 'Open invoice that the link is about' }),
    gateway: gateway.optional().meta({ description: 'Gateway of the new card; by default that of the present payment method' }),
    ttlHours: z.int().min(1).max(720).default(168).meta({ description: 'Hours until the link expires' }),
  })
  .meta({ id: 'CreateCardLink' });

export const customerQuery = listQuery({
  email: z.string().optional().meta({ description: 'Exact e-mail address' }),
  testClock: identity('tc').optional(),
});
