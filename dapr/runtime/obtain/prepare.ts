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

/** One process of this machine obtains parts at a time; the others wait for it and then find what it obtained. */
async function alone<T>(report: Say, work: () => Promise<T>): Promise<T> {
  const lock = await waitForLock(join(binariesDirectory, 'prepare.lock'), (pid) =>
    report(`waiting for process ${pid}, which prepares too`),
  );
  try {
    return await work();
  } finally {
    lock.release();
  }
}

/** Every part that Marquee runs on, obtained where it is missing, with a line to `report` for each. Throws when a part cannot be obtained. */
export async function prepare(report: Say): Promise<Prepared> {
  const found = await Promise.all([dapr.find(), redis.find(), documents.find()]);
  return found.every((part) => part !== undefined) ? obtainAll(report) : alone(report, () => obtainAll(report));
}

/** The document server only, for tests and measurements that need nothing else. Throws when it cannot be obtained. */
export async function prepareDocuments(report: Say = () => {}): Promise<DocumentSource> {
  const found = await documents.find();
  return found === undefined ? alone(report, () => get(documents, report)) : found.value;
}

if (import.meta.main) {
  const since = Date.now();
  const report: Say = (line) => console.log(`  ${line}`);
  await (process.argv[2] === 'documents' ? prepareDocuments(report) : prepare(report));
  console.log(`  ready in ${seconds(since)}`);
}
