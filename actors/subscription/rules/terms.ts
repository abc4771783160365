import type { PlanTerms } from '../../../services/shared/contracts/subscription-terms.ts';

export type { BillingInterval } from '../../../services/shared/contracts/subscription-resource.ts';
export type { AppliedCoupon, Item, PlanTerms, Terms } from '../../../services/shared/contracts/subscription-terms.ts';

/**
 * A graduated price: each unit has the price of its own tier, in minor units. `upTo` is the last
 * unit of the tier; null for all further ones.
 */
export type Tier = PlanTerms['tiers'][number];

/** An introductory price: minor units of one unit, for so many billed periods. */
export type Phase = PlanTerms['phases'][number];

/** A commitment: leaving before so many periods have ended costs the fee, in minor units. */
export type Commitment = NonNullable<PlanTerms['commitment']>;
