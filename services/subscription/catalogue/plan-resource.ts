import { z } from 'zod';
import { billingIntervalSchema } from '../../shared/contracts/subscription-resource.ts';
import { localisedText, minorUnits, utcInstant } from '../../shared/fields.ts';

const tierResource = z
  .object({
    upTo: z.int().nullable().meta({ description: 'Last unit of the tier; null for all further units' }),
    amount: minorUnits.meta({ description: 'Price of one unit of this tier, in minor units' }),
  })
  .meta({ id: 'PriceTier', description: 'Graduated pricing: each unit costs the price of its own tier' });

const phaseResource = z
  .object({
    periods: z.int().meta({ description: 'Number of billed periods' }),
    amount: minorUnits.meta({ description: 'Price of one unit in these periods, in minor units' }),
  })
  .meta({ id: 'IntroductoryPhase', description: 'A price for the first billed periods' });

const commitmentResource = z
  .object({
    periods: z.int().meta({ description: 'Minimum term in billing periods' }),
    exitFee: minorUnits.meta({ description: 'Fee for an earlier cancellation, in minor units' }),
  })
  .meta({ id: 'PlanCommitment', description: 'A minimum term with a fee for leaving it early' });

const priceResource = z
  .object({
    currency: z.string(),
    amount: minorUnits.meta({ description: 'Price of one unit in minor units; ignored where there are tiers' }),
    interval: billingIntervalSchema,
    country: z.string().nullable().meta({ description: 'Customers of this country only; null for all others' }),
    tiers: z.array(tierResource),
    phases: z.array(phaseResource),
    commitment: commitmentResource.nullable(),
  })
  .meta({ id: 'PlanPrice', description: 'The price of a plan for one currency, interval and country' });

/** A plan or an add-on, at one of its versions. */
export const planSchema = z
  .object({
    id: z.string(),
    version: z.int(),
    productId: z.string().nullable(),
    family: z.string().meta({ description: 'Plans of one family share one trial for each customer' }),
    addOn: z.boolean(),
    name: localisedText,
    prices: z.array(priceResource),
    tiers: z.array(tierResource).meta({ description: 'Tiers of every price that has none of its own' }),
    trialDays: z.int(),
    trialRequiresPaymentMethod: z.boolean(),
    taxBehaviour: z.enum(['inclusive', 'exclusive']),
    billing: z.enum(['advance', 'arrears']).meta({ description: 'Billed when a period begins (advance) or has ended (arrears)' }),
    minQuantity: z.int(),
    maxQuantity: z.int(),
    entitlements: z.record(z.string(), z.unknown()),
    archivedAt: utcInstant.nullable().meta({ description: 'Since then it is not sold any more' }),
    createdAt: utcInstant.meta({ description: 'When this version was created' }),
  })
  .meta({ id: 'Plan', description: 'A plan or add-on at one version. Versions never change' });
