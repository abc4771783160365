import { z } from 'zod';
import { timezone } from '../../services/shared/fields.ts';
import { retryRefinements } from '../../services/shared/retry-refinements.ts';
import {
  cadenceSchema,
  count,
  couponSchema,
  identity,
  instantSchema,
  minorUnits,
  quantitySchema,
  termsSchema,
  text,
} from './terms-schemas.ts';

export const anchorSchema = z.strictObject({
  day: z.number().int().min(1).max(31),
  month: z.number().int().min(1).max(12).nullable().default(null),
});

const days = z.number().int().min(0).max(3650);

export const policySchema = z.strictObject({
  ...retryRefinements,
  retryDays: z.array(days).max(30),
  retryMode: z.enum(['from-first-failure', 'interval']),
  hardDeclineRetries: z.number().int().min(0).max(30),
  suspendAfterDays: days,
  graceDays: days,
  finalAction: z.enum(['cancel', 'suspend', 'downgrade']),
  downgradeTo: termsSchema.exactOptional(),
});

export const startSchema = z.strictObject({
  customerId: identity('cus'),
  terms: termsSchema,
  timezone,
  startAt: instantSchema.nullable().default(null),
  anchor: anchorSchema.nullable().default(null),
  trialDays: days.default(0),
  endsAt: instantSchema.nullable().default(null),
  coupons: z.array(couponSchema).max(20).default([]),
  prorationUnit: z.enum(['day', 'second']).default('day'),
  policy: policySchema,
  hasPaymentMethod: z.boolean(),
  clock: z
    .strictObject({ id: identity('tc'), now: instantSchema })
    .nullable()
    .default(null),
});

export const recordPaymentSchema = z.strictObject({
  invoiceId: z.string().min(1).max(300),
  outcome: z.enum(['succeeded', 'declined', 'action-required']),
  attempt: z.number().int().min(1),
  category: z.enum(['soft', 'hard', 'expired-card', 'action-required', 'no-payment-method']).nullable().default(null),
  declineCode: text.nullable().default(null),
});

export const recordInvoiceClosedSchema = z.strictObject({
  invoiceId: z.string().min(1).max(300),
  as: z.enum(['void', 'uncollectible']),
});

export const recordCreditNoteSchema = z.strictObject({
  creditNoteId: z.string().min(1).max(200),
  invoiceId: z.string().min(1).max(300),
  returned: z.array(z.strictObject({ planId: identity('plan').nullable(), amount: count })).max(500),
});

export const recordPaymentMethodSchema = z.strictObject({
  available: z.boolean(),
  /** The sequence of the customer's event, by which a repeat or an older event is known. */
  customerSequence: count.optional(),
});

/** The terms that a change may request; a field that is left out stays as it is. */
export const requestedChangeSchema = z.strictObject({
  planId: identity('plan').optional(),
  interval: cadenceSchema.optional(),
  quantity: quantitySchema.optional(),
  /** The complete list: an add-on that is not in it is dropped. */
  addOns: z
    .array(z.strictObject({ planId: identity('plan'), quantity: quantitySchema.default(1) }))
    .max(50)
    .optional(),
  /** A version of the plan other than the current one, for migrations of subscribers. */
  planVersion: z.number().int().min(1).optional(),
});

/** The body of a change in the API. */
export const changeBody = requestedChangeSchema.extend({
  when: z.union([z.enum(['now', 'period-end']), instantSchema]).optional(),
  proration: z.enum(['prorate', 'none']).default('prorate'),
  anchor: z.enum(['keep', 'reset', 'day']).optional(),
  /** The effect of a change now on a trial. */
  trial: z.enum(['keep', 'end']).default('keep'),
});

/**
 * The body of a change at the actor. A caller that has looked up the terms sends them in place of
 * the requested fields.
 */
export const changeSchema = changeBody
  .extend({ terms: termsSchema.optional() })
  .refine(
    ({ terms, ...body }) =>
      !terms || Object.keys(requestedChangeSchema.shape).every((field) => body[field as keyof RequestedChange] === undefined),
    {
      path: ['terms'],
      message: 'Send either terms or individual changes, not both.',
    },
  );

export type RequestedChange = z.infer<typeof requestedChangeSchema>;
export type Change = z.infer<typeof changeSchema>;

export const cancelSchema = z
  .strictObject({
    when: z.union([z.enum(['period-end', 'now']), instantSchema]).default('period-end'),
    credit: z.enum(['none', 'prorate']).default('none'),
    refund: z.enum(['none', 'prorate', 'full']).default('none'),
    /** In arrears: the part of the last period that is billed; by default the used part. */
    lastPeriod: z.enum(['prorate', 'full']).optional(),
    /** Whether the day of the cancellation counts as used; by default it does not. */
    lastDay: z.enum(['excluded', 'included']).optional(),
    reason: text.nullable().default(null),
  })
  .refine(({ credit, refund }) => credit === 'none' || refund === 'none', {
    path: ['refund'],
    message: 'Unused time can be returned as account credit or as a refund, not as both.',
  });

export const pauseSchema = z.strictObject({
  when: z.enum(['period-end', 'now']).default('period-end'),
  until: instantSchema.nullable().default(null),
  credit: z.enum(['none', 'prorate', 'extend']).default('none'),
});

/** `openedAt`: the instant at which the dispute was opened; an earlier pause is not its effect. */
export const resumeAfterDisputeSchema = z.strictObject({ openedAt: instantSchema });

export const resumeSchema = z.strictObject({ anchor: z.enum(['keep', 'reset']).default('keep') });

export const applyCouponSchema = z.strictObject({ coupon: couponSchema });
export const removeCouponSchema = z.strictObject({ couponId: identity('cpn') });

export const chargeBody = z.strictObject({
  description: z.string().min(1).max(500),
  amount: minorUnits.min(1),
  invoiceNow: z.boolean().default(false),
});
export const chargeSchema = chargeBody.extend({ chargeId: z.string().min(1).max(200) });

export const reactivateSchema = z.strictObject({ terms: termsSchema.nullable().default(null), hasPaymentMethod: z.boolean() });

/** Releases from quarantine; `dropCommand` leaves the command out that broke an invariant. */
export const releaseQuarantineSchema = z.strictObject({ dropCommand: z.boolean().default(false) });

export const nothingSchema = z.strictObject({});

/** Only a test clock sends its time; on system time it has no effect. */
export const wakeSchema = z.strictObject({ clockNow: instantSchema.nullable().default(null) });

/** The schema of each command's body, by the name of its method. */
export const commandSchemas = {
  recordPayment: recordPaymentSchema,
  recordInvoiceClosed: recordInvoiceClosedSchema,
  recordCreditNote: recordCreditNoteSchema,
  recordPaymentMethod: recordPaymentMethodSchema,
  change: changeSchema,
  withdrawChange: nothingSchema,
  changeAnchor: anchorSchema,
  applyCoupon: applyCouponSchema,
  removeCoupon: removeCouponSchema,
  charge: chargeSchema,
  cancel: cancelSchema,
  uncancel: nothingSchema,
  pause: pauseSchema,
  resume: resumeSchema,
  resumeAfterDispute: resumeAfterDisputeSchema,
  reactivate: reactivateSchema,
  retryPayment: nothingSchema,
  wake: wakeSchema,
};

export type CommandName = keyof typeof commandSchemas;
