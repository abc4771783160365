import type { Route } from '../../shared/route.ts';
import { differenceRoutes } from './difference-routes.ts';
import { createRepair, type RepairParts } from './repair.ts';
import { reconciliationRoutes } from './routes.ts';
import { createReconciliationRunner } from './run.ts';
import { createReconciliationStore } from './store.ts';

export type ReconciliationParts = { readonly routes: readonly Route[]; readonly start: () => void; readonly stop: () => Promise<void> };

/** Compares gateways, payments, invoices and subscriptions: every night, and when an operator asks. */
export function createReconciliation(parts: RepairParts): ReconciliationParts {
  const runs = createReconciliationStore(parts.platform.documents);
  const { begin, start, stop } = createReconciliationRunner(parts, runs);
  const routes = [...reconciliationRoutes(parts.platform, runs, begin), ...differenceRoutes(parts.platform, runs, createRepair(parts))];
  return { routes, start, stop };
}
