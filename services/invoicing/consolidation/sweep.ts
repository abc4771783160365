import type { Platform } from '../../shared/service.ts';
import { createSweep, type Sweep } from '../../shared/sweep.ts';
import type { RenewalCollector } from './collect-renewals.ts';
import { isOver, type RenewalConsolidation } from './consolidation.ts';
import type { ConsolidationStore } from './store.ts';

/** Milliseconds between two queries for the renewals that are still expected. */
const collectingMillis = 5 * 60_000;

/**
 * Finds unfinished consolidations in real time, so that no renewal is forgotten when an event is
 * late or lost: checks again which renewals are still expected, closes consolidations whose day is
 * over, and makes the invoices that a crash or an outage left out. On a test clock no timer changes
 * anything. A repeat, or another process, changes nothing more.
 */
export function consolidationSweeps(
  { now, log }: Platform,
  consolidations: ConsolidationStore,
  collector: RenewalCollector,
): readonly Sweep[] {
  const advance = async (consolidation: RenewalConsolidation): Promise<void> => {
    if (isOver(consolidation, now())) await collector.close(consolidation, 'day-over', now());
    else await collector.refreshExpected(consolidation);
  };
  return [
    createSweep({ name: 'consolidation', page: consolidations.unfinished('closing'), work: collector.issue }, log),
    createSweep({ name: 'collection of renewals', page: consolidations.unfinished('collecting'), work: advance }, log, collectingMillis),
  ];
}
