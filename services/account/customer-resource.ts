import { z } from 'zod';
import type { PaymentMethodResource } from '../shared/contracts/customer-resource.ts';

/** As it may be shown: the token of a real gateway stays inside. */
export const shown = ({ token, ...method }: PaymentMethodResource) => (method.gateway === 'simulated' ? { ...method, token } : method);

export const customerAnswer = z.object({
  id: z.string(),
  email: z.string(),
  name: z.string(),
  phone: z.string().nullable(),
  locale: z.string(),
  country: z.string(),
  currency: z.string(),
  timezone: z.string(),
  address: z.record(z.string(), z.string()).nullable(),
  vatId: z.string().nullable(),
  taxExempt: z.boolean(),
  invoiceGrouping: z.enum(['separate', 'consolidated']).optional(),
  birthYear: z.number().nullable(),
  segment: z.string().nullable().optional(),
  household: z.string().nullable().optional(),
  profiles: z.array(z.unknown()),
  preferences: z.object({ email: z.boolean(), sms: z.boolean() }),
  testClock: z.string().nullable(),
  createdAt: z.string(),
  erasedAt: z.string().nullable(),
});

export const paymentMethodAnswer = z.object({
  id: z.string(),
  customerId: z.string(),
  gateway: z.enum(['simulated', 'stripe']),
  type: z.string(),
  token: z.string().optional(),
  card: z
    .object({
      brand: z.string(),
      last4: z.string(),
      expMonth: z.number().nullable(),
      expYear: z.number().nullable(),
      fingerprint: z.string().nullable(),
      country: z.string().nullable().optional(),
    })
    .nullable(),
  default: z.boolean(),
  createdAt: z.string(),
});
