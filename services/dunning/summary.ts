import { equal } from '../shared/equal.ts';
import type { Money } from '../shared/money.ts';
import type { CaseDocument, CaseResource } from './case.ts';
import { plusAmount } from './dry-run-comparison.ts';
import type { RetryPolicy } from './policy.ts';

type Tally = {
  readonly opened: number;
  readonly recovered: number;
  readonly lost: number;
  readonly open: number;
  /** Attempts of recovered cases, including the successful attempt. */
  readonly attempts: number;
  readonly recoveredAmounts: readonly Money[];
};

/**
 * The results of cases. `recoveryRate` is the share of recovered cases among closed ones;
 * `attemptsPerRecovery` includes the successful attempt. Both are null without any such case.
 */
export type Figures = Omit<Tally, 'attempts'> & { readonly recoveryRate: number | null; readonly attemptsPerRecovery: number | null };

export type Summary = Figures & {
  /** By the decline category of the first attempt. */
  readonly byCategory: readonly (Figures & { readonly category: string })[];
  /**
   * By the policy that applied: `default`, the id of a policy, or null if the policy is no longer
   * in force or belonged to the subscription alone.
   */
  readonly byPolicy: readonly (Figures & { readonly policyId: string | null })[];
};

/** A policy in force and its id. */
export type NamedPolicy = { readonly id: string; readonly policy: RetryPolicy };

export type Tallies = {
  readonly all: Tally;
  readonly byCategory: ReadonlyMap<string, Tally>;
  readonly byPolicy: ReadonlyMap<string | null, Tally>;
};

const emptyTally: Tally = { opened: 0, recovered: 0, lost: 0, open: 0, attempts: 0, recoveredAmounts: [] };

export const noCases: Tallies = { all: emptyTally, byCategory: new Map(), byPolicy: new Map() };

export function talliesWith({ all, byCategory, byPolicy }: Tallies, resource: CaseResource, policyId: string | null): Tallies {
  const category = resource.attempts[0]?.category ?? 'unknown';
  return {
    all: withCase(all, resource),
    byCategory: new Map(byCategory).set(category, withCase(byCategory.get(category) ?? emptyTally, resource)),
    byPolicy: new Map(byPolicy).set(policyId, withCase(byPolicy.get(policyId) ?? emptyTally, resource)),
  };
}

export const summaryOf = ({ all, byCategory, byPolicy }: Tallies): Summary => ({
  ...figuresOf(all),
  byCategory: [...byCategory].map(([category, tally]) => ({ category, ...figuresOf(tally) })),
  byPolicy: [...byPolicy].map(([policyId, tally]) => ({ policyId, ...figuresOf(tally) })),
});

/** The id of the policy that applied to a case, or null if it is no longer in force. */
export const policyIdOf = ({ policy }: Pick<CaseDocument, 'policy'>, named: readonly NamedPolicy[]): string | null =>
  named.find((known) => equal(known.policy, policy))?.id ?? null;

function withCase(tally: Tally, { status, attempts, recovered }: CaseResource): Tally {
  const isRecovered = status === 'recovered';
  return {
    opened: tally.opened + 1,
    recovered: tally.recovered + (isRecovered ? 1 : 0),
    lost: tally.lost + (status === 'lost' ? 1 : 0),
    open: tally.open + (status === 'open' ? 1 : 0),
    attempts: tally.attempts + (isRecovered ? attempts.length + 1 : 0),
    recoveredAmounts: recovered ? plusAmount(tally.recoveredAmounts, recovered) : tally.recoveredAmounts,
  };
}

function figuresOf({ attempts, ...tally }: Tally): Figures {
  const closed = tally.recovered + tally.lost;
  return {
    ...tally,
    recoveryRate: closed === 0 ? null : toThousandths(tally.recovered / closed),
    attemptsPerRecovery: tally.recovered === 0 ? null : toThousandths(attempts / tally.recovered),
  };
}

const toThousandths = (ratio: number): number => Math.round(ratio * 1000) / 1000;
