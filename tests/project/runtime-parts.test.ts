import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { arch, tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { run } from '../../dapr/runtime/command.ts';
import { obtainRelease } from '../../dapr/runtime/obtain/dapr-binaries.ts';
import { isRunning } from '../../dapr/runtime/process-identity.ts';
import { tryLock } from '../../dapr/runtime/process-lock.ts';
import { administratorAnnounced, firstAdministrator } from '../../dapr/runtime/run/administrator.ts';
import { Child } from '../../dapr/runtime/run/child.ts';
import { exactPort, freePort } from '../../dapr/runtime/run/ports.ts';
import { awaitPredecessors, readRunRecords } from '../../dapr/runtime/run/run-record.ts';

async function temporaryFolder(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'marquee-test-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function listening(t: ExecutionContext, server: Server): Promise<number> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.teardown(() => server.close());
  return (server.address() as AddressInfo).port;
}

/**
 * A release server with a small program in the place of each program of Dapr; `spoil` is the
 * program whose archive does not match its checksum.
 */
async function releases(t: ExecutionContext, spoil?: string): Promise<string> {
  const folder = await temporaryFolder(t);
  const platform = `${process.platform}_${arch() === 'x64' ? 'amd64' : arch()}`;
  const files = new Map<string, Buffer | string>();
  for (const program of ['daprd', 'placement', 'scheduler']) {
    await writeFile(join(folder, program), `#!/bin/sh\necho the real ${program}\n`, { mode: 0o755 });
    await run('tar', ['-czf', join(folder, 'archive'), '-C', folder, program]);
    const archive = await readFile(join(folder, 'archive'));
    const path = `/v1.18.1/${program}_${platform}.tar.gz`;
    files.set(`${path}.sha256`, `${createHash('sha256').update(archive).digest('hex')} *release/${program}_${platform}.tar.gz\n`);
    files.set(path, program === spoil ? Buffer.concat([archive, Buffer.from('!')]) : archive);
  }
  const port = await listening(
    t,
    createServer((request, response) => {
      const file = files.get(request.url ?? '');
      response.writeHead(file === undefined ? 404 : 200).end(file);
    }),
  );
  return `http://127.0.0.1:${port}`;
}

test('release archives with matching checksums are unpacked', async (t) => {
  const folder = await temporaryFolder(t);
  const { value } = await obtainRelease(await releases(t), folder);
  t.is(await run(value.scheduler, []), 'the real scheduler\n');
});

test('a release archive with a wrong checksum is refused and leaves no file', async (t) => {
  const folder = await temporaryFolder(t);
  await t.throwsAsync(obtainRelease(await releases(t, 'scheduler'), folder), { message: /refused/ });
  t.deepEqual(await readdir(folder), []);
});

test('a missing release is an error that names the requested file', async (t) => {
  const port = await listening(
    t,
    createServer((_, response) => response.writeHead(404).end()),
  );
  await t.throwsAsync(obtainRelease(`http://127.0.0.1:${port}`, await temporaryFolder(t)), { message: /daprd_.* answered 404/ });
});

test('a default port that is in use is replaced, and a required one is refused', async (t) => {
  const taken = await listening(t, createServer());
  const port = await freePort(taken);
  t.not(port, taken);
  await t.throwsAsync(exactPort(taken), { message: new RegExp(`Port ${taken}`) });
  await t.throwsAsync(exactPort(Number.NaN), { message: /1 to 65535/ });
});

test('a port that one process has chosen is given to no other process while it runs', async (t) => {
  const ports = join(import.meta.dirname, '..', '..', 'dapr', 'runtime', 'run', 'ports.ts');
  const sameLuck = `let drawn = ${Math.random()}; Math.random = () => (drawn = (drawn + 0.137) % 1);`;
  const program = `${sameLuck} const { freePort } = await import(${JSON.stringify(ports)}); console.log(await freePort()); process.stdin.resume();`;
  const begin = async () => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['pipe', 'pipe', 'inherit'] });
    t.teardown(() => child.kill());
    const [line] = await once(child.stdout, 'data');
    return { child, port: Number(String(line)) };
  };
  const first = await begin();
  t.not((await begin()).port, first.port);

  const ended = once(first.child, 'exit');
  first.child.kill('SIGKILL');
  await ended;

  t.is((await begin()).port, first.port, 'what a killed process held is free again');
});

test('a lock has one holder at a time, and the lock of a dead holder is free', async (t) => {
  const file = join(await temporaryFolder(t), 'lock');
  const lock = tryLock(file);
  t.deepEqual(tryLock(file), { heldBy: process.pid });
  if ('release' in lock) lock.release();
  // The number of an earlier process: the same number, another start.
  await writeFile(file, JSON.stringify({ pid: process.pid, startedAt: '1' }));
  t.true('release' in tryLock(file));
});

test('the first administrator is announced at each start until one start has shown it, and then removed', async (t) => {
  const folder = await temporaryFolder(t);
  const first = firstAdministrator(folder, {});
  t.truthy(first.announce?.password);
  t.deepEqual(firstAdministrator(folder, {}), first);
  administratorAnnounced(folder);
  t.deepEqual(firstAdministrator(folder, {}), { environment: {} });
  t.false((await readFile(join(folder, 'administrator.json'), 'utf8')).includes(first.announce?.password ?? '-'));
});

test('a configured administrator is passed to the application at every start and never shown', async (t) => {
  const folder = await temporaryFolder(t);
  const given = { email: 'root@example.com', password: 'given' };
  const expected = { environment: { MARQUEE_ADMIN_EMAIL: 'root@example.com', MARQUEE_ADMIN_PASSWORD: 'given' } };
  t.deepEqual(firstAdministrator(folder, given), expected);
  t.deepEqual(firstAdministrator(folder, given), expected);
});

/** A part that runs the script in Node and is ready when the script prints so. */
function part(
  dataDir: string,
  script: string,
  more: { onUnexpectedExit?: (exit: { part: string; how: string }) => void } = {},
): Promise<Child> {
  return Child.start({
    name: 'part',
    command: process.execPath,
    arguments: ['-e', script],
    environment: {},
    dataDir,
    readiness: { logLine: 'ready' },
    stopWithinSeconds: 1,
    ...more,
  });
}

test('a part that does not end is killed after its time limit', async (t) => {
  const child = await part(await temporaryFolder(t), "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); console.log('ready')");
  await child.stop();
  t.false(child.isRunning);
});

test('a part that ends before it is ready is reported with its last log lines', async (t) => {
  await t.throwsAsync(part(await temporaryFolder(t), "console.log('no disk'); process.exit(3)"), {
    message: /ended with exit code 3 before it was ready:\nno disk/,
  });
});

test('an unexpected end is reported, and a requested one is not', async (t) => {
  const reported: string[] = [];
  const folder = await temporaryFolder(t);
  const child = await part(folder, "setInterval(() => {}, 1000); console.log('ready')", {
    onUnexpectedExit: (exit) => reported.push(`${exit.part} ${exit.how}`),
  });
  await child.restart();
  t.deepEqual(reported, []);
  process.kill(child.pid, 'SIGKILL');
  await child.ended();
  t.deepEqual(reported, ['part was ended by SIGKILL']);
});

test('a start waits for the processes that a dead supervisor left on the same data', async (t) => {
  const folder = await temporaryFolder(t);
  const predecessor = await part(
    folder,
    "process.on('SIGTERM', () => setTimeout(process.exit, 500)); setInterval(() => {}, 1000); console.log('ready')",
  );
  const [record] = readRunRecords(folder);
  predecessor.signal('SIGTERM');
  await awaitPredecessors(folder);
  t.is(record?.pid, predecessor.pid);
  t.false(record && isRunning(record));
});
