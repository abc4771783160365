import { join } from 'node:path';
import { projectDirectory } from '../directories.ts';
import { plainEnvironment } from '../environment.ts';
import type { Backing } from './backing.ts';
import { Child, type Supervision, supervisionOf } from './child.ts';
import { freePort } from './ports.ts';
import { redisComponentEnvironment } from './redis.ts';
import { newSecret } from './secrets.ts';

export type SidecarPorts = { readonly http: number; readonly grpc: number };

/**
 * The token that callers send to the sidecar, and the token that the sidecar sends to the
 * application.
 */
export type SidecarTokens = { readonly sidecar: string; readonly application: string };

export type SidecarOptions = {
  readonly appId: string;
  /** Names its log; several sidecars of one app-id need different names. */
  readonly name?: string;
  /**
   * The port on which the application serves its sidecar; without it the sidecar only serves its
   * callers.
   */
  readonly appPort?: number;
  readonly httpPort?: number;
  readonly grpcPort?: number;
  /** New ones when absent. */
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

/**
 * Sidecars that start together on a new database all create its tables; those that lose this race
 * exit (Dapr 1.18).
 */
const tableRace = /\(SQLSTATE (42P07|42710|23505)\)/;

export const newTokens = (): SidecarTokens => ({ sidecar: newSecret(), application: newSecret() });

/** Ports of a sidecar: Dapr's usual ones where they are requested and free, else any free ones. */
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
    // Above the limit of the application, so that the application refuses a body, with a reason.
    ...['--max-body-size', '8Mi'],
    ...['--metrics-listen-address', loopback, '--metrics-port', String(metricsPort), '--log-as-json'],
  ];
}

/**
 * Starts a daprd for one application on loopback. Resolves when it is ready, which includes its
 * application. It may be started before the application: it waits for the application's port.
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
        // The address at which other sidecars find this one; daprd would choose one that faces the
        // network.
        DAPR_HOST_IP: loopback,
        // daprd allocates much and keeps little: collecting a quarter as often costs only some
        // megabytes.
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
