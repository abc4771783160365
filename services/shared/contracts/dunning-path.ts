import type { Instant } from '../time.ts';
import type { DeclineCategory } from './payment-resource.ts';

/** A declined attempt, which applies until the next one. */
export type Decline = { readonly at: Instant; readonly category: DeclineCategory; readonly declineCode: string | null };

/** An invoice that could not be collected: the facts that the outcome of a policy depends on. */
export type Debt = {
  readonly timezone: string;
  /** In order of time, the first failure first. */
  readonly declines: readonly [Decline, ...Decline[]];
  /**
   * The payment, or null for none: it pays the first retry from then on or, from the customer, the
   * invoice whatever the policy.
   */
  readonly payment: { readonly at: Instant; readonly by: 'retry' | 'customer' } | null;
};

/**
 * The outcome of a policy for a debt, by the rules of the subscription. `endedAt` is null where the
 * invoice is paid, or the subscription only suspended.
 */
export type DunningPath = {
  readonly retries: readonly Instant[];
  readonly suspendedAt: Instant | null;
  readonly endedAt: Instant | null;
  readonly paidAt: Instant | null;
};
