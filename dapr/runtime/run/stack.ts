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
  /** The first group's public door: exactly this port, or a failure. Without it 8080 with `defaultPorts`, else a free one. */
  readonly publicPort?: number;
  /** More environment for every application. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Services that share a process and a sidecar; one group of all of them unless told otherwise. */
  readonly groups?: readonly (readonly string[])[];
  /** The program to run instead of services/main.ts. */
  readonly entry?: string;
};

/** One application beside its sidecar. */
export type Group = {
  readonly appId: string;
  readonly services: readonly string[];
  readonly publicPort: number;
  /** Its public door. */
  readonly url: string;
  /** Where its sidecar reaches it; nobody else may. */
  readonly appPort: number;
  readonly application: Child;
  readonly sidecar: Sidecar;
};

export type Marquee = {
  readonly backing: Backing;
  readonly groups: readonly [Group, ...Group[]];
  /** The first group's public door, application and sidecar: all there is with a single group. */
  readonly url: string;
  readonly application: Child;
  readonly sidecar: Sidecar;
  /** Ends everything in order: applications drain, then sidecars, then what stands behind them. Repeating it changes nothing. */
  stop(): Promise<void>;
};

/** Actor state is keyed by app-id, so whatever group hosts the actors always bears the same one. */
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

/** The whole of Marquee. Resolves when every application says it is ready; throws, with everything ended again, when one cannot be. */
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
