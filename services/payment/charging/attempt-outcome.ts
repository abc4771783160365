import type { DeclineCategory } from '../../shared/contracts/payment-resource.ts';
import { declineCategory } from '../gateways/decline-categories.ts';
import type { GatewayOutcome } from '../gateways/gateway.ts';
import type { AttemptOutcome } from '../payment.ts';

/** A response that leaves the outcome open. */
export type Unsettled = Extract<GatewayOutcome, { kind: 'unknown' | 'in-progress' | 'unavailable' }>;
export const isUnsettled = (outcome: { readonly kind: string }): outcome is Unsettled =>
  outcome.kind === 'unknown' || outcome.kind === 'in-progress' || outcome.kind === 'unavailable';

/** The decline code of an intent that was cancelled. */
export const intentCancelled = 'intent_cancelled';

/**
 * The outcome of an attempt, from the response of the gateway that ended it. A cancelled intent,
 * for example by an operator in the gateway's dashboard, counts as none: the next attempt makes
 * another.
 */
export function attemptOutcome(
  outcome: Exclude<GatewayOutcome, Unsettled>,
  paymentMethodId: string | null,
  gateway: string,
): AttemptOutcome {
  if (outcome.kind === 'succeeded' || outcome.kind === 'pending') return { ...outcome, gateway, paymentMethodId };
  if (outcome.kind === 'action-required') return { ...outcome, gateway };
  if (outcome.kind === 'cancelled') return { kind: 'declined', intentId: null, gateway, category: 'soft', code: intentCancelled };
  return { ...outcome, gateway, category: declineCategory(outcome.code) };
}

export type Decline = Extract<AttemptOutcome, { kind: 'declined' }>;

const mostHopefulFirst: readonly DeclineCategory[] = ['soft', 'action-required', 'expired-card', 'hard'];

/**
 * The most hopeful of several declines: as long as any method may work later, the schedule
 * continues.
 */
export const mostHopeful = (declines: readonly AttemptOutcome[]): Decline | undefined =>
  mostHopefulFirst
    .map((category) => declines.find((decline): decline is Decline => decline.kind === 'declined' && decline.category === category))
    .find(Boolean);
