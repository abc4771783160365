import { z } from 'zod';
import {
  billingSchema,
  cadenceSchema,
  commitmentSchema,
  minorUnits,
  phasesSchema,
  tierSchema,
} from '../../../actors/subscription/terms-schemas.ts';
import { country, currency, identity, localisedText } from '../../shared/fields.ts';
import type { Instant } from '../../shared/time.ts';

/**
 * Graduated tiers ascend and only the last one is open-ended, so there is no gap and no overlap.
 */
const tiersSchema = z
  .array(tierSchema)
  .max(100)
  .superRefine((tiers, context) => {
    const complain = (index: number, message: string) => context.addIssue({ code: 'custom', path: [index, 'upTo'], message });
    for (const [index, { upTo }] of tiers.entries()) {
      const isLast = index === tiers.length - 1;
      const before = tiers[index - 1]?.upTo ?? 0;
      if (isLast && upTo !== null) complain(index, 'The last tier must have upTo: null.');
      else if (!isLast && upTo === null) complain(index, 'Only the last tier may have upTo: null.');
      else if (upTo !== null && upTo <= before) complain(index, `upTo must be greater than ${before}.`);
    }
  });

const priceSchema = z.strictObject({
  currency,
  amount: minorUnits.meta({ description: 'Price of one unit in minor units; ignored where there are tiers' }),
  interval: cadenceSchema,
  country: country.nullable().default(null).meta({ description: 'Customers of this country only; null for all others' }),
  tiers: tiersSchema.default([]),
  phases: phasesSchema.default([]),
  commitment: commitmentSchema.default(null),
});

const marketOf = ({ currency, interval, country }: z.infer<typeof priceSchema>) =>
  `${currency} ${interval.unit} ${interval.count} ${country}`;

/** A translated text in at least one language. */
export const translated = localisedText.refine((texts) => Object.keys(texts).length > 0, 'At least one language is required.');

/** The content of one plan version. */
const contentShape = {
  name: translated,
  prices: z.array(priceSchema).min(1).max(500),
  tiers: tiersSchema.default([]).meta({ description: 'Tiers of every price that has none of its own' }),
  trialDays: z.number().int().min(0).max(3650).default(0),
  trialRequiresPaymentMethod: z.boolean().default(false),
  taxBehaviour: z.enum(['inclusive', 'exclusive']).default('inclusive'),
  billing: billingSchema.default('advance').meta({ description: 'Billed when a period begins (advance) or has ended (arrears)' }),
  minQuantity: z.number().int().min(1).default(1),
  maxQuantity: z.number().int().min(1).max(1_000_000).default(1_000_000),
  entitlements: z.record(z.string(), z.unknown()).default({}),
};

type Content = z.infer<z.ZodObject<typeof contentShape>>;

function checkContent({ prices, tiers, minQuantity, maxQuantity }: Content, context: z.core.$RefinementCtx): void {
  const complain = (path: (string | number)[], message: string) => context.addIssue({ code: 'custom', path, message });
  if (minQuantity > maxQuantity) complain(['maxQuantity'], 'maxQuantity must not be less than minQuantity.');
  if (new Set(prices.map(marketOf)).size !== prices.length)
    complain(['prices'], 'Only one price is allowed for each currency, interval and country.');
  if (tiers.length > 0 && new Set(prices.map(({ currency }) => currency)).size > 1)
    complain(['tiers'], 'Tiers of a whole plan require a single currency. Set tiers on each price instead.');
}

export const planBody = z
  .strictObject({
    id: identity('plan').optional(),
    productId: identity('prod').nullable().default(null).meta({ description: 'The product that the plan sells' }),
    family: z.string().min(1).max(100).optional().meta({ description: 'Plans of one family share one trial for each customer' }),
    addOn: z.boolean().default(false).meta({ description: 'Whether it is sold only together with a plan' }),
    ...contentShape,
  })
  .superRefine((body, context) => {
    checkContent(body, context);
    if (!body.addOn) return;
    if (body.trialDays > 0) context.addIssue({ code: 'custom', path: ['trialDays'], message: 'An add-on cannot have a trial of its own.' });
    for (const [index, { phases }] of body.prices.entries())
      if (phases.length > 0)
        context.addIssue({ code: 'custom', path: ['prices', index, 'phases'], message: 'An add-on cannot have introductory periods.' });
  })
  .meta({ id: 'CreatePlan' });

export const versionBody = z.strictObject(contentShape).superRefine(checkContent).meta({ id: 'CreatePlanVersion' });

export type Price = z.infer<typeof priceSchema>;
export type PlanContent = Content;

export type Plan = PlanContent & {
  readonly id: string;
  readonly version: number;
  readonly productId: string | null;
  /** Plans of one family share one trial per customer. By default a family is a product. */
  readonly family: string;
  readonly addOn: boolean;
  /** Since then it is not sold any more; existing subscriptions keep it. */
  readonly archivedAt: Instant | null;
  readonly createdAt: Instant;
};
