import type { DisputeStatus } from '../../../shared/contracts/dispute-resource.ts';
import { type Instant, instantOf } from '../../../shared/time.ts';

/**
 * The behaviour of a simulated payment method when it is charged. `responseLost`: it is charged,
 * but the response never arrives.
 */
export type CardBehaviour =
  | { readonly kind: 'succeeds'; readonly responseLost: boolean }
  | { readonly kind: 'declines'; readonly code: string }
  | { readonly kind: 'authenticates' }
  | { readonly kind: 'settles'; readonly at: Instant };

const succeeds: CardBehaviour = { kind: 'succeeds', responseLost: false };
const declines = (code: string): CardBehaviour => ({ kind: 'declines', code });

const behaviours: Readonly<Record<string, CardBehaviour>> = {
  tok_ok: succeeds,
  tok_declined: declines('insufficient_funds'),
  tok_stolen: declines('stolen_card'),
  tok_expired: declines('expired_card'),
  tok_3ds: { kind: 'authenticates' },
  tok_timeout: { kind: 'succeeds', responseLost: true },
  tok_refund_refused: succeeds,
  tok_refund_pending: succeeds,
  tok_dispute: succeeds,
  tok_dispute_won: succeeds,
  tok_dispute_lost: succeeds,
};

const disputes: Readonly<Record<string, DisputeStatus>> = {
  tok_dispute: 'needs-response',
  tok_dispute_won: 'won',
  tok_dispute_lost: 'lost',
};

/** The status of the dispute that a charge leads to immediately; undefined without a dispute. */
export const disputeBehaviourOf = (token: string): DisputeStatus | undefined =>
  Object.hasOwn(disputes, token) ? disputes[token] : undefined;

/**
 * How a method is refunded: immediately, later, or never (the account behind the card is closed).
 */
export const refundBehaviourOf = (token: string): 'succeeded' | 'pending' | 'refused' =>
  token === 'tok_refund_refused' ? 'refused' : token === 'tok_refund_pending' ? 'pending' : 'succeeded';

const until = 'tok_declined_until:';
const pendingUntil = 'tok_sepa_pending:';
const instantAfter = (prefix: string, token: string) => (token.startsWith(prefix) ? instantOf(token.slice(prefix.length)) : undefined);

/**
 * The tokens of the API's contract. `tok_declined_until:<instant>` declines softly before that
 * instant, `tok_sepa_pending:<instant>` succeeds at it, and is pending before; an unknown token is
 * no method at all.
 */
export function behaviourOf(token: string, now: Instant): CardBehaviour {
  const known = Object.hasOwn(behaviours, token) ? behaviours[token] : undefined;
  if (known) return known;
  const settlesAt = instantAfter(pendingUntil, token);
  if (settlesAt !== undefined) return now < settlesAt ? { kind: 'settles', at: settlesAt } : succeeds;
  const instant = instantAfter(until, token);
  if (instant === undefined) return declines('invalid_payment_method');
  return now < instant ? declines('insufficient_funds') : succeeds;
}
