import type { Platform } from '../../shared/service.ts';
import type { RenewalCollector } from './collect-renewals.ts';
import { isOver, type RenewalConsolidation } from './consolidation.ts';
import type { ConsolidationStore } from './store.ts';

const everyMillis = 5 * 60_000;
const atOnce = 500;

export type ConsolidationSweep = {
  /** Looks at every consolidation that is not finished, once. A repeat, or another process beside it, changes nothing. */
  readonly sweep: () => Promise<void>;
  readonly start: () => Promise<void>;
  readonly stop: () => Promise<void>;
};

/**
 * Stands behind consolidations in real time, so that no renewal is forgotten whatever event is lost or late: it asks again who is still to come, ends
 * what waits for a day that is over, and makes the invoices that a crash left unmade. On a test clock no timer moves anything.
 */
export function createConsolidationSweep(
  { now, log }: Platform,
  consolidations: ConsolidationStore,
  collector: RenewalCollector,
): ConsolidationSweep {
  let timer: NodeJS.Timeout | undefined;
  let sweeping: Promise<void> = Promise.resolve();

  const look = async (consolidation: RenewalConsolidation): Promise<void> => {
    if (consolidation.status === 'closing') await collector.issue(consolidation);
    else if (isOver(consolidation, now())) await collector.end(consolidation, 'day-over', now());
    else await collector.askAgain(consolidation);
  };
  const sweep = async (): Promise<void> => {
    for (const consolidation of await consolidations.unfinished(atOnce)) {
      await look(consolidation).catch((error: Error) =>
        log.warn({ consolidation: consolidation._id, reason: error.message }, 'a consolidated invoice waits'),
      );
    }
  };
  const round = (): void => {
    sweeping = sweeping
      .then(sweep)
      .catch((error: Error) => log.warn({ reason: error.message }, 'consolidated invoices were not looked at'));
  };

  return {
    sweep,
    start: async () => {
      timer = setInterval(round, everyMillis).unref();
      round();
    },
    stop: async () => {
      clearInterval(timer);
      await sweeping;
    },
  };
}
