import { existsSync } from 'node:fs';
import { chown, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../command.ts';
import { plainEnvironment } from '../environment.ts';
import type { PostgresBinaries } from '../obtain/postgres-binary.ts';
import { Child, type Supervision } from './child.ts';
import { type UnprivilegedRun, withoutRoot } from './unprivileged.ts';

const user = 'marquee';

/**
 * Commits wait for the disk (the defaults of fsync and synchronous_commit), because they record
 * money.
 */
const settings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  password_encryption: 'scram-sha-256',
  shared_buffers: '128MB',
  max_connections: '200',
  max_wal_size: '512MB',
};

async function own(folder: string, { owner }: UnprivilegedRun): Promise<void> {
  if (owner === undefined) return;
  const inside = await readdir(folder, { recursive: true });
  await Promise.all([folder, ...inside.map((path) => join(folder, path))].map((path) => chown(path, owner.uid, owner.gid)));
}

/**
 * Creates the cluster. An interrupted first start leaves nothing that a second start could mistake
 * for a cluster.
 */
async function createCluster(binaries: PostgresBinaries, folder: string, password: string, disguise: UnprivilegedRun): Promise<void> {
  const partial = join(folder, 'partial');
  const passwordFile = join(folder, 'password');
  await rm(partial, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await writeFile(passwordFile, password, { mode: 0o600 });
  await own(folder, disguise);
  const [program = binaries.initdb, ...words] = [...disguise.prefix, binaries.initdb];
  const options = ['--auth=scram-sha-256', `--username=${user}`, `--pwfile=${passwordFile}`, '--encoding=UTF8', '--locale=C'];
  await run(program, [...words, `--pgdata=${partial}`, ...options], { environment: { LC_ALL: 'C' } });
  await rm(passwordFile);
  await rename(partial, join(folder, 'data'));
}

export type Postgres = { readonly url: string; readonly child: Child };

export type PostgresOptions = {
  readonly binaries: PostgresBinaries;
  readonly dataDir: string;
  readonly port: number;
  readonly password: string;
} & Supervision;

/** Starts PostgreSQL on loopback and creates its cluster at the first start. */
export async function startPostgres({ binaries, dataDir, port, password, ...supervision }: PostgresOptions): Promise<Postgres> {
  const folder = join(dataDir, 'postgres');
  const disguise = await withoutRoot(binaries.postgres, dataDir);
  const cluster = join(folder, 'data');
  if (existsSync(cluster)) await own(folder, disguise);
  else await createCluster(binaries, folder, password, disguise);
  const [command = binaries.postgres, ...words] = [...disguise.prefix, binaries.postgres];
  const child = await Child.start({
    name: 'postgres',
    command,
    arguments: [
      ...words,
      '-D',
      cluster,
      '-p',
      String(port),
      ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ],
    environment: { ...plainEnvironment(), LC_ALL: 'C' },
    dataDir,
    readiness: { logLine: 'database system is ready to accept connections' },
    // Fast shutdown: SIGTERM would wait until every client disconnects.
    stopSignal: 'SIGINT',
    stopWithinSeconds: 20,
    ...supervision,
  });
  return { url: `postgres://${user}:${password}@127.0.0.1:${port}/postgres?sslmode=disable`, child };
}
