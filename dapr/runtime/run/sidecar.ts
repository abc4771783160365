import { join } from 'node:path';
import { projectDirectory } from '../directories.ts';
import { plainEnvironment } from '../environment.ts';
import type { Backing } from './backing.ts';
import { Child, type Supervision, supervisionOf } from './child.ts';
import { freePort } from './ports.ts';
import { redisComponentEnvironment } from './redis.ts';
import { newSecret } from './secrets.ts';

export type SidecarPorts = { readonly http: number; readonly grpc: number };

/** What a caller must show the sidecar, and what the sidecar shows the application. */
export type SidecarTokens = { readonly sidecar: string; readonly application: string };

export type SidecarOptions = {
  readonly appId: string;
  /** For its log; several sidecars of one app-id need a name each. */
  readonly name?: string;
  /** Where the application answers the sidecar; without it the sidecar serves only those who call it. */
  readonly appPort?: number;
  readonly httpPort?: number;
  readonly grpcPort?: number;
  /** Made when not given. */
  readonly tokens?: SidecarTokens;
} & Supervision;

export type Sidecar = {
  readonly appId: string;
  readonly ports: SidecarPorts;
  readonly url: string;
  readonly metricsUrl: string;
  readonly tokens: SidecarTokens;
  readonly child: Child;
};

const loopback = '127.0.0.1';

/** Sidecars that start at once on a new database all create its tables, and those that lose the race, to the table or its type, end themselves (1.18). */
const tableRace = /\(SQLSTATE (42P07|42710|23505)\)/;

export const newTokens = (): SidecarTokens => ({ sidecar: newSecret(), application: newSecret() });

/** Ports of a sidecar: Dapr's own where they are free and asked for, else any free ones. */
export async function sidecarPorts(usual = false): Promise<SidecarPorts> {
  return { http: await freePort(usual ? 3500 : undefined), grpc: await freePort(usual ? 50_001 : undefined) };
}

function daprdArguments(
  backing: Backing,
  { appId, appPort }: SidecarOptions,
  ports: SidecarPorts,
  internalPort: number,
  metricsPort: number,
) {
  const application =
    appPort === undefined ? [] : ['--app-port', String(appPort), '--app-protocol', 'http', '--app-channel-address', loopback];
  return [
    ...['--app-id', appId, ...application],
    ...['--dapr-listen-addresses', loopback, '--dapr-http-port', String(ports.http), '--dapr-grpc-port', String(ports.grpc)],
    ...['--dapr-internal-grpc-listen-address', loopback, '--dapr-internal-grpc-port', String(internalPort)],
    ...['--placement-host-address', backing.placement.address, '--scheduler-host-address', backing.scheduler.address],
    ...['--resources-path', join(projectDirectory, 'components', 'local'), '--resources-path', join(projectDirectory, 'dapr')],
    ...['--config', join(projectDirectory, 'dapr', 'config.yaml')],
    // Above what the application accepts, so that it is the application that refuses a body, with a reason.
    ...['--max-body-size', '8Mi'],
    ...['--metrics-listen-address', loopback, '--metrics-port', String(metricsPort), '--log-as-json'],
  ];
}

/**
 * A daprd for one application on loopback. Resolves when it is ready, with an application not before that answers;
 * it may be started first, it waits for the application's port.
 */
export async function startSidecar(backing: Backing, options: SidecarOptions): Promise<Sidecar> {
  const ports = { http: options.httpPort ?? (await freePort()), grpc: options.grpcPort ?? (await freePort()) };
  const [internalPort, metricsPort] = [await freePort(), await freePort()];
  const tokens = options.tokens ?? newTokens();
  const url = `http://${loopback}:${ports.http}`;
  const start = () =>
    Child.start({
      name: options.name ?? `daprd-${options.appId}`,
      command: backing.prepared.dapr.daprd,
      arguments: daprdArguments(backing, options, ports, internalPort, metricsPort),
      environment: {
        ...plainEnvironment(),
        ...redisComponentEnvironment(backing.redis.url),
        MARQUEE_POSTGRES_URL: backing.postgres.url,
        DAPR_API_TOKEN: tokens.sidecar,
        APP_API_TOKEN: tokens.application,
        // The address under which other sidecars find this one; daprd would look for one that faces the network.
        DAPR_HOST_IP: loopback,
        // It allocates fast and keeps little: collecting a quarter as often costs some megabytes.
        GOGC: '400',
      },
      dataDir: backing.dataDir,
      readiness: { url: `${url}/v1.0/healthz` },
      readyWithinSeconds: 120,
      stopWithinSeconds: 15,
      ...supervisionOf(options),
    });
  const child = await start().catch((error: Error) => {
    if (!tableRace.test(error.message)) throw error;
    return start();
  });
  return { appId: options.appId, ports, url, metricsUrl: `http://${loopback}:${metricsPort}/metrics`, tokens, child };
}
