import { secondsSince } from '../progress.ts';
import { startApplication } from './application.ts';
import { type Backing, type BackingOptions, startBackingServices } from './backing.ts';
import type { Child } from './child.ts';
import { exactPort, freePort } from './ports.ts';
import { newTokens, type Sidecar, sidecarPorts, startSidecar } from './sidecar.ts';
import { together } from './together.ts';

export { startApplication } from './application.ts';
export { type Backing, startBackingServices } from './backing.ts';
export { Child, type UnexpectedExit } from './child.ts';
export { freePort } from './ports.ts';
export { type Sidecar, startSidecar } from './sidecar.ts';

export type MarqueeOptions = BackingOptions & {
  /**
   * The public port of the first group, or a failure if it is in use. By default 8080 with
   * `defaultPorts`, else a free one.
   */
  readonly publicPort?: number;
  /** Additional environment variables of every application. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Services that share a process and a sidecar. By default one group has all of them. */
  readonly groups?: readonly (readonly string[])[];
  /** The program to run instead of services/main.ts. */
  readonly entry?: string;
};

/** One application with its sidecar. */
export type Group = {
  readonly appId: string;
  readonly services: readonly string[];
  readonly publicPort: number;
  /** The URL of its public API. */
  readonly url: string;
  /** The port for its sidecar only. */
  readonly appPort: number;
  readonly application: Child;
  readonly sidecar: Sidecar;
};

export type Marquee = {
  readonly backing: Backing;
  readonly groups: readonly [Group, ...Group[]];
  /** The URL, application and sidecar of the first group: the only ones with a single group. */
  readonly url: string;
  readonly application: Child;
  readonly sidecar: Sidecar;
  /** Stops everything in order: applications, sidecars, servers. A repeat changes nothing. */
  stop(): Promise<void>;
};

/**
 * The app-id of a group. Actor state is keyed by app-id, so the group that hosts the actors always
 * has the same one.
 */
export function appIdOf(services: readonly string[]): string {
  return services.includes('all') || services.includes('actors') ? 'marquee' : `marquee-${services[0]}`;
}

type GroupPlan = { readonly services: readonly string[]; readonly publicPort: number; readonly topology: string };

async function startGroup(backing: Backing, options: MarqueeOptions, plan: GroupPlan, abandon: AbortController): Promise<Group> {
  const { services, publicPort } = plan;
  const appId = appIdOf(services);
  const [appPort, ports, tokens] = [await freePort(), await sidecarPorts(options.defaultPorts), newTokens()];
  const { entry, environment } = options;
  const common = { appId, appPort, tokens, onUnexpectedExit: options.onUnexpectedExit, abandoned: abandon.signal };
  const starting = [
    startSidecar(backing, { ...common, httpPort: ports.http, grpcPort: ports.grpc }),
    startApplication({ ...common, ...plan, backing, sidecarPorts: ports, ...(entry && { entry }), ...(environment && { environment }) }),
  ] as const;
  const [sidecar, application] = await together(starting, abandon, (part) => ('child' in part ? part.child : part).stop());
  return { appId, services, publicPort, url: `http://127.0.0.1:${publicPort}`, appPort, application, sidecar };
}

async function stopGroups(groups: readonly Group[]): Promise<void> {
  await Promise.all(groups.map((group) => group.application.stop()));
  await Promise.all(groups.map((group) => group.sidecar.child.stop()));
}

async function planGroups(options: MarqueeOptions): Promise<GroupPlan[]> {
  const groups = options.groups ?? [['all']];
  if (groups.length === 0) throw new Error('Marquee needs at least one group of services.');
  const topology = groups.map((group) => group.join(',')).join('|');
  const firstPort = options.publicPort === undefined ? freePort(options.defaultPorts ? 8080 : undefined) : exactPort(options.publicPort);
  const ports = await Promise.all(groups.map((_, index) => (index === 0 ? firstPort : freePort())));
  return groups.map((services, index) => ({ services, topology, publicPort: ports[index] ?? 0 }));
}

/**
 * Starts all of Marquee. Resolves when every application is ready. When one fails, everything is
 * stopped and the failure is thrown.
 */
export async function startMarquee(options: MarqueeOptions): Promise<Marquee> {
  const since = performance.now();
  const plans = await planGroups(options);
  const abandon = new AbortController();
  const backing = await startBackingServices(options, abandon);
  options.progress?.begin('Marquee', 'starting the services');
  const starting = plans.map((plan) => startGroup(backing, options, plan, abandon));
  const groups = await together(starting, abandon, (group) => stopGroups([group])).catch(async (error) => {
    await backing.stop();
    throw error;
  });
  options.progress?.end('Marquee', `started, in ${secondsSince(since)}`);
  const [first, ...others] = groups as [Group, ...Group[]];
  const stop = async () => {
    await stopGroups(groups);
    await backing.stop();
  };
  const { url, application, sidecar } = first;
  return { backing, groups: [first, ...others], url, application, sidecar, stop };
}
