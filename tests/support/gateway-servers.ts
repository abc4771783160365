import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { inheritedEnvironment } from '../../dapr/runtime/environment.ts';
import { Child } from '../../dapr/runtime/run/child.ts';
import { freePort } from '../../dapr/runtime/run/ports.ts';
import { obtainGatewayServers } from '../tools/gateway-servers.ts';

export type GatewayServer = { readonly url: string };

const started: Promise<{ readonly child: Child; readonly dataDir: string }>[] = [];

/**
 * Starts Stripe's own mock, which checks requests and remembers nothing. It ends after the tests of
 * the file.
 */
export async function startStripeMock(): Promise<GatewayServer> {
  const { stripeMock } = await obtainGatewayServers();
  const port = await freePort();
  await start('stripe-mock', stripeMock, ['-http-addr', `127.0.0.1:${port}`], { logLine: 'Listening for HTTP' });
  return { url: `http://127.0.0.1:${port}` };
}

/**
 * Starts a Stripe that stores objects, declines cards and requires authentication. It ends after
 * the tests of the file.
 */
export async function startLocalstripe(): Promise<GatewayServer> {
  const { localstripe } = await obtainGatewayServers();
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const programArguments = ['-m', 'localstripe', '--port', String(port), '--from-scratch'];
  await start('localstripe', 'python3', programArguments, { url: `${url}/js.stripe.com/v3/` }, { PYTHONPATH: localstripe });
  return { url };
}

async function start(
  name: string,
  command: string,
  programArguments: readonly string[],
  readiness: { readonly url: string } | { readonly logLine: string },
  environment: Readonly<Record<string, string>> = {},
): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), `marquee-${name}-`));
  const child = Child.start({
    name,
    command,
    arguments: programArguments,
    environment: { ...inheritedEnvironment(), ...environment },
    dataDir,
    readiness,
  });
  started.push(child.then((running) => ({ child: running, dataDir })));
  await child;
}

test.after.always('stop the gateway servers', async () => {
  for (const { child, dataDir } of await Promise.all(started)) {
    await child.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
});
