import { z } from 'zod';
import { country, currency, locale, timezone, utcInstant } from '../fields.ts';
import type { ResourceOf } from './resource-of.ts';

const customerPreferencesSchema = z
  .object({ email: z.boolean(), sms: z.boolean() })
  .meta({ id: 'CustomerPreferences', description: 'The channels by which the customer accepts messages' });

/**
 * A customer, in responses and as `data` of `customer.created`, `customer.updated` and
 * `customer.erased`.
 */
export const customerSchema = z
  .object({
    id: z.string().meta({ examples: ['cus_1'] }),
    email: z.string().meta({ description: 'Empty once the customer is erased', examples: ['ada@example.com'] }),
    name: z.string().meta({ description: 'Empty once the customer is erased', examples: ['Ada Lovelace'] }),
    phone: z
      .string()
      .nullable()
      .meta({ description: 'Telephone number in E.164 form', examples: ['+4930901820'] }),
    locale,
    country,
    currency,
    timezone,
    address: z
      .record(z.string(), z.string())
      .nullable()
      .meta({
        description: 'Fields of the postal address by name',
        examples: [{ line1: 'Lange Gasse 1', city: 'Berlin', postalCode: '10115' }],
      }),
    vatId: z
      .string()
      .nullable()
      .meta({ description: 'VAT identification number with its country prefix', examples: ['DE136695976'] }),
    taxExempt: z.boolean().meta({ description: 'The seller holds a certificate of exemption' }),
    invoiceGrouping: z.enum(['separate', 'consolidated']).optional().meta({
      description: 'consolidated: renewals of one day share one invoice number and one charge. Absent, as separate, where it was never set',
    }),
    birthYear: z
      .int()
      .nullable()
      .meta({ examples: [1990] }),
    segment: z
      .string()
      .nullable()
      .optional()
      .meta({ description: 'Kind of customer in the words of the operator, which dunning policies may name', examples: ['student'] }),
    household: z
      .string()
      .nullable()
      .optional()
      .meta({
        description: 'Opaque name of the household, given by the app: one trial of a plan for all of its customers',
        examples: ['home_1'],
      }),
    profiles: z.array(z.unknown()).meta({ description: 'Viewer profiles as the app stored them', examples: [[{ name: 'Ada' }]] }),
    preferences: customerPreferencesSchema,
    testClock: z
      .string()
      .nullable()
      .meta({ description: 'Test clock the customer lives on, null for real time', examples: [null] }),
    createdAt: utcInstant,
    erasedAt: utcInstant.nullable().meta({ description: 'When the personal data was erased', examples: [null] }),
  })
  .meta({ id: 'Customer', description: 'A customer of the platform' });

export type CustomerResource = ResourceOf<typeof customerSchema>;
export type CustomerPreferences = ResourceOf<typeof customerPreferencesSchema>;

export const methodDetailsSchema = z
  .object({
    brand: z.string().meta({ examples: ['visa'] }),
    last4: z.string().meta({ description: 'Last four digits of the number', examples: ['4242'] }),
    expMonth: z
      .int()
      .nullable()
      .meta({ description: 'Month of expiry, 1 to 12; null for a method that does not expire', examples: [12] }),
    expYear: z
      .int()
      .nullable()
      .meta({ description: 'Year of expiry with four digits; null for a method that does not expire', examples: [2040] }),
    fingerprint: z
      .string()
      .nullable()
      .meta({ description: 'Equal for the same card, whatever its token', examples: ['f0b3a9c2d1e4f567'] }),
    country: z
      .string()
      .nullable()
      .optional()
      .meta({ description: 'ISO 3166-1 alpha-2 country of the issuer, where the gateway reports it', examples: ['DE'] }),
  })
  .meta({ id: 'Card', description: 'Details of a payment method as its gateway reports them' });

export type MethodDetails = ResourceOf<typeof methodDetailsSchema>;

/**
 * A payment method inside the platform and in its events, with the token that its gateway charges.
 */
export const publishedPaymentMethodSchema = z
  .object({
    id: z.string().meta({ examples: ['pm_1'] }),
    customerId: z.string().meta({ examples: ['cus_1'] }),
    gateway: z.enum(['simulated', 'stripe']),
    type: z.enum(['card', 'apple_pay', 'google_pay', 'paypal', 'sepa_debit', 'link']),
    token: z.string().meta({ description: 'Name of the payment method at its gateway', examples: ['tok_ok'] }),
    card: methodDetailsSchema.nullable().meta({ description: 'Null where the gateway reports nothing' }),
    default: z.boolean().meta({ description: 'The method that is charged first' }),
    createdAt: utcInstant,
  })
  .meta({ id: 'PublishedPaymentMethod', description: 'A payment method with its token at the gateway' });

export type PaymentMethodResource = ResourceOf<typeof publishedPaymentMethodSchema>;

/** A payment method in responses: the token of a real gateway stays inside. */
export const paymentMethodSchema = publishedPaymentMethodSchema
  .extend({
    token: z
      .string()
      .optional()
      .meta({ description: 'Token of the simulated gateway; absent for any other gateway', examples: ['tok_ok'] }),
  })
  .meta({ id: 'PaymentMethod', description: 'A stored payment method of a customer' });

/**
 * `data` of `customer.payment-method-added`, `customer.payment-method-removed`,
 * `customer.payment-method-updated`.
 */
export const paymentMethodsChangedSchema = z
  .object({
    customerId: z.string().meta({ examples: ['cus_1'] }),
    country: country.optional().meta({ description: 'Country of the customer' }),
    paymentMethods: z
      .array(publishedPaymentMethodSchema)
      .meta({ description: 'All payment methods after the change, in the order in which they are charged' }),
  })
  .meta({ id: 'PaymentMethodsChanged', description: 'The payment methods of a customer after one of them changed' });

export type PaymentMethodsChanged = ResourceOf<typeof paymentMethodsChangedSchema>;
