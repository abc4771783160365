import { z } from 'zod';
import { identity, locale, localisedText, utcInstant } from '../../shared/fields.ts';
import type { Instant } from '../../shared/time.ts';
import { translated } from './plan.ts';
import { planSchema } from './plan-resource.ts';

const longText = z
  .record(locale, z.string().min(1).max(5_000))
  .refine((texts) => Object.keys(texts).length > 0, 'At least one language is required.')
  .meta({ description: 'Texts by BCP 47 language tag', examples: [{ en: 'Films and series without adverts' }] });

export const productBody = z
  .strictObject({
    id: identity('prod').optional(),
    name: translated,
    description: longText.nullable().default(null),
  })
  .meta({ id: 'CreateProduct' });

export const productUpdate = productBody.omit({ id: true }).meta({ id: 'UpdateProduct' });

/**
 * A translated name and description that several plans share. Plans of one product share one trial.
 */
export type Product = Omit<z.infer<typeof productBody>, 'id'> & {
  readonly id: string;
  readonly archivedAt: Instant | null;
  readonly createdAt: Instant;
};

export const productSchema = z
  .object({
    id: z.string(),
    name: localisedText,
    description: z.record(z.string(), z.string()).nullable().meta({ description: 'Texts by BCP 47 language tag' }),
    archivedAt: utcInstant.nullable(),
    createdAt: utcInstant,
  })
  .meta({ id: 'Product', description: 'A translated name and description that several plans share' });

export const productWithPlansSchema = productSchema
  .extend({ plans: z.array(planSchema).meta({ description: 'Plans and add-ons that sell it, the oldest first' }) })
  .meta({ id: 'ProductWithPlans', description: 'A product and the plans that sell it' });
