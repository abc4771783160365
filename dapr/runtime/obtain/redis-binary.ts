import { chmod, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { arch } from 'node:os';
import { join } from 'node:path';
import { findOnPath, isExecutable, outputOf, run } from '../command.ts';
import { binariesDirectory } from '../directories.ts';
import { environment } from '../environment.ts';
import type { Obtained, SetActivity } from './obtained.ts';

const artifact = 'com.github.codemonstur:embedded-redis:1.4.3';

/** The URL of an existing Redis, or a program to run one. */
export type RedisSource = { readonly url: string } | { readonly program: string };

const cached = join(binariesDirectory, 'redis-server-6.2');

/** Streams are trimmed by age (MINID), which Redis supports since 6.2. */
const isRecentEnough = (version: string) => Number(version) >= 6.2;

/**
 * Finds REDIS_URL, a redis-server on PATH, or the program of an earlier run. Nothing is downloaded.
 */
export async function findRedis(): Promise<Obtained<RedisSource> | undefined> {
  if (environment.redisUrl !== undefined) return { value: { url: environment.redisUrl }, from: 'REDIS_URL' };
  const installed = findOnPath('redis-server');
  if (installed !== undefined) {
    const version = /v=(\d+\.\d+)/.exec((await outputOf(installed, '--version')) ?? '')?.[1];
    if (version !== undefined && isRecentEnough(version)) return { value: { program: installed }, from: `${version}, ${installed}` };
  }
  return isExecutable(cached) ? { value: { program: cached }, from: '6.2, cached' } : undefined;
}

/**
 * Obtains redis-server from a jar on Maven Central, which has it for Linux and macOS on amd64 and
 * arm64.
 */
export async function obtainRedis(setActivity: SetActivity): Promise<Obtained<RedisSource>> {
  setActivity('downloading it through Maven');
  await mkdir(binariesDirectory, { recursive: true });
  const folder = await mkdtemp(join(binariesDirectory, 'redis-partial-'));
  try {
    const name = `redis-server-6*-${process.platform}-${arch() === 'x64' ? 'amd64' : arch()}`;
    const unpack = ['dependency:unpack', `-Dartifact=${artifact}`, `-Dmdep.unpack.includes=${name}`, `-DoutputDirectory=${folder}`];
    // Maven keeps marker files relative to the folder in which it runs; this folder is removed
    // afterwards.
    await run('mvn', ['-q', '-B', ...unpack], { directory: folder });
    const found = (await readdir(folder)).find((file) => file.startsWith('redis-server-6'));
    if (found === undefined) throw new Error(`${artifact} contains no ${name}.`);
    await chmod(join(folder, found), 0o755);
    await rename(join(folder, found), cached);
    return { value: { program: cached }, from: '6.2, from Maven Central' };
  } catch (error) {
    throw new Error('Redis cannot be obtained. Install redis-server 6.2 or later, or set REDIS_URL.', { cause: error });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
