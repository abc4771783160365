import { z } from 'zod';
import {
  billingSchema,
  cadenceSchema,
  commitmentSchema,
  identity,
  minorUnits,
  phasesSchema,
  tierSchema,
} from '../../../actors/subscription/terms-schemas.ts';
import { isCurrency } from '../../shared/money.ts';
import type { Instant } from '../../shared/time.ts';

/** Graduated tiers rise, and the last has no end: so there is neither a gap nor an overlap. */
const tiersSchema = z
  .array(tierSchema)
  .max(100)
  .superRefine((tiers, context) => {
    for (const [index, { upTo }] of tiers.entries()) {
      const isLast = index === tiers.length - 1;
      const before = tiers[index - 1]?.upTo ?? 0;
      if (isLast !== (upTo === null))
        context.addIssue({ code: 'custom', path: [index, 'upTo'], message: 'The last tier, and no other, has no end (null).' });
      else if (upTo !== null && upTo <= before)
        context.addIssue({ code: 'custom', path: [index, 'upTo'], message: `Tiers rise: this one must end above ${before}.` });
    }
  });

const priceSchema = z.strictObject({
  currency: z.string().refine(isCurrency, 'Give an ISO 4217 currency.'),
  amount: minorUnits,
  interval: cadenceSchema,
  country: z
    .string()
    .regex(/^[A-Z]{2}$/)
    .nullable()
    .default(null),
  tiers: tiersSchema.default([]),
  phases: phasesSchema.default([]),
  commitment: commitmentSchema.default(null),
});

const placeOf = ({ currency, interval, country }: z.infer<typeof priceSchema>) =>
  `${currency} ${interval.unit} ${interval.count} ${country}`;

/** What one version of a plan says. A price's `amount` is one unit's; where there are tiers, each unit costs what its tier says instead. */
const contentShape = {
  name: z
    .record(z.string().min(2).max(35), z.string().min(1).max(200))
    .refine((names) => Object.keys(names).length > 0, 'Give a name in one language at least.'),
  prices: z.array(priceSchema).min(1).max(500),
  tiers: tiersSchema.default([]),
  trialDays: z.number().int().min(0).max(3650).default(0),
  trialRequiresPaymentMethod: z.boolean().default(false),
  taxBehaviour: z.enum(['inclusive', 'exclusive']).default('inclusive'),
  /** In advance a period is billed when it begins, in arrears when it has ended. */
  billing: billingSchema.default('advance'),
  minQuantity: z.number().int().min(1).default(1),
  maxQuantity: z.number().int().min(1).max(1_000_000).default(1_000_000),
  entitlements: z.record(z.string(), z.unknown()).default({}),
};

type Content = z.infer<z.ZodObject<typeof contentShape>>;

function checkContent({ prices, tiers, minQuantity, maxQuantity }: Content, context: z.core.$RefinementCtx): void {
  const complain = (path: (string | number)[], message: string) => context.addIssue({ code: 'custom', path, message });
  if (minQuantity > maxQuantity) complain(['maxQuantity'], 'maxQuantity is below minQuantity.');
  if (new Set(prices.map(placeOf)).size !== prices.length)
    complain(['prices'], 'Two prices stand for the same currency, interval and country.');
  if (tiers.length > 0 && new Set(prices.map(({ currency }) => currency)).size > 1)
    complain(['tiers'], 'Tiers for all prices need one currency; give each price its own.');
}

export const planBody = z
  .strictObject({
    id: identity('plan').optional(),
    /** What it sells, if that is described as a product. */
    productId: identity('prod').nullable().default(null),
    family: z.string().min(1).max(100).optional(),
    addOn: z.boolean().default(false),
    ...contentShape,
  })
  .superRefine((body, context) => {
    checkContent(body, context);
    if (!body.addOn) return;
    if (body.trialDays > 0) context.addIssue({ code: 'custom', path: ['trialDays'], message: 'An add-on has no trial of its own.' });
    for (const [index, { phases }] of body.prices.entries())
      if (phases.length > 0)
        context.addIssue({ code: 'custom', path: ['prices', index, 'phases'], message: 'An add-on has no introductory periods.' });
  });

export const versionBody = z.strictObject(contentShape).superRefine(checkContent);

export type Price = z.infer<typeof priceSchema>;
export type PlanContent = Content;

export type Plan = PlanContent & {
  readonly id: string;
  readonly version: number;
  readonly productId: string | null;
  /** Plans of one family share one trial per customer; of one product, unless they say otherwise. */
  readonly family: string;
  readonly addOn: boolean;
  /** Nobody new can have it; who has it keeps it. */
  readonly archivedAt: Instant | null;
  readonly createdAt: Instant;
};
