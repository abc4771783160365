import { join } from 'node:path';
import { actorRungs } from './actor-rungs.ts';
import { coreRungs } from './core-rungs.ts';
import { fullRenewal } from './full-renewal.ts';
import { table } from './load.ts';

/** `npm run bench`: the whole ladder in one run. Compare by the shares; the rates are this machine's. */
const entry = join(import.meta.dirname, 'bench-host.ts');
console.log(await coreRungs());
const { rungs, ceiling, renewingShare } = await actorRungs(entry);
console.log(table(rungs, ceiling));
console.log(`a renewing turn does ${renewingShare.toFixed(2)} of the rate of one read and one write (target 0.80)`);
console.log(await fullRenewal(entry, ceiling));
