import type { Debt, DunningPath } from '../shared/contracts/dunning-path.ts';
import type { Money } from '../shared/money.ts';
import type { Instant } from '../shared/time.ts';
import type { CaseDocument } from './case.ts';
import {
  type CaseComparison,
  type Change,
  changesOf,
  comparisonOf,
  graceEffectOf,
  paymentEffectOf,
  plusAmount,
  type ReplayableCase,
  replayableCaseOf,
} from './dry-run-comparison.ts';
import type { RetryPolicy } from './policy.ts';

type Case = CaseDocument & { readonly firstFailedAt: Instant };

type PathsRequest = { readonly debts: readonly (Debt & { readonly policies: readonly RetryPolicy[] })[] };

/** Requests the paths of debts from the subscription service: one path per debt and policy. */
export type LoadPaths = (request: PathsRequest) => Promise<readonly (readonly DunningPath[])[]>;

type BeforeAndAfter = { readonly before: number; readonly after: number };

/** The changes that a policy would have made. Amounts are in minor units. */
export type DryRun = {
  readonly cases: number;
  /** Cases from before policies were recorded. */
  readonly unknown: number;
  readonly differing: number;
  readonly retries: BeforeAndAfter;
  readonly suspended: BeforeAndAfter;
  readonly ended: BeforeAndAfter;
  readonly recovered: {
    readonly cases: number;
    readonly givenUp: number;
    readonly notRetried: number;
    readonly later: number;
    readonly amountAtRisk: readonly Money[];
  };
  readonly unrecovered: { readonly cases: number; readonly keptLonger: number; readonly givenUpSooner: number };
  readonly sample: readonly {
    readonly caseId: string;
    readonly changes: readonly Change[];
    readonly before: DunningPath;
    readonly after: DunningPath;
  }[];
};

const batchSize = 100;
const maxSamples = 20;

const emptyDryRun: DryRun = {
  cases: 0,
  unknown: 0,
  differing: 0,
  retries: { before: 0, after: 0 },
  suspended: { before: 0, after: 0 },
  ended: { before: 0, after: 0 },
  recovered: { cases: 0, givenUp: 0, notRetried: 0, later: 0, amountAtRisk: [] },
  unrecovered: { cases: 0, keptLonger: 0, givenUpSooner: 0 },
  sample: [],
};

/**
 * Compares each case under its own policy and under the given one. At most a hundred cases are in
 * memory at a time, and nothing is stored.
 */
export async function dryRun(cases: AsyncIterable<Case>, policy: RetryPolicy, loadPaths: LoadPaths): Promise<DryRun> {
  let run = emptyDryRun;
  let waiting: ReplayableCase[] = [];
  const compareWaiting = async (): Promise<void> => {
    const paths = await loadPaths({ debts: waiting.map(({ debt, policy: own }) => ({ ...debt, policies: [own, policy] })) });
    run = waiting.reduce(
      (sum, { resource }, index) => withCase(sum, comparisonOf(resource, paths[index] as [DunningPath, DunningPath])),
      run,
    );
    waiting = [];
  };
  for await (const row of cases) {
    const one = replayableCaseOf(row);
    if (one) waiting.push(one);
    else run = { ...run, unknown: run.unknown + 1 };
    if (waiting.length === batchSize) await compareWaiting();
  }
  if (waiting.length > 0) await compareWaiting();
  return run;
}

function withCase(run: DryRun, one: CaseComparison): DryRun {
  const { resource, before, after } = one;
  const changes = changesOf(one);
  const count = (counted: BeforeAndAfter, of: (path: DunningPath) => number) => ({
    before: counted.before + of(before),
    after: counted.after + of(after),
  });
  const isSampled = changes.length > 0 && run.sample.length < maxSamples;
  return {
    cases: run.cases + 1,
    unknown: run.unknown,
    differing: run.differing + (changes.length > 0 ? 1 : 0),
    retries: count(run.retries, ({ retries }) => retries.length),
    suspended: count(run.suspended, ({ suspendedAt }) => (suspendedAt === null ? 0 : 1)),
    ended: count(run.ended, ({ endedAt }) => (endedAt === null ? 0 : 1)),
    recovered: resource.recovered ? withRecovered(run.recovered, one, resource.recovered) : run.recovered,
    unrecovered: resource.recovered ? run.unrecovered : withUnrecovered(run.unrecovered, one),
    sample: isSampled ? [...run.sample, { caseId: resource.id, changes, before, after }] : run.sample,
  };
}

function withRecovered(recovered: DryRun['recovered'], one: CaseComparison, amount: Money): DryRun['recovered'] {
  const effect = paymentEffectOf(one);
  const isAtRisk = effect === 'given-up' || effect === 'not-retried';
  return {
    cases: recovered.cases + 1,
    givenUp: recovered.givenUp + (effect === 'given-up' ? 1 : 0),
    notRetried: recovered.notRetried + (effect === 'not-retried' ? 1 : 0),
    later: recovered.later + (effect === 'later' ? 1 : 0),
    amountAtRisk: isAtRisk ? plusAmount(recovered.amountAtRisk, amount) : recovered.amountAtRisk,
  };
}

function withUnrecovered({ cases, keptLonger, givenUpSooner }: DryRun['unrecovered'], one: CaseComparison): DryRun['unrecovered'] {
  const effect = graceEffectOf(one);
  return {
    cases: cases + 1,
    keptLonger: keptLonger + (effect === 'longer' ? 1 : 0),
    givenUpSooner: givenUpSooner + (effect === 'shorter' ? 1 : 0),
  };
}
