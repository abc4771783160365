type Waiting<Item, Answer> = {
  readonly items: readonly Item[];
  readonly done: (answers: readonly Answer[]) => void;
  readonly failed: (error: unknown) => void;
};

/**
 * Runs `handle` for one batch at a time; requests that arrive meanwhile form the next batch.
 * `handle` returns one value per item, in order; when it throws, every request of that batch is
 * rejected.
 */
export function batched<Item, Answer>(handle: (items: readonly Item[]) => Promise<readonly Answer[]>) {
  const waiting: Waiting<Item, Answer>[] = [];
  let running = false;

  const runBatch = async (batch: readonly Waiting<Item, Answer>[]): Promise<void> => {
    try {
      const answers = [...(await handle(batch.flatMap(({ items }) => items)))];
      for (const { items, done } of batch) done(answers.splice(0, items.length));
    } catch (error) {
      for (const { failed } of batch) failed(error);
    }
  };

  const run = async (): Promise<void> => {
    running = true;
    while (waiting.length > 0) await runBatch(waiting.splice(0));
    running = false;
  };

  return (items: readonly Item[]): Promise<readonly Answer[]> =>
    new Promise((done, failed) => {
      waiting.push({ items, done, failed });
      if (!running) void run();
    });
}
