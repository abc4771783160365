import { join } from 'node:path';
import { actorRungs } from './actor-rungs.ts';
import { measureCharges } from './charges.ts';
import { measureCore } from './core.ts';
import { measureDryRun } from './dry-run.ts';
import { fullRenewal } from './full-renewal.ts';
import { table } from './load.ts';
import { measureForecast, measurePdf } from './looking-ahead.ts';
import { measureWebhookIntake, shownIntake } from './webhook-intake.ts';

/** `npm run bench`: the whole ladder in one run. Compare by the shares; the rates are this machine's. */
const entry = join(import.meta.dirname, 'bench-host.ts');
const { decisionsPerSecond, lives } = measureCore();
console.log(`pure core: ${decisionsPerSecond} decisions a second of one core, over ${lives} lives (target 200000)\n`);
const { rungs, ceiling, renewingShare, bytesAsleep } = await actorRungs(entry);
const { renewals, entitlements, previews } = await fullRenewal(entry);
console.log(table([...rungs, ...renewals.values(), entitlements, previews], ceiling));
console.log(`\na renewing turn runs at ${renewingShare.toFixed(2)} of the rate of one read and one write (target 0.80)`);
console.log(`a subscription put to sleep leaves ${bytesAsleep.toFixed(0)} bytes in the process (target none)`);
const [soon = 0, late = 0] = [0, 200].map((millis) => renewals.get(millis)?.perSecond);
console.log(
  `full renewals: ${soon.toFixed(0)} a second (target 100); ${(late / soon).toFixed(2)} of it with a gateway at 200 ms (target 0.90)`,
);
console.log(await measureCharges());
console.log(`a forecast of three years of one subscription: ${(await measureForecast()).toFixed(2)} ms in process (target under 20)`);
const paper = (await measurePdf()).map(({ locale, millis }) => `${locale} ${millis.toFixed(1)}`).join(', ');
console.log(`an invoice as PDF, median ms by language: ${paper} (target under 60)`);
const { rows, seconds, rowsPerSecond, heapGrowth } = await measureDryRun();
const rate = `${rows} subscribers in ${seconds.toFixed(1)} s, ${rowsPerSecond.toFixed(0)} rows a second`;
console.log(`dry run of a price change: ${rate}, ${heapGrowth.toFixed(1)} MB alive at most above what was`);
console.log(shownIntake(await measureWebhookIntake(entry)));
