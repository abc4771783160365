import type { Platform } from '../../shared/service.ts';
import type { Gathering } from './collect-renewals.ts';
import { type Group, isOver } from './consolidation.ts';
import type { GroupStore } from './store.ts';

const everyMillis = 5 * 60_000;
const atOnce = 500;

export type ConsolidationSweep = {
  /** Looks at every group that is not finished, once. A repeat, or another process beside it, changes nothing. */
  readonly sweep: () => Promise<void>;
  readonly start: () => Promise<void>;
  readonly stop: () => Promise<void>;
};

/**
 * Stands behind groups in real time, so that no renewal is forgotten whatever event is lost or late: it asks again who is still to come, ends
 * what waits for a day that is over, and makes the invoices that a crash left unmade. On a test clock no timer moves anything.
 */
export function createConsolidationSweep({ now, log }: Platform, groups: GroupStore, gathering: Gathering): ConsolidationSweep {
  let timer: NodeJS.Timeout | undefined;
  let sweeping: Promise<void> = Promise.resolve();

  const look = async (group: Group): Promise<void> => {
    if (group.status === 'closing') await gathering.issue(group);
    else if (isOver(group, now())) await gathering.end(group, 'day-over', now());
    else await gathering.askAgain(group);
  };
  const sweep = async (): Promise<void> => {
    for (const group of await groups.unfinished(atOnce)) {
      await look(group).catch((error: Error) => log.warn({ group: group._id, reason: error.message }, 'a consolidated invoice waits'));
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
