import { randomUUID } from 'node:crypto';
import { dayMillis } from '../../shared/local-time.ts';
import { earliest, type Instant, instantOfMillis, millisOf, plusMillis } from '../../shared/time.ts';
import { type LedgerParts, reconcilePeriod, reconcileStuck } from './compare-day.ts';
import type { Difference } from './difference.ts';
import type { Reconciliation, ReconciliationStore } from './store.ts';

export type ReconciliationRunner = {
  /** Walks a run outside of any request. One that somebody walks, or that is done, is left alone. */
  readonly begin: (id: string) => void;
  /** Begins last night's run once it is time, and goes on with those that a dead process left. */
  readonly look: () => Promise<void>;
  readonly start: () => void;
  readonly stop: () => Promise<void>;
};

const lookMillis = 30_000;
const renewMillis = 20_000;
/** From midnight UTC to when the day before is over everywhere in Marquee, and what was under way has settled. */
const nightlyAfterMillis = 3 * 3_600_000;
export const nightly = 'nightly';

const midnightAfter = (instant: Instant): Instant => instantOfMillis((Math.floor(millisOf(instant) / dayMillis) + 1) * dayMillis);

/** The end of the day that is to be compared by now. */
const nightOf = (now: Instant): Instant => instantOfMillis(Math.floor((millisOf(now) - nightlyAfterMillis) / dayMillis) * dayMillis);

/**
 * What is to be compared by now, once: from where the last night's run ended, so that nights without a process are made up. A first run is of
 * one day. Its id is of its last day, so that of all replicas one makes it.
 */
export function nightlyRun(now: Instant, last: Instant | undefined): Pick<Reconciliation, '_id' | 'from' | 'to'> | undefined {
  const to = nightOf(now);
  const lastDay = plusMillis(to, -dayMillis);
  const from = last ?? lastDay;
  return from < to ? { _id: `rec_${lastDay.slice(0, 10)}`, from, to } : undefined;
}

/**
 * Walks runs day by day. What was found of a day counts only when the run moves on to the next one, by compare-and-set of whoever holds
 * it, so a walk that is cut off begins that day again and counts nothing twice.
 */
export function createReconciliationRunner(parts: LedgerParts, runs: ReconciliationStore): ReconciliationRunner {
  const { now, log } = parts.platform;
  const walker = randomUUID();
  const walks = new Map<string, Promise<void>>();
  let timer: NodeJS.Timeout | undefined;
  let lastNight: string | undefined;
  let stopping = false;

  const walkDay = async (run: Reconciliation, isHeld: () => boolean): Promise<Reconciliation | undefined> => {
    const { _id, day, to } = run;
    await runs.deleteAfter(_id, run.found);
    let { found } = run;
    const keep = async (differences: readonly Difference[]): Promise<void> => {
      if (stopping || !isHeld()) throw new Error('the process is stopping, or another one has taken it over');
      await runs.keep(_id, found, differences);
      found += differences.length;
    };
    const end = earliest(midnightAfter(day), to) as Instant;
    const compared = await reconcilePeriod(parts, { start: day, end }, run.summary, keep);
    const isLast = end === to;
    const summary = isLast ? await reconcileStuck(parts, to, compared, keep) : compared;
    const after = { day: end, found, summary, ...(isLast && ({ status: 'done', finishedAt: now() } as const)) };
    return (await runs.advance(run, after)) && !isLast ? { ...run, ...after } : undefined;
  };

  const walk = async (id: string): Promise<void> => {
    let run = await runs.claim(id, walker, now());
    if (run === undefined) return;
    const mine = run;
    let isHeld = true;
    const renew = async (): Promise<void> => {
      isHeld = await runs.renew(mine, now()).catch(() => false);
    };
    const renewing = setInterval(() => void renew(), renewMillis).unref();
    try {
      while (run !== undefined && !stopping) run = await walkDay(run, () => isHeld);
    } finally {
      clearInterval(renewing);
    }
  };

  const begin = (id: string): void => {
    if (walks.has(id) || stopping) return;
    const ended = walk(id)
      .catch((error: Error) =>
        log.warn({ reconciliation: id, reason: error.message }, 'a reconciliation stopped on its way and will go on'),
      )
      .finally(() => walks.delete(id));
    walks.set(id, ended);
  };

  const look = async (): Promise<void> => {
    const at = now();
    if (nightOf(at) !== lastNight) {
      const due = nightlyRun(at, await runs.lastEndBy(nightly));
      if (due) await runs.create({ ...due, requestedBy: nightly, createdAt: at });
      lastNight = nightOf(at);
    }
    for (const id of await runs.waiting(now())) begin(id);
  };

  return {
    begin,
    look,
    start: () => {
      const looking = () => look().catch((error: Error) => log.warn({ reason: error.message }, 'reconciliations could not be looked for'));
      timer = setInterval(looking, lookMillis).unref();
    },
    stop: async () => {
      stopping = true;
      clearInterval(timer);
      await Promise.allSettled(walks.values());
    },
  };
}
