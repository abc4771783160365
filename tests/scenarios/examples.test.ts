import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import test, { type ExecutionContext } from 'ava';
import { projectDirectory } from '../../dapr/runtime/directories.ts';
import { plainEnvironment } from '../../dapr/runtime/environment.ts';
import { Child } from '../../dapr/runtime/run/child.ts';
import { freePort } from '../../dapr/runtime/run/ports.ts';
import { redisComponentEnvironment } from '../../dapr/runtime/run/redis.ts';
import { newTokens } from '../../dapr/runtime/run/sidecar.ts';
import { advance, bodyOf, eventually } from '../support/api-client.ts';
import { makeCustomer, makePlan } from '../support/marquee.ts';
import { sharedMarquee } from '../support/shared-marquee.ts';

/** Runs an example from the command line, against the shared Marquee. It ends with the test. */
async function run(t: ExecutionContext, example: string, environment: Readonly<Record<string, string>> = {}): Promise<ChildProcess> {
  const { url, client } = await sharedMarquee();
  const child = spawn(process.execPath, [join(projectDirectory, 'examples', example, 'main.ts')], {
    env: { ...plainEnvironment(), MARQUEE_URL: url, MARQUEE_API_KEY: client.token, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.teardown(() => child.kill());
  return child;
}

/** All output of the child so far. */
function printedBy({ stdout }: ChildProcess): () => string {
  let printed = '';
  stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    printed += chunk;
  });
  return () => printed;
}

test.serial(
  'given the example of a year on a test clock, when it runs, then it prints each invoice, the change of plan and the end',
  async (t) => {
    const year = await run(t, 'test-clock-year');
    const [printed, [exitCode]] = await Promise.all([text(year.stdout as NodeJS.ReadableStream), once(year, 'exit')]);

    t.is(exitCode, 0);
    const invoices = printed.split('\n').filter((line) => /^MQ-\S+ /.test(line));
    t.deepEqual(
      invoices.map((line) => line.replace(/^MQ-\S+ +/, '')),
      [
        '2026-01-31    €9.99  paid',
        '2026-02-28    €9.99  paid',
        '2026-03-31    €9.99  paid',
        '2026-04-30    €9.99  paid',
        '2026-05-31    €9.99  paid',
        '2026-06-15    €4.00  paid',
        '2026-06-30   €17.99  paid',
        '2026-07-31   €17.99  paid',
        '2026-08-31   €17.99  paid',
        '2026-09-30   €17.99  paid',
        '2026-10-31   €17.99  paid',
      ],
    );
    t.true(printed.includes('    -€5.00  Basic, 2026-06-15 to 2026-06-30\n'), 'the unused half of the month is credited');
    t.true(printed.includes('     €9.00  Premium, 2026-06-15 to 2026-06-30\n'));
    t.true(printed.endsWith('The subscription is cancelled since 2026-11-30.\n'));
  },
);

type SignUpForm = { readonly formId: string; readonly name: string; readonly email: string; readonly cardToken: string };

async function startSignUpApp(t: ExecutionContext) {
  const port = await freePort();
  const printed = printedBy(await run(t, 'sign-up-app', { PORT: String(port) }));
  await eventually('the app', async () => printed().includes('Sign up at'));
  const url = `http://127.0.0.1:${port}`;
  const pageOf = async (response: Response) => ({ status: response.status, html: await response.text() });
  const get = async (path: string) => pageOf(await fetch(url + path));
  return {
    get,
    formId: async () => /name="formId" value="([^"]+)"/.exec((await get('/')).html)?.[1] ?? '',
    submit: async (form: SignUpForm) => pageOf(await fetch(`${url}/sign-up`, { method: 'POST', body: new URLSearchParams(form) })),
  };
}

test.serial(
  'given the sign-up app, when a form is sent several times, then the customer is signed up once and is shown their entitlements',
  async (t) => {
    const { client } = await sharedMarquee();
    const app = await startSignUpApp(t);
    const formId = await app.formId();
    const ada = { formId, name: 'Ada', email: 'ada@example.com', cardToken: 'tok_ok' };

    t.like(await app.get(`/watch/cus_${formId}`), { status: 403 });
    const first = await app.submit(ada);
    t.is(first.status, 200);
    t.regex(first.html, /You may watch on 2 screens until \d{4}-\d{2}-\d{2}T/);
    t.deepEqual(await app.submit(ada), first, 'a second click changes nothing');
    await eventually('access', async () => (await app.get(`/watch/cus_${formId}`)).status === 200);

    const { data: invoices } = bodyOf(await client.get(`/v1/invoices?customerId=cus_${formId}`));
    t.is(invoices.length, 1);
    t.like(invoices[0], { status: 'paid', total: 999 });
  },
);

test.serial('given the sign-up app, when the card is declined, then it gives no access and shows the reason', async (t) => {
  const app = await startSignUpApp(t);
  const formId = await app.formId();
  const bob = { formId, name: 'Bob', email: 'bob@example.com', cardToken: 'tok_declined' };

  t.like(await app.submit(bob), { status: 402 });
  t.like(await app.get(`/watch/cus_${formId}`), { status: 403 });
  const refused = await app.submit({ ...bob, formId: await app.formId(), email: 'nowhere' });
  t.is(refused.status, 422);
  t.regex(refused.html, /not valid/);
});

/**
 * A separate process with its own sidecar, with the component of the example and only the broker of
 * Marquee.
 */
async function startSubscriber(t: ExecutionContext): Promise<{ readonly url: string; readonly printed: () => string }> {
  const { backing, dataDir } = await sharedMarquee();
  const [appPort, http, grpc, internal, metrics] = await Promise.all(Array.from({ length: 5 }, () => freePort()));
  const tokens = newTokens();
  const printed = printedBy(await run(t, 'event-subscriber', { APP_PORT: String(appPort), APP_API_TOKEN: tokens.application }));
  const sidecar = await Child.start({
    name: 'daprd-renewal-watcher',
    command: backing.prepared.dapr.daprd,
    arguments: [
      ...['--app-id', 'renewal-watcher', '--app-port', String(appPort), '--app-channel-address', '127.0.0.1'],
      ...['--dapr-listen-addresses', '127.0.0.1', '--dapr-http-port', String(http), '--dapr-grpc-port', String(grpc)],
      ...['--dapr-internal-grpc-listen-address', '127.0.0.1', '--dapr-internal-grpc-port', String(internal)],
      ...['--metrics-listen-address', '127.0.0.1', '--metrics-port', String(metrics)],
      ...['--resources-path', join(projectDirectory, 'examples', 'event-subscriber', 'components')],
      ...['--config', join(projectDirectory, 'dapr', 'config.yaml')],
    ],
    environment: {
      ...plainEnvironment(),
      ...redisComponentEnvironment(backing.redis.url),
      APP_API_TOKEN: tokens.application,
      DAPR_HOST_IP: '127.0.0.1',
    },
    dataDir,
    readiness: { url: `http://127.0.0.1:${http}/v1.0/healthz` },
  });
  t.teardown(() => sidecar.stop());
  return { url: `http://127.0.0.1:${appPort}`, printed };
}

test.serial(
  'given the subscriber example, when renewals are delivered, then it stores each one once, those from before its start too, and accepts them from no other sender',
  async (t) => {
    const { client } = await sharedMarquee();
    await makePlan(client, 'plan_watched');
    bodyOf(await client.post('/v1/test-clocks', { id: 'tc_watched', now: '2026-01-31T12:00:00Z' }));
    await makeCustomer(client, 'cus_watched', { testClock: 'tc_watched' });
    bodyOf(await client.post('/v1/subscriptions', { id: 'sub_watched', customerId: 'cus_watched', planId: 'plan_watched' }));
    await advance(client, 'tc_watched', '2026-03-01T12:00:00Z');

    const { url, printed } = await startSubscriber(t);
    await advance(client, 'tc_watched', '2026-04-01T12:00:00Z');

    type Renewal = { readonly subscription: string; readonly customer: string; readonly paidThrough: string };
    const renewals = await eventually('two renewals', async () => {
      const all = (await (await fetch(`${url}/renewals`)).json()) as Renewal[];
      const watched = all.filter(({ subscription }) => subscription === 'sub_watched');
      return watched.length >= 2 && watched;
    });
    t.deepEqual(renewals.map(({ paidThrough }) => paidThrough).sort(), ['2026-03-31T11:00:00.000Z', '2026-04-30T11:00:00.000Z']);
    t.is(printed().match(/^sub_watched of cus_watched renewed, paid through /gm)?.length, 2);
    t.is((await fetch(`${url}/renewed`, { method: 'POST', body: '{}' })).status, 401);
  },
);

test.serial('given the calls of the README, when they are sent as they are printed, then they lead to a paid invoice', async (t) => {
  const { url, client } = await sharedMarquee();
  const readme = await readFile(join(projectDirectory, 'README.md'), 'utf8');
  const calls = [...readme.matchAll(/^```\n(curl [\s\S]*?)^```/gm)].map(([, block = '']) => block).join('\n');
  t.is(calls.match(/^curl/gm)?.length, 4);
  const script = calls.replaceAll(/^curl/gm, 'curl --silent --fail-with-body').replaceAll('localhost:8080', url);
  const environment = { ...plainEnvironment(), H: `authorization: Bearer ${client.token}`, J: 'content-type: application/json' };
  const { stdout } = await promisify(execFile)('sh', ['-ec', script], { env: environment });

  t.regex(stdout, /"status":"active"/);
  const { data: invoices } = bodyOf(await client.get('/v1/invoices?customerId=cus_1'));
  t.like(invoices, [{ status: 'paid', total: 999 }]);
});

/**
 * `npm run acceptance` runs all cases; these are of a fixed term, a trial, a credit and a leap
 * year.
 */
test.serial('worked cases hold when an outside client runs them through the public API', async (t) => {
  const { url, administrator } = await sharedMarquee();
  const client = join(projectDirectory, 'tests', 'examples', 'client.mjs');
  const cases = ['KB-25', 'LG-15', 'LG-18', 'MT-12'];
  const running = spawn(process.execPath, [client, url, administrator.email, administrator.password, ...cases], {
    env: plainEnvironment(),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [printed, [exitCode]] = await Promise.all([text(running.stdout), once(running, 'exit')]);

  t.regex(printed, /^4 of 4$/m, printed);
  t.is(exitCode, 0);
});
