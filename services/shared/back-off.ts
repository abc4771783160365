export type BackOff = {
  /** True where the row may be tried now. */
  readonly isDue: (id: string) => boolean;
  /** Notes a failure, and returns how often the row has failed in a row. */
  readonly failed: (id: string) => number;
  readonly done: (id: string) => void;
};

type Waiting = { readonly tries: number; readonly nextAt: number };

/**
 * The rows of a sweep that failed, in this process: each is tried again after `leastMillis`, then
 * after twice as long each time, up to `mostMillis`. A new process tries all of them at once.
 */
export function createBackOff(now: () => number, leastMillis = 30_000, mostMillis = 900_000): BackOff {
  const waiting = new Map<string, Waiting>();
  return {
    isDue: (id) => (waiting.get(id)?.nextAt ?? 0) <= now(),
    failed: (id) => {
      const tries = (waiting.get(id)?.tries ?? 0) + 1;
      waiting.set(id, { tries, nextAt: now() + Math.min(mostMillis, leastMillis * 2 ** (tries - 1)) });
      return tries;
    },
    done: (id) => {
      waiting.delete(id);
    },
  };
}
