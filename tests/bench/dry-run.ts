import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { decide } from '../../actors/subscription/rules/decide.ts';
import { fold } from '../../actors/subscription/rules/evolve.ts';
import { resourceOf } from '../../actors/subscription/rules/resource.ts';
import type { Terms } from '../../actors/subscription/rules/subscription.ts';
import { prepareDocuments } from '../../dapr/runtime/obtain/prepare.ts';
import { startDocuments } from '../../dapr/runtime/run/documents.ts';
import { freePort } from '../../dapr/runtime/run/ports.ts';
import { collectionsReady, connectDocuments } from '../../services/shared/mongo.ts';
import { versionBody } from '../../services/subscription/catalogue/plan.ts';
import { previewMigration, rowsWithVersion } from '../../services/subscription/migration/dry-run.ts';
import { openStore, type Store } from '../../services/subscription/store.ts';
import { termsFor } from '../../services/subscription/terms.ts';
import { start } from '../support/subscription-life.ts';

type DryRunMeasurement = {
  readonly rows: number;
  readonly seconds: number;
  readonly rowsPerSecond: number;
  /** The most memory in use during a dry run above that before it, in megabytes. */
  readonly heapGrowth: number;
};

const bornAt = '2026-01-31T10:00:00.000Z';
const interval = { unit: 'month', count: 1 } as const;
const rowsAtOnce = 2_000;

/** Creates a plan whose second version is dearer. Returns the terms of its first version. */
async function createPlan({ plans }: Store): Promise<Terms> {
  const content = (amount: number) => versionBody.parse({ name: { en: 'Bench' }, prices: [{ currency: 'EUR', amount, interval }] });
  const plan = {
    ...content(1_000),
    id: 'plan_bench',
    version: 1,
    family: 'plan_bench',
    productId: null,
    addOn: false,
    archivedAt: null,
    createdAt: bornAt,
  };
  await plans.create(plan, plan);
  await plans.addVersion('plan_bench', content(1_250), bornAt);
  const terms = termsFor(plan, { currency: 'EUR', country: 'DE', quantity: 1 });
  if (!terms.ok) throw new Error(terms.rejection.code);
  return terms.value;
}

/** Inserts rows of the read model, of subscriptions that differ only in id and quantity. */
async function fill({ subscriptions }: Store, terms: Terms, rows: number): Promise<void> {
  const rowOf = (index: number) => {
    const decision = decide(undefined, start({ id: `sub_${index}`, terms: { ...terms, quantity: (index % 3) + 1 } }), bornAt);
    if (!decision.ok) throw new Error(decision.rejection.code);
    const state = fold(decision.value);
    if (state === undefined) throw new Error('The subscription did not start.');
    const { id, ...resource } = resourceOf(state, null);
    return { _id: id, ...resource, status: 'active', nextWakeAt: null, waiting: false };
  };
  for (let from = 0; from < rows; from += rowsAtOnce) {
    const some = Array.from({ length: Math.min(rowsAtOnce, rows - from) }, (_, index) => rowOf(from + index));
    await subscriptions.collection.insertMany(some as never, { ordered: false });
  }
}

/** Runs a dry run over the rows of a document server on loopback. */
async function measureDryRun(rows = 20_000): Promise<DryRunMeasurement> {
  const source = await prepareDocuments();
  const dataDir = await mkdtemp(join(tmpdir(), 'marquee-dry-run-'));
  const server = await startDocuments({ source, dataDir, port: await freePort() });
  const documents = await connectDocuments(server.uri);
  try {
    const store = openStore(documents);
    await collectionsReady(documents);
    await fill(store, await createPlan(store), rows);
    return await measured(store, rows);
  } finally {
    await documents.close();
    await server.child?.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function measured(store: Store, rows: number): Promise<DryRunMeasurement> {
  const body = { fromVersion: 1, toVersion: 2, effective: 'next-period', proration: 'prorate' } as const;
  const [from, to] = [await store.plans.at('plan_bench', 1), await store.plans.at('plan_bench', 2)];
  if (!from.ok || !to.ok) throw new Error('The plan is missing.');
  const versions = { from: from.value, to: to.value };
  const run = async () => {
    const preview = await previewMigration(rowsWithVersion(store.subscriptions, 'plan_bench', 1), versions, body);
    if (preview.byCurrency[0]?.subscriptions !== rows) throw new Error(`Not all subscriptions would change: ${JSON.stringify(preview)}`);
  };
  const started = performance.now();
  await run();
  const seconds = (performance.now() - started) / 1000;
  return { rows, seconds, rowsPerSecond: rows / seconds, heapGrowth: (await heapGrowthOf(run)) / 1_048_576 };
}

/** The most bytes in use during a run above those before it, sampled after garbage collections. */
async function heapGrowthOf(run: () => Promise<void>): Promise<number> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const bytesInUse = () => {
    collect();
    return process.memoryUsage().heapUsed;
  };
  const before = bytesInUse();
  let most = before;
  const sampling = setInterval(() => {
    most = Math.max(most, bytesInUse());
  }, 100);
  await run();
  clearInterval(sampling);
  return most - before;
}

/** The dry run of a price change. */
export async function benchDryRun(): Promise<string> {
  const { rows, seconds, rowsPerSecond, heapGrowth } = await measureDryRun();
  const rate = `${rows} subscribers in ${seconds.toFixed(1)} s, ${rowsPerSecond.toFixed(0)} a second`;
  return `${rate}; at most ${heapGrowth.toFixed(1)} MB in use above the memory before it`;
}
