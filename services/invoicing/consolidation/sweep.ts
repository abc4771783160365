import type { Platform } from '../../shared/service.ts';
import type { RenewalCollector } from './collect-renewals.ts';
import { isOver, type RenewalConsolidation } from './consolidation.ts';
import type { ConsolidationStore } from './store.ts';

const everyMillis = 5 * 60_000;
const consolidationsPerSweep = 500;

export type ConsolidationSweep = {
  /**
   * Advances every unfinished consolidation once. A repeat, or another process, changes nothing
   * more.
   */
  readonly sweep: () => Promise<void>;
  readonly start: () => Promise<void>;
  readonly stop: () => Promise<void>;
};

/**
 * Finds unfinished consolidations in real time, so that no renewal is forgotten when an event is
 * late or lost: checks again which renewals are still expected, closes consolidations whose day is
 * over, and makes the invoices that a crash left out. On a test clock no timer changes anything.
 */
export function createConsolidationSweep(
  { now, log }: Platform,
  consolidations: ConsolidationStore,
  collector: RenewalCollector,
): ConsolidationSweep {
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();

  const advance = async (consolidation: RenewalConsolidation): Promise<void> => {
    if (consolidation.status === 'closing') await collector.issue(consolidation);
    else if (isOver(consolidation, now())) await collector.close(consolidation, 'day-over', now());
    else await collector.refreshExpected(consolidation);
  };
  const sweep = async (): Promise<void> => {
    for (const consolidation of await consolidations.unfinished(consolidationsPerSweep)) {
      await advance(consolidation).catch((error: Error) =>
        log.warn({ consolidation: consolidation._id, err: error }, 'consolidation not advanced'),
      );
    }
  };
  const run = (): void => {
    running = running.then(sweep).catch((error: Error) => log.warn({ err: error }, 'consolidation sweep failed'));
  };

  return {
    sweep,
    start: async () => {
      timer = setInterval(run, everyMillis).unref();
      run();
    },
    stop: async () => {
      clearInterval(timer);
      await running;
    },
  };
}
