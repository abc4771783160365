import type { Instant } from '../shared/time.ts';

/** The stage in reports. `paying` is active or past due; `pending` is before the start. */
export type Stage = 'pending' | 'trialing' | 'paying' | 'paused' | 'suspended' | 'ended';

/** The terms sold. `monthly` is the amount for the whole quantity, in minor units. */
export type SoldTerms = { readonly planId: string; readonly quantity: number; readonly monthly: number; readonly currency: string };

/** The state after an event that changed stage or terms. */
export type StageChange = {
  readonly sequence: number;
  readonly at: Instant;
  readonly stage: Stage;
  readonly sold: SoldTerms;
  /** The reason of the end. */
  readonly reason?: string;
};

/** The stage changes of a subscription, in sequence. */
export type History = { readonly subscriptionId: string; readonly changes: readonly StageChange[] };

export type MovementKind = 'new' | 'reactivated' | 'expansion' | 'contraction' | 'churned';

/** A change of monthly recurring revenue; `amount` is signed. */
export type Movement = { readonly at: Instant; readonly kind: MovementKind; readonly amount: number; readonly currency: string };

export type Standing = Pick<StageChange, 'stage' | 'sold'>;

/** The state right after `at`; undefined if the subscription did not exist then. */
export function standingAt({ changes }: History, at: Instant): Standing | undefined {
  return changes.findLast((change) => change.at <= at);
}

export const recurring = ({ stage, sold }: Standing): number => (stage === 'paying' ? sold.monthly : 0);

/**
 * Each change of monthly recurring revenue. Revenue that stops by an end, a suspension or a pause
 * is `churned`, and revenue that resumes is `reactivated`. The end of a suspended subscription is
 * no second churn. The sum of the amounts is the current recurring revenue.
 */
export function movementsOf({ changes }: History): readonly Movement[] {
  const movements: Movement[] = [];
  let begun = false;
  let before = 0;
  for (const change of changes) {
    const after = recurring(change);
    const kind = kindOf(begun, before, after);
    if (kind) movements.push({ at: change.at, kind, amount: after - before, currency: change.sold.currency });
    begun ||= change.stage === 'paying';
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

/** The time of the first payment stage and the end; a pause does not end the span. */
export function subscriberSpan({ changes }: History): { readonly begunAt: Instant; readonly ended: StageChange | undefined } | undefined {
  const begun = changes.find(({ stage }) => stage === 'paying');
  return begun && { begunAt: begun.at, ended: changes.find(({ stage }) => stage === 'ended') };
}

/** The start and the outcome of the trial, or undefined without a trial. */
export function trialOf({
  changes,
}: History): { readonly startedAt: Instant; readonly outcome: 'running' | 'converted' | 'lost' } | undefined {
  const started = changes.find(({ stage }) => stage === 'trialing');
  if (!started) return undefined;
  const later = changes.filter(({ sequence }) => sequence > started.sequence);
  if (later.some(({ stage }) => stage === 'paying')) return { startedAt: started.at, outcome: 'converted' };
  return { startedAt: started.at, outcome: later.some(({ stage }) => stage === 'ended') ? 'lost' : 'running' };
}
