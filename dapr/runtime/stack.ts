import { startApplication } from './application.ts';
import { type Backing, type BackingOptions, startBackingServices } from './backing.ts';
import type { Child } from './child.ts';
import { exactPort, freePort } from './ports.ts';
import { newTokens, type Sidecar, sidecarPorts, startSidecar } from './sidecar.ts';

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

async function startGroup(backing: Backing, options: MarqueeOptions, plan: GroupPlan): Promise<Group> {
  const { services, publicPort, topology } = plan;
  const appId = appIdOf(services);
  const [appPort, ports, tokens] = [await freePort(), await sidecarPorts(options.defaultPorts), newTokens()];
  const { onUnexpectedExit, entry, environment } = options;
  const starting = [
    startApplication({
      ...{ backing, appId, services, publicPort, appPort, sidecarPorts: ports, tokens, topology, onUnexpectedExit },
      ...(entry === undefined ? {} : { entry }),
      ...(environment === undefined ? {} : { environment }),
    }),
    startSidecar(backing, { appId, appPort, httpPort: ports.http, grpcPort: ports.grpc, tokens, onUnexpectedExit }),
  ] as const;
  try {
    const [application, sidecar] = await Promise.all(starting);
    return { appId, services, publicPort, url: `http://127.0.0.1:${publicPort}`, appPort, application, sidecar };
  } catch (error) {
    const [application, sidecar] = await Promise.allSettled(starting);
    if (application.status === 'fulfilled') await application.value.stop();
    if (sidecar.status === 'fulfilled') await sidecar.value.child.stop();
    throw error;
  }
}

async function stopGroups(groups: readonly Group[]): Promise<void> {
  await Promise.all(groups.map((group) => group.application.stop()));
  await Promise.all(groups.map((group) => group.sidecar.child.stop()));
}

/** The whole of Marquee. Resolves when every application says it is ready; throws, with everything ended again, when one cannot be. */
export async function startMarquee(options: MarqueeOptions): Promise<Marquee> {
  const services = options.groups ?? [['all']];
  const topology = services.map((group) => group.join(',')).join('|');
  const firstPort = options.publicPort === undefined ? freePort(options.defaultPorts ? 8080 : undefined) : exactPort(options.publicPort);
  const publicPorts = [await firstPort, ...(await Promise.all(services.slice(1).map(() => freePort())))];
  const backing = await startBackingServices(options);
  const starting = services.map((group, index) =>
    startGroup(backing, options, { services: group, publicPort: publicPorts[index] ?? 0, topology }),
  );
  try {
    const [first, ...others] = await Promise.all(starting);
    if (first === undefined) throw new Error('Marquee needs at least one group of services.');
    const stop = async () => {
      await stopGroups([first, ...others]);
      await backing.stop();
    };
    const { url, application, sidecar } = first;
    return { backing, groups: [first, ...others], url, application, sidecar, stop };
  } catch (error) {
    const settled = await Promise.allSettled(starting);
    await stopGroups(settled.flatMap((result) => (result.status === 'fulfilled' ? result.value : [])));
    await backing.stop();
    throw error;
  }
}
