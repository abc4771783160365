import { z } from 'zod';
import { type DunningPath, dunningPath } from '../../actors/subscription/client.ts';
import { policySchema } from '../../actors/subscription/command-schemas.ts';
import { instantSchema } from '../../actors/subscription/terms-schemas.ts';
import { isTimeZone } from '../shared/time.ts';

const decline = z.strictObject({
  at: instantSchema,
  category: z.enum(['soft', 'hard', 'expired-card', 'action-required', 'no-payment-method']),
  declineCode: z.string().nullable(),
});

/** Debts, and the policies to walk each of them under. What a policy leads to in the end makes no difference to the way there. */
export const pathsQuestion = z.strictObject({
  debts: z
    .array(
      z.strictObject({
        timezone: z.string().refine(isTimeZone, 'Give an IANA time zone.'),
        declines: z.tuple([decline], decline),
        payment: z.strictObject({ at: instantSchema, by: z.enum(['retry', 'customer']) }).nullable(),
        policies: z.array(policySchema.omit({ downgradeTo: true }).strip()).max(5),
      }),
    )
    .max(200),
});

export type PathsQuestion = z.infer<typeof pathsQuestion>;

/** For each debt a path a policy, in order. */
export const pathsOf = ({ debts }: PathsQuestion): readonly (readonly DunningPath[])[] =>
  debts.map(({ policies, ...debt }) => policies.map((policy) => dunningPath(debt, policy)));
