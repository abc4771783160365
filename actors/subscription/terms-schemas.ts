import { z } from 'zod';
import { currency, identity, instant } from '../../services/shared/fields.ts';

export { identity };

/** An ISO 8601 instant with any offset; the value is the same instant in UTC. */
export const instantSchema = instant;

export const count = z.number().int().min(0);
export const text = z.string().max(500);

export const cadenceSchema = z.strictObject({ unit: z.enum(['day', 'week', 'month', 'year']), count: z.number().int().min(1).max(366) });

export const minorUnits = count.max(1_000_000_000_000);

const moneySchema = z.strictObject({
  amount: minorUnits,
  currency,
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
