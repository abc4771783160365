import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import anyTest, { type TestFn } from 'ava';
import { isRunning } from '../../dapr/runtime/process-identity.ts';
import { readRunRecords } from '../../dapr/runtime/run/run-record.ts';
import { type Group, type Marquee, startMarquee, type UnexpectedExit } from '../../dapr/runtime/run/stack.ts';

const entry = fileURLToPath(new URL('../support/stand-in-application.ts', import.meta.url));
const stack = new URL('../../dapr/runtime/run/stack.ts', import.meta.url).href;

type Context = { marquee: Marquee; actors: Group; payment: Group; dataDir: string; exits: UnexpectedExit[] };
const test = anyTest as TestFn<Context>;

type Seen = { events: { test: string }[]; reminders: string[]; calls: string[] };

const seenBy = async (url: string): Promise<Seen> => (await fetch(`${url}/seen`)).json() as Promise<Seen>;

async function until(condition: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await condition())) await pause(20);
}

function ask({ sidecar }: { sidecar: Group['sidecar'] }, path: string, body?: unknown): Promise<Response> {
  const headers = { 'dapr-api-token': sidecar.tokens.sidecar, 'content-type': 'application/json' };
  const request = body === undefined ? { headers } : { headers, method: 'POST', body: JSON.stringify(body) };
  return fetch(`${sidecar.url}/v1.0/${path}`, request);
}

const newFolder = () => mkdtemp(join(tmpdir(), 'marquee-test-'));

test.before(async (t) => {
  const dataDir = await newFolder();
  const exits: UnexpectedExit[] = [];
  const groups = [['actors', 'subscription'], ['payment']];
  const marquee = await startMarquee({ dataDir, entry, groups, onUnexpectedExit: (exit) => exits.push(exit) });
  const [actors, payment] = marquee.groups;
  if (payment === undefined) throw new Error('two groups were asked for');
  t.context = { marquee, actors, payment, dataDir, exits };
});

test.after.always(async (t) => {
  await t.context.marquee?.stop();
  if (t.context.dataDir) await rm(t.context.dataDir, { recursive: true, force: true });
});

test.serial('state, an event and a reminder pass through the sidecar', async (t) => {
  const { actors, payment } = t.context;
  t.is((await ask(actors, 'state/statestore', [{ key: 'kept', value: { amount: 1099 } }])).status, 204);
  t.deepEqual(await (await ask(actors, 'state/statestore/kept')).json(), { amount: 1099 });

  t.is((await ask(actors, 'publish/pubsub/events', { test: 'passes' })).status, 204);
  // Each app-id is a consumer of its own: both groups receive the event.
  for (const { url } of [actors, payment]) await until(async () => (await seenBy(url)).events.some((event) => event.test === 'passes'));

  t.is((await ask(actors, 'actors/StandIn/7/reminders/due', { dueTime: '0s', period: '15m' })).status, 204);
  await until(async () => (await seenBy(actors.url)).reminders.includes('/actors/StandIn/7/method/remind/due'));
});

test.serial('an actor and a service are reached through the sidecar of another application', async (t) => {
  const { actors, payment } = t.context;
  t.deepEqual(await (await ask(payment, 'actors/StandIn/1/method/hello', {})).json(), { by: 'marquee' });
  t.deepEqual(await (await ask(actors, 'invoke/marquee-payment/method/hello', {})).json(), { by: 'marquee-payment' });
  t.deepEqual(await (await ask(payment, 'invoke/marquee/method/hello', {})).json(), { by: 'marquee' });
});

test.serial('a sidecar refuses callers without its token', async (t) => {
  const { sidecar } = t.context.actors;
  t.is((await fetch(`${sidecar.url}/v1.0/state/statestore/kept`)).status, 401);
});

test.serial('a part that is killed restarts on its port and data', async (t) => {
  const { marquee, actors, exits } = t.context;
  await ask(actors, 'state/statestore', [{ key: 'durable', value: 1 }]);
  // Not the scheduler: a killed one leaves a lease of 20 s in its store, for which the next one
  // waits.
  const behind = marquee.backing.children.filter((part) => part !== marquee.backing.scheduler.child);
  const before = [actors.sidecar.child, actors.application];
  await Promise.all([...behind, ...before].map((part) => part.kill()));
  t.false([...behind, ...before].some((part) => part.isRunning));
  // A sidecar ends when it finds no state store at its start.
  for (const parts of [behind, before]) await Promise.all(parts.map((part) => part.restart()));
  t.deepEqual(await (await ask(actors, 'state/statestore/durable')).json(), 1);
  t.is((await ask(actors, 'publish/pubsub/events', { test: 'revived' })).status, 204);
  await until(async () => (await seenBy(actors.url)).events.some((event) => event.test === 'revived'));
  t.deepEqual(exits, []);
});

test.serial('the scheduler starts with no data when its data is lost', async (t) => {
  const { marquee, actors } = t.context;
  const { scheduler } = marquee.backing;
  await scheduler.child.kill();
  await rm(scheduler.dataDir, { recursive: true });
  await scheduler.child.restart();
  const arm = () => ask(actors, 'actors/StandIn/8/reminders/again', { dueTime: '0s', period: '15m' });
  await until(async () => (await arm()).status === 204);
  await until(async () => (await seenBy(actors.url)).reminders.includes('/actors/StandIn/8/method/remind/again'));
  t.pass();
});

test.serial('a second Marquee runs next to the first, and leaves no process when it ends', async (t) => {
  const { actors, payment } = t.context;
  const dataDir = await newFolder();
  const second = await startMarquee({ dataDir, entry });
  t.teardown(() => rm(dataDir, { recursive: true, force: true }));
  const processes = readRunRecords(dataDir);
  t.true(processes.length >= 5 && processes.every(isRunning));
  await ask(second, 'publish/pubsub/events', { test: 'second' });
  await until(async () => (await seenBy(second.url)).events.some((event) => event.test === 'second'));
  t.deepEqual(await (await ask(second, 'invoke/marquee/method/hello', {})).json(), { by: 'marquee' });
  await second.stop();
  t.false(processes.some(isRunning));
  t.deepEqual(readRunRecords(dataDir), []);
  for (const { url } of [actors, payment]) t.false((await seenBy(url)).events.some((event) => event.test === 'second'));
});

test.serial('when an application cannot start, everything else is stopped', async (t) => {
  const dataDir = await newFolder();
  t.teardown(() => rm(dataDir, { recursive: true, force: true }));
  const failure = await t.throwsAsync(startMarquee({ dataDir, entry: join(dataDir, 'absent.ts') }));
  t.regex(failure?.message ?? '', /marquee ended with exit code 1 before it was ready:[\s\S]*absent\.ts/);
  t.deepEqual(readRunRecords(dataDir), []);
});

test.serial('no process survives a supervisor that is killed, and the next start finds all data', async (t) => {
  const dataDir = await newFolder();
  t.teardown(() => rm(dataDir, { recursive: true, force: true }));
  const script = `const { startMarquee } = await import(${JSON.stringify(stack)});
    const { sidecar } = await startMarquee(${JSON.stringify({ dataDir, entry })});
    console.log(JSON.stringify({ url: sidecar.url, token: sidecar.tokens.sidecar }));`;
  const supervisor = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(supervisor.stdout, 'data');
  const { url, token } = JSON.parse(String(line));
  const headers = { 'dapr-api-token': token, 'content-type': 'application/json' };
  await fetch(`${url}/v1.0/state/statestore`, { method: 'POST', headers, body: '[{"key":"before","value":1}]' });
  const processes = readRunRecords(dataDir);
  t.true(processes.length >= 5 && processes.every(isRunning));

  supervisor.kill('SIGKILL');
  const next = await startMarquee({ dataDir, entry });
  t.false(processes.some(isRunning));
  t.deepEqual(await (await ask(next, 'state/statestore/before')).json(), 1);
  await next.stop();
});
