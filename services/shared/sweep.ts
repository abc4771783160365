import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from 'pino';
import { type BackOff, createBackOff } from './back-off.ts';

/** Rows behind the id `after`, in the order of their ids, at most `limit`; none ends the walk. */
export type PageOfRows<Row> = (after: string, limit: number) => Promise<readonly Row[]>;

/** Rows that are owed something, and what is done for one of them. A repeat must be harmless. */
export type OwedRows<Row extends { readonly _id: string }> = {
  /** Names the rows in the log, for example `invoice closure`. */
  readonly name: string;
  readonly page: PageOfRows<Row>;
  readonly work: (row: Row) => Promise<unknown>;
};

export type Sweep = {
  /** Walks through all rows once and returns the number of those that were done. */
  readonly sweep: () => Promise<number>;
  /**
   * Runs now, and then at intervals, one run at a time. Resolves after the first run, or after ten
   * seconds of it: an outage must not keep a process from starting.
   */
  readonly start: () => Promise<void>;
  readonly stop: () => Promise<void>;
};

const rowsPerPage = 200;
const millisToWaitAtStart = 10_000;

/**
 * Takes up what an outage or a crash has left, so that nothing waits for a restart or for a person.
 * Each row is worked on separately: one that fails is logged, is retried at growing intervals, and
 * holds back no other, however many fail.
 */
export function createSweep<Row extends { readonly _id: string }>(
  { name, page, work }: OwedRows<Row>,
  log: Logger,
  everyMillis = 30_000,
  backOff: BackOff = createBackOff(Date.now),
): Sweep {
  let timer: NodeJS.Timeout | undefined;
  let isStopping = false;
  let running: Promise<unknown> | undefined;

  const attempt = async (row: Row): Promise<boolean> => {
    try {
      await work(row);
      backOff.done(row._id);
      return true;
    } catch (err) {
      log.warn({ id: row._id, tries: backOff.failed(row._id), err }, `${name} failed, the sweep tries again`);
      return false;
    }
  };

  const sweep = async (): Promise<number> => {
    let done = 0;
    let rows = await page('', rowsPerPage);
    for (let last = rows.at(-1); last && !isStopping; last = rows.at(-1)) {
      for (const row of rows) if (!isStopping && backOff.isDue(row._id) && (await attempt(row))) done += 1;
      rows = await page(last._id, rowsPerPage);
    }
    return done;
  };

  const runSafely = async (): Promise<void> => {
    running ??= sweep()
      .catch((err: unknown) => log.warn({ err }, `${name} sweep failed`))
      .finally(() => {
        running = undefined;
      });
    await running;
  };

  return {
    sweep,
    start: async () => {
      isStopping = false;
      clearInterval(timer);
      timer = setInterval(runSafely, everyMillis).unref();
      await Promise.race([runSafely(), pause(millisToWaitAtStart, undefined, { ref: false })]);
    },
    stop: async () => {
      isStopping = true;
      clearInterval(timer);
      await running;
    },
  };
}
