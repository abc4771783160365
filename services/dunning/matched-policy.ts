import { z } from 'zod';
import { country, identity } from '../shared/fields.ts';
import type { Instant } from '../shared/time.ts';
import { type RetryPolicy, retryPolicySchema } from './policy.ts';

const names = (name: z.ZodType<string>) => z.array(name).min(1).max(200).exactOptional();

/**
 * The subscriptions that a policy applies to. An absent field matches everything; at least one
 * field is present.
 */
export const matchSchema = z
  .strictObject({
    plans: names(identity('plan')),
    countries: names(country),
    segments: names(z.string().min(1).max(50)),
  })
  .refine(
    (match) => Object.values(match).some((named) => named !== undefined),
    'At least one of plans, countries and segments is required.',
  );

/** A policy and its match. Messages to customers come from the default policy for everyone. */
export const matchedPolicyContent = z.strictObject({ match: matchSchema, policy: retryPolicySchema });

export const matchedPolicyBody = matchedPolicyContent.extend({ id: identity('dun').optional() }).meta({ id: 'CreateDunningPolicy' });

export type Match = z.infer<typeof matchSchema>;
export type MatchedPolicy = { readonly id: string; readonly match: Match; readonly policy: RetryPolicy; readonly createdAt: Instant };

/** The facts about a new subscription that policies match. */
export const policyTargetSchema = z.strictObject({ planId: z.string(), country: z.string(), segment: z.string().nullable() });

export type PolicyTarget = z.infer<typeof policyTargetSchema>;

/**
 * The policy that applies, or undefined if only the default policy does. The most specific policy
 * wins: one that names the plan comes first, then the country, then the segment, and among equals
 * the one with the lowest id.
 */
export function policyFor(debtor: PolicyTarget, policies: readonly MatchedPolicy[]): MatchedPolicy | undefined {
  const fitting = policies.filter(({ match }) => isFor(match, debtor));
  return fitting.sort((one, other) => weightOf(other.match) - weightOf(one.match) || (one.id < other.id ? -1 : 1))[0];
}

const isFor = ({ plans, countries, segments }: Match, { planId, country, segment }: PolicyTarget): boolean =>
  (plans?.includes(planId) ?? true) &&
  (countries?.includes(country) ?? true) &&
  (segments === undefined || (segment !== null && segments.includes(segment)));

/** A plan outweighs country and segment together, so the order of the three decides. */
const weightOf = ({ plans, countries, segments }: Match): number => (plans ? 4 : 0) + (countries ? 2 : 0) + (segments ? 1 : 0);
