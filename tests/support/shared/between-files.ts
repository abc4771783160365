import { registerSharedWorker, type SharedWorker } from 'ava/plugin';

/**
 * Something that several test files use at once and that takes long to start. `shown` is plain
 * data.
 */
export type SharedPart<Shown> = { readonly shown: Shown; readonly end: () => Promise<void> };

type Reply<Shown> = { readonly shown: Shown } | { readonly failure: string };

/**
 * The side of the test runner, outside all test files: starts the part when the first file requests
 * it, and ends it when no file that requested it is running any more. A later file starts it again.
 * A start that failed is reported to each file that requested it.
 */
export function shareBetweenFiles<Shown>(start: () => Promise<SharedPart<Shown>>): SharedWorker.Factory {
  let part: Promise<SharedPart<Shown>> | undefined;
  const users = new Set<string>();

  const leave = async (file: string): Promise<void> => {
    users.delete(file);
    if (users.size > 0 || part === undefined) return;
    const ending = part;
    part = undefined;
    const running = await ending.catch(() => undefined);
    await running?.end();
  };

  const serve = async (file: SharedWorker.TestWorker): Promise<void> => {
    file.teardown(() => leave(file.id));
    for await (const request of file.subscribe()) {
      users.add(file.id);
      part ??= start();
      const reply: Promise<Reply<Shown>> = part.then(
        ({ shown }) => ({ shown }),
        (error: Error) => ({ failure: error.stack ?? error.message }),
      );
      request.reply(await reply);
    }
  };

  return async ({ negotiateProtocol }) => {
    for await (const file of negotiateProtocol(['ava-4']).ready().testWorkers()) void serve(file);
  };
}

/**
 * The side of a test file: what the shared part shows, which is the same for all files of the run.
 */
export async function sharedPart<Shown>(filename: URL): Promise<Shown> {
  const worker = registerSharedWorker({ filename, supportedProtocols: ['ava-4'] });
  await worker.available;
  for await (const { data } of worker.publish('show').replies()) {
    const reply = data as Reply<Shown>;
    if ('failure' in reply) throw new Error(`The shared part did not start: ${reply.failure}`);
    return reply.shown;
  }
  throw new Error('The shared part gave no reply.');
}
