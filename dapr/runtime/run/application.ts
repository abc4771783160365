import { join } from 'node:path';
import { compiledDirectory, projectDirectory } from '../directories.ts';
import { applicationEnvironment } from '../environment.ts';
import type { Backing } from './backing.ts';
import { Child, type Supervision, supervisionOf } from './child.ts';
import type { SidecarPorts, SidecarTokens } from './sidecar.ts';

export type ApplicationOptions = {
  readonly backing: Backing;
  readonly appId: string;
  /** Names its log; several processes of one app-id need different names. */
  readonly name?: string;
  /** Names of services, or `all`; `actors` hosts the actors. */
  readonly services: readonly string[];
  readonly publicPort: number;
  readonly appPort: number;
  readonly sidecarPorts: SidecarPorts;
  readonly tokens: SidecarTokens;
  /** The groups of services that share a process: services joined by `,`, groups by `|`. */
  readonly topology: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** The program to run instead of services/main.ts. */
  readonly entry?: string;
} & Supervision;

/**
 * Starts one Node process with the given services. Resolves when its `/readyz` returns 200, for
 * which its sidecar must start as well.
 */
export async function startApplication(options: ApplicationOptions): Promise<Child> {
  const { backing } = options;
  return Child.start({
    name: options.name ?? options.appId,
    command: process.execPath,
    arguments: [options.entry ?? join(projectDirectory, 'services', 'main.ts'), ...options.services],
    environment: {
      NODE_COMPILE_CACHE: compiledDirectory,
      ...applicationEnvironment(),
      MARQUEE_PORT: String(options.publicPort),
      MARQUEE_SIDECAR_PORT: String(options.appPort),
      MARQUEE_APP_ID: options.appId,
      MARQUEE_TOPOLOGY: options.topology,
      MARQUEE_DATA_DIR: backing.dataDir,
      MARQUEE_DOCUMENTS: backing.documents.name,
      MARQUEE_TEST_CLOCKS: 'on',
      MONGODB_URI: backing.documents.uri,
      DAPR_HTTP_PORT: String(options.sidecarPorts.http),
      DAPR_GRPC_PORT: String(options.sidecarPorts.grpc),
      DAPR_API_TOKEN: options.tokens.sidecar,
      APP_API_TOKEN: options.tokens.application,
      ...options.environment,
    },
    dataDir: backing.dataDir,
    readiness: { url: `http://127.0.0.1:${options.publicPort}/readyz` },
    readyWithinSeconds: 120,
    stopWithinSeconds: 15,
    ...supervisionOf(options),
  });
}
