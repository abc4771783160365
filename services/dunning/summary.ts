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
  /** Of the recovered ones, the attempt that succeeded included. */
  readonly attempts: number;
  readonly recoveredAmounts: readonly Money[];
};

/** How cases went. `recoveryRate` is the share of those that are over, `attemptsPerRecovery` counts the one that succeeded; null without any. */
export type Figures = Omit<Tally, 'attempts'> & { readonly recoveryRate: number | null; readonly attemptsPerRecovery: number | null };

export type Summary = Figures & {
  /** By how the first attempt was declined. */
  readonly byCategory: readonly (Figures & { readonly category: string })[];
  /** By the policy in force that each was met by: `default`, the id of one, or null for one that is in force no more or was the subscription's own. */
  readonly byPolicy: readonly (Figures & { readonly policyId: string | null })[];
};

/** A policy in force, under its name. */
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

/** The name of the policy a case was met by, among those in force. */
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
