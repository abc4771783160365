import { readFileSync } from 'node:fs';
import { loadConfig } from './shared/config.ts';
import { type ServiceName, serviceNames } from './shared/service-names.ts';
import { StartupError } from './shared/startup-error.ts';

const known: readonly string[] = ['actors', ...serviceNames];

/**
 * Runs the services of the command line: `node services/main.ts all`, or any part: `node
 * services/main.ts actors subscription`.
 */
async function main(requested: readonly string[]): Promise<void> {
  const names = requested.length === 0 || requested.includes('all') ? known : requested;
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) throw new StartupError(`There is no service ${unknown.join(', ')}. The services are: ${known.join(' ')}`, 2);
  const config = loadConfig(process.env);
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string };
  // Loaded after the settings were checked, so that a wrong one is reported within a second.
  const { runHost } = await import('./host/host.ts');
  await runHost({
    config,
    services: names.filter((name): name is ServiceName => name !== 'actors'),
    hostsActors: names.includes('actors'),
    version,
  });
}

await main(process.argv.slice(2)).catch((error: unknown) => {
  if (!(error instanceof StartupError)) throw error;
  console.error(error.message);
  process.exit(error.exitCode);
});
