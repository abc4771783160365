import { LRUCache } from 'lru-cache';

/**
 * Slows down the guessing of passwords of one account, whether it exists or not. Attempts on an
 * account run one after the other, so that a burst of guesses cannot pass before the first has
 * failed. The counts are kept in memory: a restart clears them, and each process has its own.
 */
export type Throttle = {
  /** Runs an attempt, or returns the seconds to wait before the next one is allowed. */
  readonly attempt: <Value>(
    account: string,
    run: () => Promise<Value | undefined>,
  ) => Promise<Value | undefined | { readonly waitSeconds: number }>;
};

type Failures = { readonly count: number; readonly lastAt: number };

const freeFailures = 5;
const firstWaitMillis = 15_000;
const longestWaitMillis = 15 * 60_000;
const forgottenAfterMillis = 60 * 60_000;

/** Time an account stays closed after its last failure: none at first, then 15 s to 15 min. */
export const waitMillisAfter = (failures: number): number =>
  failures < freeFailures ? 0 : Math.min(firstWaitMillis * 2 ** (failures - freeFailures), longestWaitMillis);

export function createThrottle(millis: () => number): Throttle {
  const failures = new LRUCache<string, Failures>({ max: 10_000 });
  const queues = new Map<string, Promise<unknown>>();

  const attemptNow = async <Value>(account: string, run: () => Promise<Value | undefined>) => {
    const known = failures.get(account);
    const waitMillis = known ? known.lastAt + waitMillisAfter(known.count) - millis() : 0;
    if (waitMillis > 0) return { waitSeconds: Math.ceil(waitMillis / 1000) };
    const value = await run();
    if (value !== undefined) failures.delete(account);
    else
      failures.set(account, { count: 1 + (known && millis() - known.lastAt < forgottenAfterMillis ? known.count : 0), lastAt: millis() });
    return value;
  };

  return {
    attempt: async (account, run) => {
      const next = () => attemptNow(account, run);
      const result = (queues.get(account) ?? Promise.resolve()).then(next, next);
      queues.set(account, result);
      try {
        return await result;
      } finally {
        if (queues.get(account) === result) queues.delete(account);
      }
    },
  };
}
