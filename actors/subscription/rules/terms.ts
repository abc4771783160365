import type { Money } from '../../../services/shared/money.ts';
import type { Instant } from '../../../services/shared/time.ts';

/** How often a plan bills. */
export type Cadence = { readonly unit: 'day' | 'week' | 'month' | 'year'; readonly count: number };

/** Units up to and including `upTo` (null: all further ones) cost so many minor units each: graduated, so that each unit has the price of its own tier. */
export type Tier = { readonly upTo: number | null; readonly amount: number };

/** An introductory price: for so many billed periods a unit costs so many minor units. */
export type Phase = { readonly periods: number; readonly amount: number };

/** Who leaves before so many periods are over pays the fee, in minor units. */
export type Commitment = { readonly periods: number; readonly exitFee: number };

/** A price list entry and what it grants, frozen at the version the subscriber bought. */
export type PlanTerms = {
  readonly planId: string;
  readonly version: number;
  readonly name: Readonly<Record<string, string>>;
  /** Of one unit, and without meaning where there are tiers. */
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

/** A plan version, so many times. */
export type Item = { readonly plan: PlanTerms; readonly quantity: number };

/** What is being bought: a plan, and add-ons that bill with it. */
export type Terms = Item & { readonly addOns: readonly Item[] };

/**
 * A coupon as it was redeemed. `periodsLeft` counts invoices that had something to discount (null: without end); from `endsAt` on, by the
 * calendar, it discounts nothing more.
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
  /** The plans it is good for; null for all. */
  readonly planIds: readonly string[] | null;
};
