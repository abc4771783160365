import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { projectDirectory } from '../../dapr/runtime/directories.ts';
import { plainEnvironment } from '../../dapr/runtime/environment.ts';
import { prepareDapr } from '../../dapr/runtime/obtain/prepare.ts';
import { Child } from '../../dapr/runtime/run/child.ts';
import { freePort } from '../../dapr/runtime/run/ports.ts';

/** A real sidecar with the cluster's Configuration and nothing beside it; answers its URL. */
async function startSidecar(t: ExecutionContext): Promise<string> {
  const { daprd } = await prepareDapr();
  const dataDir = await mkdtemp(join(tmpdir(), 'marquee-sidecar-'));
  const [http, grpc, internal, metrics] = [await freePort(), await freePort(), await freePort(), await freePort()];
  const url = `http://127.0.0.1:${http}`;
  const child = await Child.start({
    name: 'daprd',
    command: daprd,
    arguments: [
      ...['--app-id', 'marquee', '--config', join(projectDirectory, 'k8s', 'base', 'configuration.yaml')],
      ...['--dapr-listen-addresses', '127.0.0.1', '--dapr-http-port', String(http), '--dapr-grpc-port', String(grpc)],
      ...['--dapr-internal-grpc-listen-address', '127.0.0.1', '--dapr-internal-grpc-port', String(internal)],
      ...['--metrics-listen-address', '127.0.0.1', '--metrics-port', String(metrics)],
    ],
    environment: plainEnvironment(),
    dataDir,
    readiness: { url: `${url}/v1.0/healthz` },
  });
  t.teardown(async () => {
    await child.stop();
    await rm(dataDir, { recursive: true });
  });
  return url;
}

/**
 * Dapr has no route for what the Configuration does not allow, and then takes the call for one to
 * another application.
 */
const isOffered = async (url: string, method: string, path: string): Promise<boolean> => {
  const response = await fetch(`${url}/v1.0/${path}`, { method });
  const { errorCode, message } = (await response.json()) as { errorCode?: string; message?: string };
  return !(errorCode === 'ERR_DIRECT_INVOKE' && message?.startsWith('failed getting app id'));
};

test('a sidecar in the cluster allows every call that Marquee makes', async (t) => {
  const url = await startSidecar(t);
  t.true(await isOffered(url, 'GET', 'metadata'));
  t.true(await isOffered(url, 'POST', 'publish/bulk/pubsub/events'));
  t.true(await isOffered(url, 'POST', 'invoke/marquee-auth/method/internal/auth/keys'));
  t.true(await isOffered(url, 'PUT', 'actors/Subscription/sub_1/method/get'));
  t.true(await isOffered(url, 'PUT', 'actors/Subscription/sub_1/reminders/renewal'));
});

test('a sidecar in the cluster allows no other call', async (t) => {
  const url = await startSidecar(t);
  t.false(await isOffered(url, 'GET', 'state/statestore/marquee||Subscription||sub_1||agg'));
  t.false(await isOffered(url, 'GET', 'secrets/kubernetes/marquee-app-token'));
  t.false(await isOffered(url, 'POST', 'bindings/any'));
  t.false(await isOffered(url, 'POST', 'shutdown'));
});
