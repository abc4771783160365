import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { environment } from './runtime/environment.ts';
import { tryLock } from './runtime/process-lock.ts';
import { administratorAnnounced, type Credentials, firstAdministrator } from './runtime/run/administrator.ts';
import { newSecret } from './runtime/run/secrets.ts';
import { type Marquee, startMarquee, type UnexpectedExit } from './runtime/run/stack.ts';

const { dataDir } = environment;

/** Why Marquee ends: somebody asked for it, or a part ended by itself. */
type Ending = { readonly signal: NodeJS.Signals } | { readonly exit: UnexpectedExit };

const localKey = `mk_local_${newSecret()}`;
const ending = Promise.withResolvers<Ending>();
/** Where `npm run demo` and other tools of this machine's owner find the running system. */
const localFile = join(dataDir, 'local.json');
let ready = false;

/** npm passes on a Ctrl-C that the terminal has sent us already: only what comes later than this is a second one. */
const repeatedAfterMilliseconds = 1_000;

function handleSignals(): void {
  let askedAt: number | undefined;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      const now = performance.now();
      // Before everything runs there is nothing to drain; and who asks twice does not want to wait. The reaper ends the parts.
      if (!ready || (askedAt !== undefined && now - askedAt > repeatedAfterMilliseconds)) {
        console.log(`Stopping at once (${signal}).`);
        process.exit(1);
      }
      askedAt ??= now;
      ending.resolve({ signal });
    });
  }
}

function start(administrator: Readonly<Record<string, string>>): Promise<Marquee> {
  const port = environment.publicPort;
  return startMarquee({
    dataDir,
    defaultPorts: true,
    ...(port === undefined ? {} : { publicPort: Number(port) }),
    environment: { ...administrator, MARQUEE_LOCAL_KEY: localKey },
    onLog: (line) => console.log(`  ${line}`),
    onUnexpectedExit: (exit) => ending.resolve({ exit }),
  });
}

function greet({ url, sidecar, backing }: Marquee, administrator: Credentials | undefined): void {
  const { email, password } = administrator ?? { email: '<e-mail>', password: '<password>' };
  const shown = administrator && [`Administrator  ${email}`, `Password       ${password}   (shown this once)`, ''];
  const lines = [
    `Marquee runs at ${url}`,
    '',
    `API reference  ${url}/docs`,
    `Health         ${url}/readyz`,
    `Dapr sidecar   ${sidecar.url}   app-id ${sidecar.appId}`,
    `Documents      ${backing.documents.name}`,
    `Data and logs  ${dataDir}`,
    '',
    ...(shown ?? []),
    'Try next:',
    `  curl ${url}/v1/auth/token -d grant_type=password -d username=${email} -d password=${password}`,
    '  npm run demo    a year of a subscription, in seconds',
    '',
    'Ctrl-C stops everything.',
  ];
  console.log(`\n${lines.join('\n')}\n`);
}

function explain(end: Ending): void {
  if ('signal' in end) console.log(`Stopping (${end.signal}).`);
  else console.error(`${end.exit.part} ${end.exit.how}; stopping the rest. Its last lines:\n${end.exit.lastLines}`);
}

async function main(): Promise<number> {
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
  console.log('Preparing and starting Marquee');
  const marquee = await start(administrator.environment);
  ready = true;
  writeFileSync(localFile, JSON.stringify({ url: marquee.url, key: localKey }), { mode: 0o600 });
  greet(marquee, administrator.announce);
  if (administrator.announce) administratorAnnounced(dataDir);
  const end = await ending.promise;
  explain(end);
  rmSync(localFile, { force: true });
  await marquee.stop();
  lock.release();
  return 'signal' in end ? 0 : 1;
}

handleSignals();
process.exitCode = await main().catch((error: unknown) => {
  console.error(`Marquee did not start: ${error instanceof Error ? error.message : error}`);
  return 1;
});
