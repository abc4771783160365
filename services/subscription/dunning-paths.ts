import { z } from 'zod';
import { dunningPath } from '../../actors/subscription/client.ts';
import { policySchema } from '../../actors/subscription/command-schemas.ts';
import type { DunningPath } from '../shared/contracts/dunning-path.ts';
import { instant, timezone } from '../shared/fields.ts';

const decline = z.strictObject({
  at: instant,
  category: z.enum(['soft', 'hard', 'expired-card', 'action-required', 'no-payment-method']),
  declineCode: z.string().nullable(),
});

/**
 * Debts, and the policies to run each of them through. The final action of a policy does not matter
 * for the path.
 */
export const dunningPathsQuery = z.strictObject({
  debts: z
    .array(
      z.strictObject({
        timezone,
        declines: z.tuple([decline], decline),
        payment: z.strictObject({ at: instant, by: z.enum(['retry', 'customer']) }).nullable(),
        policies: z.array(policySchema.omit({ downgradeTo: true }).strip()).max(5),
      }),
    )
    .max(200),
});

export type DunningPathsQuery = z.infer<typeof dunningPathsQuery>;

/** For each debt, in order, the path of each of its policies. */
export const dunningPathsOf = ({ debts }: DunningPathsQuery): readonly (readonly DunningPath[])[] =>
  debts.map(({ policies, ...debt }) => policies.map((policy) => dunningPath(debt, policy)));
