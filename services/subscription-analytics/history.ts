import type { Instant } from '../shared/time.ts';

/** Where a subscription stands for the counts. `paying` holds while it is active or past due; `pending` before it has begun. */
export type Stage = 'pending' | 'trialing' | 'paying' | 'paused' | 'suspended' | 'ended';

/** What is sold: minor units a month of `currency` for all of its quantity. */
export type SoldTerms = { readonly planId: string; readonly quantity: number; readonly monthly: number; readonly currency: string };

/** How a subscription stood after an event that moved it. */
export type StageChange = {
  readonly sequence: number;
  readonly at: Instant;
  readonly stage: Stage;
  readonly sold: SoldTerms;
  /** Why it ended. */
  readonly reason?: string;
};

/** A subscription's life so far, in sequence. Kept by sequence, so that no order and no repeat of events changes it. */
export type History = { readonly subscriptionId: string; readonly changes: readonly StageChange[] };

export type MovementKind = 'new' | 'reactivated' | 'expansion' | 'contraction' | 'churned';

/** A change of monthly recurring revenue; `amount` is signed. */
export type Movement = { readonly at: Instant; readonly kind: MovementKind; readonly amount: number; readonly currency: string };

export type Standing = Pick<StageChange, 'stage' | 'sold'>;

/** How a subscription stood right after `at`; undefined where it did not exist then. */
export function standingAt({ changes }: History, at: Instant): Standing | undefined {
  return changes.findLast((turn) => turn.at <= at);
}

export const recurring = ({ stage, sold }: Standing): number => (stage === 'paying' ? sold.monthly : 0);

/**
 * Each change of monthly recurring revenue. What stops recurring has `churned`, by an end, a suspension or a pause, and is
 * `reactivated` when it comes back; a suspended subscription that ends was counted when it was suspended. The sum of the amounts is
 * what recurs now.
 */
export function movementsOf({ changes }: History): readonly Movement[] {
  const movements: Movement[] = [];
  let begun = false;
  let before = 0;
  for (const turn of changes) {
    const after = recurring(turn);
    const kind = kindOf(begun, before, after);
    if (kind) movements.push({ at: turn.at, kind, amount: after - before, currency: turn.sold.currency });
    begun ||= turn.stage === 'paying';
    before = after;
  }
  return movements;
}

function kindOf(begun: boolean, before: number, after: number): MovementKind | undefined {
  if (before === after) return undefined;
  if (after === 0) return 'churned';
  if (before === 0) return begun ? 'reactivated' : 'new';
  return after > before ? 'expansion' : 'contraction';
}

/** When it began to pay, and when a begun one ended: a subscriber is whoever has begun and not ended, paused or not. */
export function subscriberSpan({ changes }: History): { readonly begunAt: Instant; readonly ended: StageChange | undefined } | undefined {
  const begun = changes.find(({ stage }) => stage === 'paying');
  return begun && { begunAt: begun.at, ended: changes.find(({ stage }) => stage === 'ended') };
}

/** When a trial began, and what became of it. */
export function trialOf({
  changes,
}: History): { readonly startedAt: Instant; readonly outcome: 'running' | 'converted' | 'lost' } | undefined {
  const started = changes.find(({ stage }) => stage === 'trialing');
  if (!started) return undefined;
  const later = changes.filter(({ sequence }) => sequence > started.sequence);
  if (later.some(({ stage }) => stage === 'paying')) return { startedAt: started.at, outcome: 'converted' };
  return { startedAt: started.at, outcome: later.some(({ stage }) => stage === 'ended') ? 'lost' : 'running' };
}
