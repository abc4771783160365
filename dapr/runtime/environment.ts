import { resolve } from 'node:path';
import { defaultDataDir } from './directories.ts';

const text = (name: string): string | undefined => process.env[name]?.trim() || undefined;

/** The only place where the runtime reads the environment. An empty variable counts as absent. */
export const environment = {
  dataDir: resolve(text('MARQUEE_DATA_DIR') ?? defaultDataDir),
  publicPort: text('MARQUEE_PORT'),
  administratorEmail: text('MARQUEE_ADMIN_EMAIL'),
  administratorPassword: text('MARQUEE_ADMIN_PASSWORD'),
  daprBinaries: text('DAPR_BIN_DIR'),
  daprReleases: text('MARQUEE_DAPR_RELEASES') ?? 'https://github.com/dapr/dapr/releases/download',
  redisUrl: text('REDIS_URL'),
  mongodbUri: text('MONGODB_URI'),
  searchPath: text('PATH') ?? '',
  home: text('HOME') ?? '/',
};

/**
 * The environment of this process, for tools that download something: its proxies, mirrors and
 * caches apply.
 */
export function inheritedEnvironment(): Record<string, string> {
  return Object.fromEntries(Object.entries(process.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}

/**
 * The environment that every part inherits: enough to run, and nothing that could change its
 * configuration.
 */
export function plainEnvironment(): Record<string, string> {
  const names = ['PATH', 'HOME', 'USER', 'LANG', 'TMPDIR', 'JAVA_HOME'];
  return Object.fromEntries(Object.entries(inheritedEnvironment()).filter(([name]) => names.includes(name)));
}

/**
 * The environment of the application. Its own settings (gateways, mail) are inherited; Dapr's are
 * set by the runtime alone.
 */
export function applicationEnvironment(): Record<string, string> {
  return Object.fromEntries(Object.entries(inheritedEnvironment()).filter(([name]) => !/^(DAPR_|npm_)/.test(name)));
}
