import type { Money } from '../../../services/shared/money.ts';
import type { Instant } from '../../../services/shared/time.ts';

/** The billing interval of a plan. */
export type Cadence = { readonly unit: 'day' | 'week' | 'month' | 'year'; readonly count: number };

/**
 * A graduated price: each unit has the price of its own tier, in minor units. `upTo` is the last
 * unit of the tier; null for all further ones.
 */
export type Tier = { readonly upTo: number | null; readonly amount: number };

/** An introductory price: minor units of one unit, for so many billed periods. */
export type Phase = { readonly periods: number; readonly amount: number };

/** A commitment: leaving before so many periods have ended costs the fee, in minor units. */
export type Commitment = { readonly periods: number; readonly exitFee: number };

/** A price list entry and what it grants, frozen at the version the subscriber bought. */
export type PlanTerms = {
  readonly planId: string;
  readonly version: number;
  readonly name: Readonly<Record<string, string>>;
  /** The price of one unit; ignored where there are tiers. */
  readonly price: Money;
  readonly tiers: readonly Tier[];
  readonly phases: readonly Phase[];
  readonly commitment: Commitment | null;
  readonly interval: Cadence;
  readonly taxBehaviour: 'inclusive' | 'exclusive';
  /** Whether a period is billed when it begins or when it has ended. */
  readonly billing: 'advance' | 'arrears';
  readonly minQuantity: number;
  readonly maxQuantity: number;
  readonly entitlements: Readonly<Record<string, unknown>>;
};

/** A plan version and its quantity. */
export type Item = { readonly plan: PlanTerms; readonly quantity: number };

/** The terms of a subscription: a plan, and add-ons that are billed with it. */
export type Terms = Item & { readonly addOns: readonly Item[] };

/**
 * A coupon as it was redeemed. `periodsLeft` counts invoices with something to discount (null: no
 * limit). From `endsAt` on it discounts nothing more.
 */
export type AppliedCoupon = {
  readonly couponId: string;
  readonly name: string;
  readonly kind: 'percent' | 'amount';
  /** Percent with at most two decimals, or null. */
  readonly percent: number | null;
  /** Minor units of the subscription's currency, or null. */
  readonly amount: number | null;
  readonly periodsLeft: number | null;
  readonly endsAt: Instant | null;
  /** The plans that it applies to; null for all. */
  readonly planIds: readonly string[] | null;
};
