import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { projectDirectory } from '../../dapr/runtime/directories.ts';
import { inheritedEnvironment } from '../../dapr/runtime/environment.ts';
import { freePort } from '../../dapr/runtime/run/ports.ts';

const program = (...path: readonly string[]) => join(projectDirectory, ...path);

/**
 * Runs a program that is expected to end on its own, with these settings and no others of Marquee.
 */
function runToEnd(file: string, settings: Readonly<Record<string, string>>) {
  const { HOME = '', PATH = '' } = inheritedEnvironment();
  const { status, stdout, stderr } = spawnSync(process.execPath, [file], { env: { HOME, PATH, ...settings }, encoding: 'utf8' });
  return { status, stdout, stderr };
}

test('the application answers wrong settings in one line and exits with 2', (t) => {
  t.deepEqual(runToEnd(program('services', 'main.ts'), { MARQUEE_PORT: 'http' }), {
    status: 2,
    stdout: '',
    stderr: 'Configuration: MARQUEE_PORT must be a whole number from 1 to 65535; APP_API_TOKEN is required\n',
  });
});

test('npm start answers a wrong port in one line and exits with 2', (t) => {
  t.deepEqual(runToEnd(program('dapr', 'up.ts'), { MARQUEE_PORT: '70000', MARQUEE_DATA_DIR: join(tmpdir(), 'marquee-never') }), {
    status: 2,
    stdout: '',
    stderr: 'Configuration: MARQUEE_PORT must be a whole number from 1 to 65535\n',
  });
});

/**
 * Starts Marquee as `npm start` does, outside a terminal. Resolves with its output once it has
 * printed its greeting.
 */
async function startMarquee(dataDir: string) {
  const settings = { MARQUEE_DATA_DIR: dataDir, MARQUEE_PORT: String(await freePort()), MARQUEE_LOG_LEVEL: 'warn' };
  const child = spawn(process.execPath, [program('dapr', 'up.ts')], {
    env: { ...inheritedEnvironment(), ...settings },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  for await (const chunk of child.stdout.setEncoding('utf8').iterator({ destroyOnReturn: false })) {
    output += chunk;
    if (output.endsWith('\n\n') && output.includes('curl')) break;
  }
  child.stdout.resume();
  return { child, output };
}

test('npm start reports its progress line by line, and the commands it prints make a paid subscription', async (t) => {
  const dataDir = await mkdtemp(join(tmpdir(), 'marquee-start-'));
  const { child, output } = await startMarquee(dataDir);
  t.teardown(async () => {
    if (child.exitCode === null) child.kill('SIGKILL');
    await rm(dataDir, { recursive: true, force: true });
  });
  t.regex(output, /^ {2}Dapr: .*$/m);
  t.regex(output, /^ {2}Marquee: starting .*\n {2}Marquee: started, in [\d.]+ s\n/m);
  t.is(output.match(/^ {2}Marquee: /gm)?.length, 2);
  const commands = output.trimEnd().split('\n').slice(-3);

  const answers = commands.map((command) => spawnSync('bash', ['-c', command], { encoding: 'utf8' }).stdout);

  const [plan, customerAndCard, subscription] = answers.map((answer) =>
    answer
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
  );
  t.like(plan?.[0], { id: 'plan_basic' });
  t.like(customerAndCard, { 0: { id: 'cus_ada' }, 1: { customerId: 'cus_ada', default: true }, length: 2 });
  t.like(subscription?.[0], { status: 'active', planId: 'plan_basic', recurringAmount: { amount: 999, currency: 'EUR' } });

  const ended = once(child, 'exit');
  child.kill('SIGINT');
  t.deepEqual(await ended, [0, null]);
});
