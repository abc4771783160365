import { readFileSync } from 'node:fs';
import { runHost } from './host/host.ts';
import { loadConfig } from './shared/config.ts';
import { type ServiceName, serviceNames } from './shared/service-names.ts';

/** `node services/main.ts all`, or any split: `node services/main.ts actors subscription`. */
const asked = process.argv.slice(2);
const names = asked.length === 0 || asked.includes('all') ? ['actors', ...serviceNames] : asked;
const unknown = names.filter((name) => name !== 'actors' && !(serviceNames as readonly string[]).includes(name));
if (unknown.length > 0) {
  console.error(`There is no service ${unknown.join(', ')}. There are: actors ${serviceNames.join(' ')}`);
  process.exit(2);
}
const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string };

await runHost({
  config: loadConfig(process.env),
  services: names.filter((name): name is ServiceName => name !== 'actors'),
  hostsActors: names.includes('actors'),
  version,
});
