import { z } from 'zod';
import { isCountry } from '../shared/countries.ts';
import { isId } from '../shared/ids.ts';
import { listQuery } from '../shared/list.ts';
import { isCurrency } from '../shared/money.ts';
import { isTimeZone } from '../shared/time.ts';

/** In canonical case, as `de-DE`. */
const locale = z
  .string()
  .max(50)
  .transform((text, check) => {
    try {
      return new Intl.Locale(text).baseName;
    } catch {
      check.addIssue({ code: 'custom', message: 'a BCP 47 language tag, for example de-DE' });
      return z.NEVER;
    }
  });

/** In E.164; spaces and punctuation for the eye are taken away. */
const phone = z
  .string()
  .max(40)
  .transform((text) => text.replace(/[\s().-]/g, ''))
  .pipe(z.string().regex(/^\+[1-9]\d{6,14}$/, 'a telephone number with its country code, for example +4930901820'));

const fieldName = z.string().regex(/^[A-Za-z][A-Za-z0-9_]{0,39}$/);
const address = z.record(fieldName, z.string().max(500)).refine((lines) => Object.keys(lines).length <= 20, 'at most 20 fields');
const profile = z.record(
  fieldName,
  z.union([z.string().max(500), z.number(), z.boolean(), z.null(), z.array(z.string().max(100)).max(50)]),
);

const fields = {
  email: z.email().max(254),
  name: z.string().trim().min(1).max(200),
  locale,
  country: z.string().refine(isCountry, 'an ISO 3166-1 alpha-2 country code, for example DE'),
  currency: z.string().refine(isCurrency, 'an ISO 4217 currency code, for example EUR'),
  timezone: z.string().refine(isTimeZone, 'an IANA time zone, for example Europe/Berlin'),
  phone: phone.nullable(),
  address: address.nullable(),
  vatId: z.string().trim().min(4).max(30).nullable(),
  /** The seller holds a certificate of exemption. */
  taxExempt: z.boolean(),
  /** Whether renewals of one day are one document with one charge. */
  invoiceGrouping: z.enum(['separate', 'consolidated']),
  birthYear: z.int().min(1900).max(2100).nullable(),
  /** The operator's word for a kind of customer, for example student. */
  segment: z.string().trim().min(1).max(50).nullable(),
  /** The app's word for who lives together, opaque: one trial of a plan for all of them. */
  household: z.string().trim().min(1).max(200).nullable(),
  profiles: z.array(profile).max(20),
};

const preferences = z.strictObject({ email: z.boolean(), sms: z.boolean() });

export const newCustomer = z.strictObject({
  ...fields,
  id: z
    .string()
    .refine((text) => isId('cus', text), 'an id as cus_... of letters, digits, -, _ and .')
    .optional(),
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
  testClock: z
    .string()
    .refine((text) => isId('tc', text), 'the id of a test clock')
    .nullable()
    .default(null),
});

export const customerPatch = z.strictObject({ ...fields, preferences }).partial();

export const preferencesPatch = preferences.partial();

/** A token stands for the method at its gateway; it is never logged, and shown for the simulated gateway only. */
export const newPaymentMethod = z.strictObject({
  id: z
    .string()
    .refine((text) => isId('pm', text), 'an id as pm_... of letters, digits, -, _ and .')
    .optional(),
  gateway: z.enum(['simulated', 'stripe']),
  token: z.string().regex(/^[\x21-\x7e]{1,255}$/, 'a token of visible ASCII characters'),
  type: z.enum(['card', 'apple_pay', 'google_pay', 'paypal', 'sepa_debit', 'link']).default('card'),
  default: z.boolean().default(false),
});

/** What is known anew of a card, as after an update by its bank. */
export const paymentMethodPatch = z.strictObject({
  card: z
    .strictObject({
      brand: z.string().min(1).max(50),
      last4: z.string().regex(/^\d{4}$/, 'the last four digits'),
      expMonth: z.int().min(1).max(12),
      expYear: z.int().min(2000).max(2100),
      fingerprint: z.string().min(1).max(100),
    })
    .partial(),
});

/** The same from the gateway that knows the card by this token. */
export const cardNews = paymentMethodPatch.extend({ gateway: z.enum(['simulated', 'stripe']), token: z.string() });

/** Which gateway is to keep the method; without it the one that charges for real, where there is one. */
export const setUpBody = z.strictObject({ gateway: z.enum(['simulated', 'stripe']).optional() }).default({});

export const customerQuery = listQuery({ email: z.string().optional(), testClock: z.string().optional() });
