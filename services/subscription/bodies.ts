import { z } from 'zod';
import {
  anchorSchema,
  cancelSchema,
  pauseSchema,
  policySchema,
  requestedChangeSchema,
  resumeSchema,
} from '../../actors/subscription/command-schemas.ts';
import { cadenceSchema, identity, instantSchema, quantitySchema } from '../../actors/subscription/terms-schemas.ts';
import { isCurrency } from '../shared/money.ts';
import { isTimeZone } from '../shared/time.ts';
import { codeSchema } from './coupons/promotion-code.ts';

/** Who buys what: for themselves, or as a gift. */
export const boughtFields = {
  customerId: identity('cus'),
  planId: identity('plan'),
  currency: z.string().refine(isCurrency, 'Give an ISO 4217 currency.').optional(),
  interval: cadenceSchema.optional(),
  quantity: quantitySchema.default(1),
  addOns: z
    .array(z.strictObject({ planId: identity('plan'), quantity: quantitySchema.default(1) }))
    .max(50)
    .default([]),
};

export const subscriptionBody = z.strictObject({
  id: identity('sub').optional(),
  ...boughtFields,
  trialDays: z.number().int().min(0).max(3650).optional(),
  endsAt: instantSchema.optional(),
  /** Where the customer asked the app from, for limits on trials; kept as a hash. */
  sourceAddress: z.union([z.ipv4(), z.ipv6()]).optional(),
  coupons: z.array(identity('cpn')).max(20).default([]),
  promotionCodes: z.array(codeSchema).max(20).default([]),
  startAt: instantSchema.optional(),
  anchor: anchorSchema.optional(),
  timezone: z.string().refine(isTimeZone, 'Give an IANA time zone.').optional(),
  prorationUnit: z.enum(['day', 'second']).default('day'),
  collection: z.literal('automatic').default('automatic'),
  /** What is left out is as the dunning policy says. A downgrade names its plan, whose terms are looked up. */
  policy: policySchema
    .extend({ downgradeTo: z.strictObject({ planId: identity('plan') }).optional() })
    .partial()
    .default({}),
});

/** What a change is resolved from: the subscription as it is, and what is wished for. */
export const termsQuestion = z.strictObject({
  customerId: identity('cus'),
  planId: identity('plan'),
  currency: z.string(),
  planVersion: z.number().int().min(1),
  interval: cadenceSchema,
  quantity: quantitySchema,
  addOns: z.array(z.object({ planId: identity('plan'), planVersion: z.number().int().min(1), quantity: quantitySchema })),
  wish: requestedChangeSchema,
});

/** Whose renewals, on which local day. */
export const renewalsQuestion = z.strictObject({
  customerId: identity('cus'),
  day: z.iso.date(),
  timezone: z.string(),
  currency: z.string(),
  taxBehaviour: z.string(),
});

export const nothingBody = z
  .strictObject({})
  .optional()
  .transform((body) => body ?? {});
export const cancelBody = cancelSchema.optional().transform((body) => body ?? cancelSchema.parse({}));
export const pauseBody = pauseSchema.optional().transform((body) => body ?? pauseSchema.parse({}));
export const resumeBody = resumeSchema.optional().transform((body) => body ?? resumeSchema.parse({}));
export const clockBody = z.strictObject({ id: identity('tc').optional(), now: instantSchema });
export const advanceBody = z.strictObject({ to: instantSchema });
