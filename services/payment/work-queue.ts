import { setTimeout as pause } from 'node:timers/promises';

const stopMillis = 4_000;

export type Queue<Item> = {
  /**
   * Adds items that are neither waiting nor running, as long as there is capacity. Items beyond it
   * are dropped: the caller's sweep finds them again.
   */
  readonly add: (items: readonly Item[]) => void;
  /**
   * Starts nothing new, and resolves once the running items have ended, or after a few seconds. The
   * sweep of the next start finds the rest.
   */
  readonly stop: () => Promise<void>;
};

export type QueueSettings<Item> = {
  /** Identifies an item, so that it is not run twice at the same time. */
  readonly keyOf: (item: Item) => string;
  /** Must not throw. */
  readonly run: (item: Item) => Promise<void>;
  readonly concurrency: number;
  readonly capacity: number;
};

/** Runs items in the order they were added, up to `concurrency` at a time. */
export function createQueue<Item>({ keyOf, run, concurrency, capacity }: QueueSettings<Item>): Queue<Item> {
  const waiting = new Map<string, Item>();
  const running = new Map<string, Promise<void>>();
  let stopped = false;

  const fill = (): void => {
    for (const [key, item] of waiting) {
      if (stopped || running.size >= concurrency) return;
      waiting.delete(key);
      const ended = run(item).then(() => {
        running.delete(key);
        fill();
      });
      running.set(key, ended);
    }
  };

  return {
    add: (items) => {
      for (const item of items) {
        const key = keyOf(item);
        if (!running.has(key) && waiting.size < capacity) waiting.set(key, item);
      }
      fill();
    },
    stop: async () => {
      stopped = true;
      waiting.clear();
      await Promise.race([Promise.all(running.values()), pause(stopMillis, undefined, { ref: false })]);
    },
  };
}
