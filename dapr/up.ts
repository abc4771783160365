import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { environment } from './runtime/environment.ts';
import { greeting } from './runtime/greeting.ts';
import { tryLock } from './runtime/process-lock.ts';
import { createProgress } from './runtime/progress.ts';
import { administratorAnnounced, type Credentials, firstAdministrator } from './runtime/run/administrator.ts';
import { newSecret } from './runtime/run/secrets.ts';
import { type Marquee, startMarquee, type UnexpectedExit } from './runtime/run/stack.ts';

const { dataDir } = environment;

/** The reason why Marquee ends: a signal, or a part that ended unexpectedly. */
type Ending = { readonly signal: NodeJS.Signals } | { readonly exit: UnexpectedExit };

const localKey = `mk_local_${newSecret()}`;
const ending = Promise.withResolvers<Ending>();
const progress = createProgress(process.stdout);
/**
 * The file from which `npm run demo` and other tools of this machine's user read the address and
 * the key.
 */
const localFile = join(dataDir, 'local.json');
let ready = false;

/**
 * npm passes on a Ctrl-C that the terminal has sent us already; only a later signal counts as a
 * second one.
 */
const repeatedAfterMilliseconds = 1_000;

function handleSignals(): void {
  let firstAt: number | undefined;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      const now = performance.now();
      // Before everything is ready there is nothing to drain, and a second signal means not to
      // wait. The reaper ends the parts.
      if (!ready || (firstAt !== undefined && now - firstAt > repeatedAfterMilliseconds)) {
        console.log(`Stopping immediately (${signal}).`);
        process.exit(1);
      }
      firstAt ??= now;
      ending.resolve({ signal });
    });
  }
}

function start(administrator: Readonly<Record<string, string>>, publicPort: number | undefined): Promise<Marquee> {
  return startMarquee({
    dataDir,
    defaultPorts: true,
    ...(publicPort === undefined ? {} : { publicPort }),
    environment: { ...administrator, MARQUEE_LOCAL_KEY: localKey },
    progress,
    onUnexpectedExit: (exit) => ending.resolve({ exit }),
  });
}

/** Writes the address of this run for other tools, and greets the operator. */
function announce({ url, sidecar, backing }: Marquee, administrator: Credentials | undefined): void {
  writeFileSync(localFile, JSON.stringify({ url, key: localKey }), { mode: 0o600 });
  const { url: sidecarUrl, appId } = sidecar;
  const documents = backing.documents.name;
  console.log(`\n${greeting({ url, sidecarUrl, appId, documents, dataDir, localKey, administrator })}\n`);
  if (administrator) administratorAnnounced(dataDir);
}

function explain(end: Ending): void {
  if ('signal' in end) console.log(`Stopping (${end.signal}).`);
  else console.error(`${end.exit.part} ${end.exit.how}; stopping the rest. Its last lines:\n${end.exit.lastLines}`);
}

const isPort = (port: number): boolean => Number.isInteger(port) && port >= 1 && port <= 65_535;

async function main(): Promise<number> {
  const port = environment.publicPort === undefined ? undefined : Number(environment.publicPort);
  if (port !== undefined && !isPort(port)) {
    console.error('Configuration: MARQUEE_PORT must be a whole number from 1 to 65535');
    return 2;
  }
  mkdirSync(dataDir, { recursive: true });
  const lock = tryLock(join(dataDir, 'marquee.lock'));
  if ('heldBy' in lock) {
    console.error(`Marquee already runs on ${dataDir}, as process ${lock.heldBy}.`);
    return 1;
  }
  const administrator = firstAdministrator(dataDir, {
    ...(environment.administratorEmail === undefined ? {} : { email: environment.administratorEmail }),
    ...(environment.administratorPassword === undefined ? {} : { password: environment.administratorPassword }),
  });
  const marquee = await start(administrator.environment, port);
  ready = true;
  announce(marquee, administrator.announce);
  const end = await ending.promise;
  explain(end);
  rmSync(localFile, { force: true });
  await marquee.stop();
  lock.release();
  return 'signal' in end ? 0 : 1;
}

handleSignals();
process.exitCode = await main().catch((error: unknown) => {
  progress.close();
  console.error(`Marquee did not start: ${error instanceof Error ? error.message : error}`);
  return 1;
});
