import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { plainEnvironment } from '../environment.ts';
import type { DaprBinaries } from '../obtain/dapr-binaries.ts';
import { Child, type Supervision, supervisionOf } from './child.ts';
import { freePort } from './ports.ts';

export type ControlPlanePart = { readonly address: string; readonly healthUrl: string; readonly child: Child };

export type ControlPlaneOptions = {
  readonly binaries: DaprBinaries;
  readonly dataDir: string;
  readonly port: number;
} & Supervision;

const loopback = '127.0.0.1';

/** Arguments of both programs. */
async function commonArguments(port: number, healthPort: number): Promise<string[]> {
  const listen = ['--listen-address', loopback, '--port', String(port)];
  const health = ['--healthz-listen-address', loopback, '--healthz-port', String(healthPort)];
  const metrics = ['--metrics-listen-address', loopback, '--metrics-port', String(await freePort())];
  return [...listen, ...health, ...metrics, '--log-as-json'];
}

/**
 * Starts placement, which tells sidecars which of them hosts which actor. It stores nothing: the
 * sidecars report to it.
 */
export async function startPlacement(options: ControlPlaneOptions): Promise<ControlPlanePart> {
  const [healthPort, raftPort] = [await freePort(), await freePort()];
  const healthUrl = `http://${loopback}:${healthPort}/healthz`;
  const child = await Child.start({
    name: 'placement',
    command: options.binaries.placement,
    arguments: [
      ...(await commonArguments(options.port, healthPort)),
      ...['--id', 'placement', '--initial-cluster', `placement=${loopback}:${raftPort}`],
      // Serves its tables to operators at /placement/state.
      '--metadata-enabled',
    ],
    environment: plainEnvironment(),
    dataDir: options.dataDir,
    readiness: { url: healthUrl },
    ...supervisionOf(options),
  });
  return { address: `${loopback}:${options.port}`, healthUrl, child };
}

/** Starts the scheduler, which stores the actors' reminders in `dataDir`. */
export async function startScheduler(options: ControlPlaneOptions): Promise<ControlPlanePart & { readonly dataDir: string }> {
  const dataDir = join(options.dataDir, 'scheduler');
  const [healthPort, peerPort, clientPort] = [await freePort(), await freePort(), await freePort()];
  const healthUrl = `http://${loopback}:${healthPort}/healthz`;
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const child = await Child.start({
    name: 'scheduler',
    command: options.binaries.scheduler,
    arguments: [
      ...(await commonArguments(options.port, healthPort)),
      ...['--id', 'scheduler', '--etcd-initial-cluster', `scheduler=http://${loopback}:${peerPort}`],
      ...['--etcd-client-port', String(clientPort), '--etcd-client-listen-address', loopback, '--etcd-data-dir', dataDir],
      ...['--override-broadcast-host-port', `${loopback}:${options.port}`],
      ...['--identity-directory-write', join(options.dataDir, 'run', 'identity')],
    ],
    environment: plainEnvironment(),
    dataDir: options.dataDir,
    readiness: { url: healthUrl },
    ...supervisionOf(options),
  });
  return { address: `${loopback}:${options.port}`, healthUrl, dataDir, child };
}
