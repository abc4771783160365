import { z } from 'zod';
import { isId, type Prefix } from '../../services/shared/ids.ts';
import { isCurrency } from '../../services/shared/money.ts';
import { retryRefinements } from '../../services/shared/retry-refinements.ts';
import { instantOf, isTimeZone } from '../../services/shared/time.ts';

/** Any ISO 8601 instant with an offset, turned into our one UTC form. */
export const instantSchema = z.string().transform((text, context) => {
  const instant = instantOf(text);
  if (instant === undefined) context.addIssue({ code: 'custom', message: 'Give an existing instant as ISO 8601 with Z or an offset.' });
  return instant ?? '';
});

const count = z.number().int().min(0);
const text = z.string().max(500);
/** An id of this kind, by its prefix. */
export const identity = (prefix: Prefix) => z.string().refine((id) => isId(prefix, id), `Give an id such as ${prefix}_1.`);

export const cadenceSchema = z.strictObject({ unit: z.enum(['day', 'week', 'month', 'year']), count: z.number().int().min(1).max(366) });

export const minorUnits = count.max(1_000_000_000_000);

const moneySchema = z.strictObject({
  amount: minorUnits,
  currency: z.string().refine(isCurrency, 'Give an ISO 4217 currency.'),
});

export const tierSchema = z.strictObject({ upTo: z.number().int().min(1).max(1_000_000).nullable(), amount: minorUnits });

export const phasesSchema = z.array(z.strictObject({ periods: z.number().int().min(1).max(1_000), amount: minorUnits })).max(20);

export const commitmentSchema = z.strictObject({ periods: z.number().int().min(1).max(1_000), exitFee: minorUnits }).nullable();

export const billingSchema = z.enum(['advance', 'arrears']);

const planTermsSchema = z.strictObject({
  planId: identity('plan'),
  version: z.number().int().min(1),
  name: z.record(z.string(), text),
  price: moneySchema,
  tiers: z.array(tierSchema).max(100).default([]),
  phases: phasesSchema.default([]),
  commitment: commitmentSchema.default(null),
  interval: cadenceSchema,
  taxBehaviour: z.enum(['inclusive', 'exclusive']),
  billing: billingSchema.default('advance'),
  minQuantity: z.number().int().min(1),
  maxQuantity: z.number().int().min(1),
  entitlements: z.record(z.string(), z.unknown()),
});

export const quantitySchema = z.number().int().min(1).max(1_000_000);

const itemSchema = z.strictObject({ plan: planTermsSchema, quantity: quantitySchema });

export const termsSchema = itemSchema.extend({ addOns: z.array(itemSchema).max(50).default([]) });

export const couponSchema = z.strictObject({
  couponId: identity('cpn'),
  name: text,
  kind: z.enum(['percent', 'amount']),
  percent: z.number().min(0.01).max(100).multipleOf(0.01).nullable(),
  amount: minorUnits.nullable(),
  periodsLeft: z.number().int().min(1).nullable(),
  endsAt: instantSchema.nullable(),
  planIds: z.array(identity('plan')).max(500).nullable(),
});

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
  downgradeTo: termsSchema.optional(),
});

export const startSchema = z.strictObject({
  customerId: identity('cus'),
  terms: termsSchema,
  timezone: z.string().refine(isTimeZone, 'Give an IANA time zone.'),
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

export const recordCreditNoteSchema = z.strictObject({
  creditNoteId: z.string().min(1).max(200),
  invoiceId: z.string().min(1).max(300),
  returned: z.array(z.strictObject({ planId: identity('plan').nullable(), amount: count })).max(500),
});

export const recordPaymentMethodSchema = z.strictObject({ available: z.boolean() });

/** What a change may name; what it does not name stays. */
export const wishSchema = z.strictObject({
  planId: identity('plan').optional(),
  interval: cadenceSchema.optional(),
  quantity: quantitySchema.optional(),
  /** Complete: an add-on that is not named is dropped. */
  addOns: z
    .array(z.strictObject({ planId: identity('plan'), quantity: quantitySchema.default(1) }))
    .max(50)
    .optional(),
  /** A version of the plan other than the current one, for who migrates subscribers. */
  planVersion: z.number().int().min(1).optional(),
});

/** A change as the API takes it. */
export const changeBody = wishSchema.extend({
  when: z.union([z.enum(['now', 'period-end']), instantSchema]).optional(),
  proration: z.enum(['prorate', 'none']).default('prorate'),
  anchor: z.enum(['keep', 'reset', 'day']).optional(),
  /** What a change now does to a trial. */
  trial: z.enum(['keep', 'end']).default('keep'),
});

/** The same at the actor, where a caller that has looked up the terms gives them in place of what it wishes for. */
export const changeSchema = changeBody
  .extend({ terms: termsSchema.optional() })
  .refine(({ terms, ...body }) => !terms || Object.keys(wishSchema.shape).every((wish) => body[wish as keyof ChangeWish] === undefined), {
    path: ['terms'],
    message: 'Give complete terms, or what you wish to change, not both.',
  });

export type ChangeWish = z.infer<typeof wishSchema>;
export type Change = z.infer<typeof changeSchema>;

export const cancelSchema = z
  .strictObject({
    when: z.union([z.enum(['period-end', 'now']), instantSchema]).default('period-end'),
    credit: z.enum(['none', 'prorate']).default('none'),
    refund: z.enum(['none', 'prorate', 'full']).default('none'),
    /** In arrears: what is billed of the last period. The default is the part that was used. */
    lastPeriod: z.enum(['prorate', 'full']).optional(),
    /** Whether the day of the cancellation counts as used. It does not by default. */
    lastDay: z.enum(['excluded', 'included']).optional(),
    reason: text.nullable().default(null),
  })
  .refine(({ credit, refund }) => credit === 'none' || refund === 'none', {
    path: ['refund'],
    message: 'Unused time is given back once: as account credit, or as a refund.',
  });

export const pauseSchema = z.strictObject({
  when: z.enum(['period-end', 'now']).default('period-end'),
  until: instantSchema.nullable().default(null),
  credit: z.enum(['none', 'prorate', 'extend']).default('none'),
});

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

export const nothingSchema = z.strictObject({});

/** Only a test clock's walk says what time it is; on system time it has no effect. */
export const wakeSchema = z.strictObject({ clockNow: instantSchema.nullable().default(null) });

export const historySchema = z.strictObject({ from: count.default(0), limit: z.number().int().min(1).max(500).default(200) });

export const tellAgainSchema = z.strictObject({ invoiceId: z.string().min(1).max(200) });

/** Commands that people give, and so may think of: what the world answers (payments) is not among them. */
const plannable = z.enum([
  'change',
  'withdrawChange',
  'changeAnchor',
  'applyCoupon',
  'removeCoupon',
  'charge',
  'cancel',
  'uncancel',
  'pause',
  'resume',
  'reactivate',
  'retryPayment',
  'recordPaymentMethod',
]);

/** `{ command: "cancel", body: { when: "now" } }`, or in one as `{ command: { type: "cancel", when: "now" } }`. */
export const plannedCommandSchema = z
  .union([
    z.strictObject({ at: instantSchema.optional(), command: plannable, body: z.record(z.string(), z.unknown()).default({}) }),
    z.strictObject({ at: instantSchema.optional(), command: z.looseObject({ type: plannable }) }),
  ])
  .transform(({ at, command, ...rest }) => {
    if (typeof command === 'string') return { at, command, body: 'body' in rest ? rest.body : {} };
    const { type, ...body } = command;
    return { at, command: type, body };
  });

const gatewaySchema = z.enum(['ok', 'declined', '3ds']);

export const forecastSchema = z.strictObject({ until: instantSchema, assume: gatewaySchema.default('ok') });

export const whatIfSchema = z.strictObject({
  until: instantSchema,
  script: z.array(z.union([z.strictObject({ at: instantSchema, gateway: gatewaySchema }), plannedCommandSchema])).max(500),
});

export const asOfSchema = z.strictObject({ at: instantSchema });

export type PlannedCommand = z.infer<typeof plannedCommandSchema>;
export type Forecast = z.infer<typeof forecastSchema>;
export type WhatIf = z.infer<typeof whatIfSchema>;
