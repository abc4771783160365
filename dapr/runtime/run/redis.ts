import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { plainEnvironment } from '../environment.ts';
import type { RedisSource } from '../obtain/redis-binary.ts';
import { Child, type Supervision } from './child.ts';

export type Redis = { readonly url: string; readonly child?: Child };

export type RedisOptions = {
  readonly source: RedisSource;
  readonly dataDir: string;
  readonly port: number;
  readonly password: string;
} & Supervision;

/**
 * Every event is in the append-only file before it is acknowledged; the file reaches the disk each
 * second.
 */
const configuration = (folder: string, port: number, password: string) => `
bind 127.0.0.1
port ${port}
requirepass ${password}
dir "${folder}"
appendonly yes
appendfsync everysec
save ""
`;

/** Starts Redis on loopback with an append-only file, or returns the one that REDIS_URL names. */
export async function startRedis({ source, dataDir, port, password, ...supervision }: RedisOptions): Promise<Redis> {
  if ('url' in source) return { url: source.url };
  const folder = join(dataDir, 'redis');
  const file = join(folder, 'redis.conf');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFile(file, configuration(folder, port, password), { mode: 0o600 });
  const child = await Child.start({
    name: 'redis',
    command: source.program,
    arguments: [file],
    environment: plainEnvironment(),
    dataDir,
    readiness: { logLine: 'Ready to accept connections' },
    ...supervision,
  });
  return { url: `redis://:${password}@127.0.0.1:${port}`, child };
}

/** The variables that components/local/pubsub.yaml reads. */
export function redisComponentEnvironment(url: string): Record<string, string> {
  const { hostname, port, username, password, pathname, protocol } = new URL(url);
  return {
    MARQUEE_REDIS_HOST: `${hostname}:${port || '6379'}`,
    MARQUEE_REDIS_USERNAME: decodeURIComponent(username),
    MARQUEE_REDIS_PASSWORD: decodeURIComponent(password),
    MARQUEE_REDIS_DATABASE: pathname.slice(1) || '0',
    MARQUEE_REDIS_TLS: String(protocol === 'rediss:'),
  };
}
