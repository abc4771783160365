import { randomUUID } from 'node:crypto';
import type { Difference } from '../../shared/contracts/difference-resource.ts';
import { dayMillis } from '../../shared/local-time.ts';
import { earliest, type Instant, instantOfMillis, millisOf, plusMillis } from '../../shared/time.ts';
import { type LedgerParts, reconcilePeriod, reconcileStuck } from './compare-day.ts';
import type { Reconciliation, ReconciliationStore } from './store.ts';

export type ReconciliationRunner = {
  /**
   * Executes a run in the background. One that another process has claimed, or that is done, is
   * left alone.
   */
  readonly run: (id: string) => void;
  /** Starts last night's run once it is time, and continues those that a dead process left. */
  readonly resume: () => Promise<void>;
  readonly start: () => void;
  readonly stop: () => Promise<void>;
};

const resumeMillis = 30_000;
const renewMillis = 20_000;
/** Time from midnight UTC until everything of the day before is settled. */
const nightlyAfterMillis = 3 * 3_600_000;
export const nightly = 'nightly';

const midnightAfter = (instant: Instant): Instant => instantOfMillis((Math.floor(millisOf(instant) / dayMillis) + 1) * dayMillis);

/** The end of the last day that is to be compared by now. */
const nightOf = (now: Instant): Instant => instantOfMillis(Math.floor((millisOf(now) - nightlyAfterMillis) / dayMillis) * dayMillis);

/**
 * The nightly run that is due by now, from the end of the last one, so that missed nights are made
 * up; the first run has one day. Its id is that of its last day, so that it is made once over all
 * replicas.
 */
export function nightlyRun(now: Instant, last: Instant | undefined): Pick<Reconciliation, '_id' | 'from' | 'to'> | undefined {
  const to = nightOf(now);
  const lastDay = plusMillis(to, -dayMillis);
  const from = last ?? lastDay;
  return from < to ? { _id: `rec_${lastDay.slice(0, 10)}`, from, to } : undefined;
}

/**
 * Executes runs day by day. The differences of a day count only once the run moves on to the next
 * day, by compare-and-set of the process that has claimed it, so a day that is interrupted starts
 * again and counts nothing twice.
 */
export function createReconciliationRunner(parts: LedgerParts, runs: ReconciliationStore): ReconciliationRunner {
  const { now, log } = parts.platform;
  const processId = randomUUID();
  const executions = new Map<string, Promise<void>>();
  let timer: NodeJS.Timeout | undefined;
  let lastNight: string | undefined;
  let stopping = false;

  const executeDay = async (reconciliation: Reconciliation, isClaimed: () => boolean): Promise<Reconciliation | undefined> => {
    const { _id, day, to } = reconciliation;
    await runs.deleteAfter(_id, reconciliation.found);
    let { found } = reconciliation;
    const save = async (differences: readonly Difference[]): Promise<void> => {
      if (stopping || !isClaimed()) throw new Error('the process is stopping, or another one has claimed the run');
      await runs.saveDifferences(_id, found, differences);
      found += differences.length;
    };
    const end = earliest(midnightAfter(day), to) as Instant;
    const compared = await reconcilePeriod(parts, { start: day, end }, reconciliation.summary, save);
    const isLast = end === to;
    const summary = isLast ? await reconcileStuck(parts, to, compared, save) : compared;
    const after = { day: end, found, summary, ...(isLast && ({ status: 'done', finishedAt: now() } as const)) };
    return (await runs.advance(reconciliation, after)) && !isLast ? { ...reconciliation, ...after } : undefined;
  };

  const execute = async (id: string): Promise<void> => {
    let reconciliation = await runs.claim(id, processId, now());
    if (reconciliation === undefined) return;
    const claimed = reconciliation;
    let isClaimed = true;
    const renew = async (): Promise<void> => {
      isClaimed = await runs.renew(claimed, now()).catch(() => false);
    };
    const renewing = setInterval(() => void renew(), renewMillis).unref();
    try {
      while (reconciliation !== undefined && !stopping) reconciliation = await executeDay(reconciliation, () => isClaimed);
    } finally {
      clearInterval(renewing);
    }
  };

  const run = (id: string): void => {
    if (executions.has(id) || stopping) return;
    const ended = execute(id)
      .catch((err: unknown) => log.warn({ err, reconciliationId: id }, 'reconciliation interrupted, will continue'))
      .finally(() => executions.delete(id));
    executions.set(id, ended);
  };

  const resume = async (): Promise<void> => {
    const at = now();
    if (nightOf(at) !== lastNight) {
      const due = nightlyRun(at, await runs.lastEndBy(nightly));
      if (due) await runs.create({ ...due, requestedBy: nightly, createdAt: at });
      lastNight = nightOf(at);
    }
    for (const id of await runs.unclaimed(now())) run(id);
  };

  return {
    run,
    resume,
    start: () => {
      const tryResume = () => resume().catch((err: unknown) => log.warn({ err }, 'reconciliation scheduling failed'));
      timer = setInterval(tryResume, resumeMillis).unref();
    },
    stop: async () => {
      stopping = true;
      clearInterval(timer);
      await Promise.allSettled(executions.values());
    },
  };
}
