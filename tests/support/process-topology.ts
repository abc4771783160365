import { referenceRoutes } from '../../services/host/reference/reference-routes.ts';
import { loadConfig } from '../../services/shared/config.ts';
import { type ServiceName, serviceNames } from '../../services/shared/service-names.ts';
import { everyService } from './every-service.ts';

export type ProcessName = ServiceName | 'actors';

/** The processes when each service and the actors have one of their own. */
export const processNames: readonly ProcessName[] = ['actors', ...serviceNames];
export const topology = processNames.join('|');

const settled = loadConfig({ APP_API_TOKEN: 'test', MARQUEE_TOPOLOGY: topology });
export const appIdOf = settled.appIdOf;
export const appIds: readonly string[] = settled.appIds;

/** The names of all settings, found by recording which of them are read. */
export function settingNames(): ReadonlySet<string> {
  const read = new Set<string>();
  const watched = new Proxy<Record<string, string>>({}, { get: (_, name) => void read.add(String(name)) });
  try {
    loadConfig(watched);
  } catch {
    // No setting has a value, which is refused; by then every name was read.
  }
  return read;
}

export type PublicRoute = { readonly service: ServiceName; readonly method: string; readonly path: string };

/**
 * Every route of the public doors of all services and of the API reference, without those that
 * each process has for its operators. Every process can serve the reference; the localisation
 * process does.
 */
export async function publicRoutes(): Promise<readonly PublicRoute[]> {
  const reference = { name: 'localisation' as const, routes: referenceRoutes(async () => [], '0.1.0', 'http://localhost') };
  return [...(await everyService()), reference].flatMap(({ name: service, routes }) =>
    routes.map(({ method, path }) => ({ service, method, path })),
  );
}
