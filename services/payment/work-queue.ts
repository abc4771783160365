import { setTimeout as pause } from 'node:timers/promises';

const stopMillis = 4_000;

export type Queue<Item> = {
  /** Takes items that are not in it yet, as far as there is room; the rest is left to whoever finds them again. */
  readonly add: (items: readonly Item[]) => void;
  /** Starts nothing new, and resolves when what runs has ended, or after a few seconds: what is left is found again at the next start. */
  readonly stop: () => Promise<void>;
};

export type QueueSettings<Item> = {
  readonly keyOf: (item: Item) => string;
  /** Must not throw. */
  readonly run: (item: Item) => Promise<void>;
  readonly atOnce: number;
  readonly room: number;
};

/** Runs items in the order they came, so many at once. */
export function createQueue<Item>({ keyOf, run, atOnce, room }: QueueSettings<Item>): Queue<Item> {
  const waiting = new Map<string, Item>();
  const running = new Map<string, Promise<void>>();
  let stopped = false;

  const fill = (): void => {
    for (const [key, item] of waiting) {
      if (stopped || running.size >= atOnce) return;
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
        if (!running.has(key) && waiting.size < room) waiting.set(key, item);
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
