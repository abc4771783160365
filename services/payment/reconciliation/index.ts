import type { Route } from '../../shared/route.ts';
import { differenceRoutes } from './difference-routes.ts';
import { createRepair, type RepairParts } from './repair.ts';
import { reconciliationRoutes } from './routes.ts';
import { createReconciliationRunner } from './run.ts';
import { createReconciliationStore } from './store.ts';

export type Reconciliations = { readonly routes: readonly Route[]; readonly start: () => void; readonly stop: () => Promise<void> };

/** Compares gateways, payments, invoices and subscriptions: every night, and on request. */
export function createReconciliation(parts: RepairParts): Reconciliations {
  const runs = createReconciliationStore(parts.platform.documents);
  const { run, start, stop } = createReconciliationRunner(parts, runs);
  const routes = [...reconciliationRoutes(parts.platform, runs, run), ...differenceRoutes(parts.platform, runs, createRepair(parts))];
  return { routes, start, stop };
}
