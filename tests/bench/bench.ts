import { benchActors } from './actor-turns.ts';
import { benchCharges } from './charges.ts';
import { benchDryRun } from './dry-run.ts';
import { benchForecast } from './forecast.ts';
import { benchPdf } from './pdf.ts';
import { benchPublicApi } from './public-api.ts';
import { benchRules } from './rules.ts';
import { benchWebhooks } from './webhook-intake.ts';

type Benchmark = { readonly about: string; readonly run: () => Promise<string> };

/** The benchmarks by name, in the order in which all of them run. */
const benchmarks: Readonly<Record<string, Benchmark>> = {
  rules: { about: 'decisions of the pure rules, in process', run: benchRules },
  forecast: { about: 'the forecast of a subscription, in process', run: benchForecast },
  pdf: { about: 'invoices as PDF, in process', run: benchPdf },
  'dry-run': { about: 'the dry run of a price change over many subscribers', run: benchDryRun },
  actors: { about: 'turns of actors through the sidecar', run: benchActors },
  charges: { about: 'charges through the simulated gateway', run: benchCharges },
  webhooks: { about: 'webhooks accepted at the public API', run: benchWebhooks },
  renewals: { about: 'whole renewals, entitlements and previews', run: benchPublicApi },
};

/**
 * `npm run bench`: all benchmarks, in five to six minutes on two cores. `npm run bench -- renewals
 * pdf`: some of them. Rates depend on the machine; compare shares and targets.
 */
async function main(requested: readonly string[]): Promise<number> {
  const unknown = requested.filter((name) => !(name in benchmarks));
  if (unknown.length > 0) {
    const list = Object.entries(benchmarks).map(([name, { about }]) => `  ${name.padEnd(9)} ${about}`);
    console.error(`There is no benchmark ${unknown.join(', ')}. The benchmarks are:\n${list.join('\n')}`);
    return 2;
  }
  for (const [name, { about, run }] of Object.entries(benchmarks)) {
    if (requested.length > 0 && !requested.includes(name)) continue;
    const began = performance.now();
    console.log(`${name}: ${about}`);
    console.log((await run()).replaceAll(/^/gm, '  '));
    console.log(`  (took ${((performance.now() - began) / 1000).toFixed(0)} s)\n`);
  }
  return 0;
}

process.exitCode = await main(process.argv.slice(2));
