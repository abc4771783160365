import { join } from 'node:path';
import { binariesDirectory } from '../directories.ts';
import { waitForLock } from '../process-lock.ts';
import { type DaprBinaries, findDapr, obtainDapr } from './dapr-binaries.ts';
import { type DocumentSource, findDocumentServer, obtainDocumentServer } from './document-server.ts';
import type { Obtained, Say } from './obtained.ts';
import { findPostgres, type PostgresBinaries } from './postgres-binary.ts';
import { findRedis, obtainRedis, type RedisSource } from './redis-binary.ts';

export type Prepared = {
  readonly dapr: DaprBinaries;
  readonly redis: RedisSource;
  readonly documents: DocumentSource;
  readonly postgres: PostgresBinaries;
};

const heartbeatMilliseconds = 15_000;

type Part<T> = { readonly name: string; find(): Promise<Obtained<T> | undefined>; obtain(say: Say): Promise<Obtained<T>> };

const seconds = (since: number) => `${((Date.now() - since) / 1000).toFixed(1)} s`;

async function get<T>(part: Part<T>, report: Say): Promise<T> {
  const since = Date.now();
  const say: Say = (message) => report(`${part.name}: ${message}`);
  const found = await part.find();
  if (found !== undefined) {
    say(found.from);
    return found.value;
  }
  const heartbeat = setInterval(() => say(`still at it after ${seconds(since)}`), heartbeatMilliseconds);
  try {
    const { value, from } = await part.obtain(say);
    say(`${from}, in ${seconds(since)}`);
    return value;
  } finally {
    clearInterval(heartbeat);
  }
}

const dapr: Part<DaprBinaries> = { name: 'Dapr', find: findDapr, obtain: obtainDapr };
const redis: Part<RedisSource> = { name: 'Redis', find: findRedis, obtain: obtainRedis };
const documents: Part<DocumentSource> = { name: 'Documents', find: findDocumentServer, obtain: obtainDocumentServer };

/** Repeating it finds everything and changes nothing; once everything is there it needs no network. */
async function obtainAll(report: Say): Promise<Prepared> {
  const [postgres, redisSource, documentSource, daprBinaries] = await Promise.all([
    findPostgres(),
    get(redis, report),
    get(documents, report),
    get(dapr, report),
  ]);
  report('PostgreSQL: 18, from its npm package');
  return { dapr: daprBinaries, redis: redisSource, documents: documentSource, postgres };
}

/**
 * Everything the embedded set runs on, obtained where it is missing, with a line to `report` for each part.
 * Two processes that prepare at once do not get into each other's way: the second waits. Throws when a part cannot be had.
 */
export async function prepare(report: Say): Promise<Prepared> {
  const found = await Promise.all([dapr.find(), redis.find(), documents.find()]);
  if (found.every((part) => part !== undefined)) return obtainAll(report);
  const lock = await waitForLock(join(binariesDirectory, 'prepare.lock'), (pid) =>
    report(`waiting for process ${pid}, which prepares too`),
  );
  try {
    return await obtainAll(report);
  } finally {
    lock.release();
  }
}

if (import.meta.main) {
  const since = Date.now();
  await prepare((line) => console.log(`  ${line}`));
  console.log(`  ready in ${seconds(since)}`);
}
