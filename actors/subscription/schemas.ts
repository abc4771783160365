import { z } from 'zod';
import { isId } from '../../services/shared/ids.ts';
import { isCurrency } from '../../services/shared/money.ts';
import { instantOf, isTimeZone } from '../../services/shared/time.ts';

/** Any ISO 8601 instant with an offset, turned into our one UTC form. */
export const instantSchema = z.string().transform((text, context) => {
  const instant = instantOf(text);
  if (instant === undefined) context.addIssue({ code: 'custom', message: 'Give an existing instant as ISO 8601 with Z or an offset.' });
  return instant ?? '';
});

const count = z.number().int().min(0);
const text = z.string().max(500);
const identity = (prefix: 'sub' | 'cus' | 'plan' | 'tc') => z.string().refine((id) => isId(prefix, id), `Give an id such as ${prefix}_1.`);

export const cadenceSchema = z.strictObject({ unit: z.enum(['day', 'week', 'month', 'year']), count: z.number().int().min(1).max(366) });

const moneySchema = z.strictObject({
  amount: count.max(1_000_000_000_000),
  currency: z.string().refine(isCurrency, 'Give an ISO 4217 currency.'),
});

const planTermsSchema = z.strictObject({
  planId: identity('plan'),
  version: z.number().int().min(1),
  name: z.record(z.string(), text),
  price: moneySchema,
  interval: cadenceSchema,
  taxBehaviour: z.enum(['inclusive', 'exclusive']),
  minQuantity: z.number().int().min(1),
  maxQuantity: z.number().int().min(1),
  entitlements: z.record(z.string(), z.unknown()),
});

export const quantitySchema = z.number().int().min(1).max(1_000_000);

export const termsSchema = z.strictObject({ plan: planTermsSchema, quantity: quantitySchema });

export const anchorSchema = z.strictObject({
  day: z.number().int().min(1).max(31),
  month: z.number().int().min(1).max(12).nullable().default(null),
});

const days = z.number().int().min(0).max(3650);

export const policySchema = z.strictObject({
  retryDays: z.array(days).max(30),
  retryMode: z.enum(['from-first-failure', 'interval']),
  hardDeclineRetries: z.number().int().min(0).max(30),
  suspendAfterDays: days,
  graceDays: days,
  finalAction: z.enum(['cancel', 'suspend']),
});

export const startSchema = z.strictObject({
  customerId: identity('cus'),
  terms: termsSchema,
  timezone: z.string().refine(isTimeZone, 'Give an IANA time zone.'),
  startAt: instantSchema.nullable().default(null),
  anchor: anchorSchema.nullable().default(null),
  trialDays: days.default(0),
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

export const recordPaymentMethodSchema = z.strictObject({ available: z.boolean() });

/** What a change may name; what it does not name stays. */
export const wishSchema = z.strictObject({
  planId: identity('plan').optional(),
  interval: cadenceSchema.optional(),
  quantity: quantitySchema.optional(),
});

/** A change as the API takes it. */
export const changeBody = wishSchema.extend({
  when: z.enum(['now', 'period-end']).optional(),
  proration: z.enum(['prorate', 'none']).default('prorate'),
  anchor: z.enum(['keep', 'reset']).optional(),
});

/** The same at the actor, where a caller that has looked up the terms gives them in place of what it wishes for. */
export const changeSchema = changeBody
  .extend({ terms: termsSchema.optional() })
  .refine(({ terms, planId, interval, quantity }) => !terms || [planId, interval, quantity].every((wish) => wish === undefined), {
    path: ['terms'],
    message: 'Give complete terms, or what you wish to change, not both.',
  });

export type ChangeWish = z.infer<typeof wishSchema>;
export type Change = z.infer<typeof changeSchema>;

export const cancelSchema = z.strictObject({
  when: z.union([z.enum(['period-end', 'now']), instantSchema]).default('period-end'),
  credit: z.enum(['none', 'prorate']).default('none'),
  reason: text.nullable().default(null),
});

export const pauseSchema = z.strictObject({
  when: z.enum(['period-end', 'now']).default('period-end'),
  until: instantSchema.nullable().default(null),
  credit: z.enum(['none', 'prorate', 'extend']).default('none'),
});

export const resumeSchema = z.strictObject({ anchor: z.enum(['keep', 'reset']).default('keep') });

export const nothingSchema = z.strictObject({});

/** Only a test clock's walk says what time it is; on system time it has no effect. */
export const wakeSchema = z.strictObject({ clockNow: instantSchema.nullable().default(null) });

export const historySchema = z.strictObject({ from: count.default(0), limit: z.number().int().min(1).max(500).default(200) });
