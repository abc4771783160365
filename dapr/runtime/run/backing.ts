import { readdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type Prepared, prepare } from '../obtain/prepare.ts';
import type { Progress } from '../progress.ts';
import type { Child, UnexpectedExit } from './child.ts';
import { type ControlPlanePart, startPlacement, startScheduler } from './control-plane.ts';
import { type Documents, startDocuments } from './documents.ts';
import { freePort } from './ports.ts';
import { type Postgres, startPostgres } from './postgres.ts';
import { type Redis, startRedis } from './redis.ts';
import { awaitPredecessors } from './run-record.ts';
import { passwordsOf } from './secrets.ts';
import { together } from './together.ts';

/**
 * Different from the default ports of these servers, so that no other program connects to Marquee's
 * data by accident.
 */
const usualPorts = { postgres: 7432, redis: 7379, documents: 7017, placement: 7005, scheduler: 7006 } as const;

export type BackingOptions = {
  readonly dataDir: string;
  /** Uses the usual ports where they are free; without it every port is a random free one. */
  readonly defaultPorts?: boolean;
  /** True when everything ends within minutes, as in tests. */
  readonly shortLived?: boolean;
  readonly progress?: Progress;
  readonly onUnexpectedExit?: ((exit: UnexpectedExit) => void) | undefined;
};

/**
 * The servers that sidecars and applications use. `redis` and `documents` have no child process
 * where they are external.
 */
export type Backing = {
  readonly prepared: Prepared;
  readonly dataDir: string;
  readonly postgres: Postgres;
  readonly redis: Redis;
  readonly documents: Documents;
  readonly placement: ControlPlanePart;
  readonly scheduler: ControlPlanePart & { readonly dataDir: string };
  /** The child processes of this run. */
  readonly children: readonly Child[];
  /** Stops them all. A repeat changes nothing. */
  stop(): Promise<void>;
};

/**
 * Removes the names of sidecars of an earlier run: their ports may belong to other programs now.
 */
async function forgetNames(dataDir: string): Promise<void> {
  const files = await readdir(dataDir).catch(() => []);
  await Promise.all(files.filter((file) => file.startsWith('names.sqlite')).map((file) => rm(join(dataDir, file), { force: true })));
}

async function choosePorts(usual: boolean): Promise<Record<keyof typeof usualPorts, number>> {
  const chosen = Object.entries(usualPorts).map(async ([part, port]) => [part, await freePort(usual ? port : undefined)]);
  return Object.fromEntries(await Promise.all(chosen));
}

/**
 * Starts PostgreSQL, Redis, the document server, placement and scheduler, all on loopback. Resolves
 * when each is ready. When one fails, the others are stopped, `abandon` is aborted and the failure
 * is thrown.
 */
export async function startBackingServices(options: BackingOptions, abandon = new AbortController()): Promise<Backing> {
  const dataDir = resolve(options.dataDir);
  const prepared = await prepare(options.progress);
  options.progress?.begin('Marquee', 'starting PostgreSQL, Redis, the document server and Dapr');
  const passwords = passwordsOf(dataDir);
  await awaitPredecessors(dataDir);
  await forgetNames(dataDir);
  const ports = await choosePorts(options.defaultPorts ?? false);
  const common = { dataDir, onUnexpectedExit: options.onUnexpectedExit, abandoned: abandon.signal };
  const starting = [
    startPostgres({ ...common, binaries: prepared.postgres, port: ports.postgres, password: passwords.postgres }),
    startRedis({ ...common, source: prepared.redis, port: ports.redis, password: passwords.redis }),
    startDocuments({ ...common, source: prepared.documents, port: ports.documents, shortLived: options.shortLived }),
    startPlacement({ ...common, binaries: prepared.dapr, port: ports.placement }),
    startScheduler({ ...common, binaries: prepared.dapr, port: ports.scheduler }),
  ] as const;
  const [postgres, redis, documents, placement, scheduler] = await together(starting, abandon, ({ child }) => child?.stop());
  const children = [placement, scheduler, redis, documents, postgres].flatMap(({ child }) => child ?? []);
  const stop = async () => void (await Promise.all(children.map((child) => child.stop())));
  return { prepared, dataDir, postgres, redis, documents, placement, scheduler, children, stop };
}
