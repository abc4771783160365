import { z } from 'zod';
import {
  anchorSchema,
  cancelSchema,
  pauseSchema,
  policySchema,
  requestedChangeSchema,
  resumeSchema,
} from '../../actors/subscription/command-schemas.ts';
import { cadenceSchema, quantitySchema } from '../../actors/subscription/terms-schemas.ts';
import { currency, identity, instant, timezone } from '../shared/fields.ts';
import { promotionCode } from './coupons/promotion-code.ts';

/** A purchase of a plan with add-ons, for the customer or as a gift. */
export const purchaseFields = {
  customerId: identity('cus'),
  planId: identity('plan'),
  currency: currency.optional().meta({ description: 'By default the currency of the customer' }),
  interval: cadenceSchema.optional().meta({ description: 'By default the interval of the first price of the plan' }),
  quantity: quantitySchema.default(1),
  addOns: z
    .array(z.strictObject({ planId: identity('plan'), quantity: quantitySchema.default(1) }))
    .max(50)
    .default([]),
};

export const subscriptionBody = z
  .strictObject({
    id: identity('sub').optional(),
    ...purchaseFields,
    trialDays: z.number().int().min(0).max(3650).optional().meta({ description: 'By default the trial of the plan' }),
    endsAt: instant.optional().meta({ description: 'End of a fixed term' }),
    sourceAddress: z
      .union([z.ipv4(), z.ipv6()])
      .optional()
      .meta({ description: 'IP address of the customer, for limits on trials; only a hash of it is stored' }),
    coupons: z.array(identity('cpn')).max(20).default([]),
    promotionCodes: z.array(promotionCode).max(20).default([]),
    startAt: instant.optional().meta({ description: 'By default the subscription starts immediately' }),
    anchor: anchorSchema.optional().meta({ description: 'Day of billing; the first period is a stub up to it' }),
    timezone: timezone.optional().meta({ description: 'By default the time zone of the customer' }),
    prorationUnit: z.enum(['day', 'second']).default('day'),
    collection: z.literal('automatic').default('automatic'),
    policy: policySchema
      .extend({ downgradeTo: z.strictObject({ planId: identity('plan') }).optional() })
      .partial()
      .default({})
      .meta({ description: 'Overrides of the dunning policy in force; a downgrade names its plan' }),
  })
  .meta({ id: 'CreateSubscription' });

export const emptyBody = z
  .strictObject({})
  .optional()
  .transform((body) => body ?? {});
export const cancelBody = cancelSchema.optional().transform((body) => body ?? cancelSchema.parse({}));
export const pauseBody = pauseSchema.optional().transform((body) => body ?? pauseSchema.parse({}));
export const resumeBody = resumeSchema.optional().transform((body) => body ?? resumeSchema.parse({}));

/** Internal: a subscription as it is, and the change of it that is to be priced. */
export const termsQuery = z.strictObject({
  customerId: identity('cus'),
  planId: identity('plan'),
  currency: z.string(),
  planVersion: z.number().int().min(1),
  interval: cadenceSchema,
  quantity: quantitySchema,
  addOns: z.array(z.object({ planId: identity('plan'), planVersion: z.number().int().min(1), quantity: quantitySchema })),
  /** The requested change. */
  wish: requestedChangeSchema,
});

/** Internal: the customer and the local calendar day of the renewals. */
export const renewalsQuery = z.strictObject({
  customerId: identity('cus'),
  day: z.iso.date(),
  timezone: z.string(),
  currency: z.string(),
  taxBehaviour: z.string(),
});
