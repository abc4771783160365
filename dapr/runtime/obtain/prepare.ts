import { join } from 'node:path';
import { binariesDirectory } from '../directories.ts';
import { waitForLock } from '../process-lock.ts';
import { createProgress, noProgress, type Progress, secondsSince } from '../progress.ts';
import { type DaprBinaries, findDapr, obtainDapr } from './dapr-binaries.ts';
import { type DocumentSource, findDocumentServer, obtainDocumentServer } from './document-server.ts';
import type { Obtained, SetActivity } from './obtained.ts';
import { findPostgres, type PostgresBinaries } from './postgres-binary.ts';
import { findRedis, obtainRedis, type RedisSource } from './redis-binary.ts';

export type Prepared = {
  readonly dapr: DaprBinaries;
  readonly redis: RedisSource;
  readonly documents: DocumentSource;
  readonly postgres: PostgresBinaries;
};

type Part<T> = {
  readonly name: string;
  /** The first activity of obtaining it. */
  readonly activity: string;
  readonly find: () => Promise<Obtained<T> | undefined>;
  readonly obtain: (setActivity: SetActivity) => Promise<Obtained<T>>;
};

const dapr: Part<DaprBinaries> = {
  name: 'Dapr',
  activity: 'obtaining it (seconds from the release, else five to ten minutes to build it from Go modules)',
  find: findDapr,
  obtain: obtainDapr,
};
const redis: Part<RedisSource> = { name: 'Redis', activity: 'obtaining it', find: findRedis, obtain: obtainRedis };
const documents: Part<DocumentSource> = {
  name: 'Documents',
  activity: 'obtaining mongod, else a Java document server',
  find: findDocumentServer,
  obtain: obtainDocumentServer,
};

async function get<T>(part: Part<T>, progress: Progress): Promise<T> {
  const since = performance.now();
  const found = await part.find();
  if (found !== undefined) {
    progress.end(part.name, found.from);
    return found.value;
  }
  progress.begin(part.name, part.activity);
  const { value, from } = await part.obtain((activity) => progress.begin(part.name, activity));
  progress.end(part.name, `${from}, in ${secondsSince(since)}`);
  return value;
}

async function obtainAll(progress: Progress): Promise<Prepared> {
  const [postgres, redisSource, documentSource, daprBinaries] = await Promise.all([
    findPostgres(),
    get(redis, progress),
    get(documents, progress),
    get(dapr, progress),
  ]);
  progress.end('PostgreSQL', '18, from its npm package');
  return { dapr: daprBinaries, redis: redisSource, documents: documentSource, postgres };
}

/**
 * One process of this machine obtains parts at a time; the others wait and then find what it
 * obtained.
 */
async function oneAtATime<T>(progress: Progress, work: () => Promise<T>): Promise<T> {
  const lock = await waitForLock(join(binariesDirectory, 'prepare.lock'), (pid) =>
    progress.end('Preparation', `waiting for process ${pid}, which obtains the same parts`),
  );
  try {
    return await work();
  } finally {
    lock.release();
  }
}

/**
 * Obtains every part that Marquee runs on, where it is missing. A repeat finds everything, changes
 * nothing and needs no network. Throws when a part cannot be obtained.
 */
export async function prepare(progress: Progress = noProgress): Promise<Prepared> {
  const found = await Promise.all([dapr.find(), redis.find(), documents.find()]);
  return found.every((part) => part !== undefined) ? obtainAll(progress) : oneAtATime(progress, () => obtainAll(progress));
}

const prepareOnly =
  <T>(part: Part<T>) =>
  async (progress: Progress = noProgress): Promise<T> =>
    (await part.find())?.value ?? oneAtATime(progress, () => get(part, progress));

/** Obtains the document server only, for tests and measurements that need nothing else. */
export const prepareDocuments = prepareOnly(documents);
/** Obtains Dapr only. */
export const prepareDapr = prepareOnly(dapr);

if (import.meta.main) {
  const progress = createProgress(process.stdout);
  await (process.argv[2] === 'documents' ? prepareDocuments(progress) : prepare(progress)).catch((error: Error) => {
    progress.close();
    console.error(error.message);
    process.exit(1);
  });
}
