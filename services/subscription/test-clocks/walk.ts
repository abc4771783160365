import type { Logger } from 'pino';
import type { SubscriptionClient, SubscriptionResource } from '../../../actors/subscription/client.ts';
import { eventId } from '../../shared/events.ts';
import type { TestClockSettlement } from '../../shared/test-clock-settlement.ts';
import type { Instant } from '../../shared/time.ts';
import type { Store } from '../store.ts';

/** Walks the subscriptions of a test clock towards its target, outside of any turn. Beginning a walk that is under way changes nothing. */
export type ClockWalk = {
  readonly begin: (clockId: string, to: Instant) => void;
  /** Resumes the walks that a former process left unfinished. */
  readonly resume: () => Promise<void>;
  readonly stop: () => Promise<void>;
};

type Lane = readonly SubscriptionResource[];

const lanesAtOnce = 12;
const millisToSettle = 60_000;
const over = new Set(['cancelled', 'expired', 'incomplete-expired']);

/**
 * Each customer is a lane of its own: within a lane every wake happens in the order of time, and the next one only after everything
 * that the former caused has been handled by every service. Lanes do not touch each other, so they are walked side by side.
 */
export function createClockWalk(store: Store, client: SubscriptionClient, settlement: TestClockSettlement, log: Logger): ClockWalk {
  const walks = new Map<string, Promise<void>>();
  let stopping = false;

  const settle = async (events: readonly string[]): Promise<void> => {
    if (!(await settlement.settled(events, millisToSettle))) throw new Error(`not settled within a minute: ${events.join(' ')}`);
  };

  /** Wakes what is due first, lets all of it happen, and looks again, until nothing is due by `to`. */
  const walkLane = async (ids: readonly string[], settledThrough: ReadonlyMap<string, number>, to: Instant): Promise<void> => {
    const lane = await read(ids);
    await settle(lane.flatMap(({ id, sequence }) => eventIds(id, settledThrough.get(id) ?? 0, sequence)));
    for (let idle = 0; !stopping; ) {
      const due = firstDue(await read(ids), to);
      if (!due) break;
      const answers = await Promise.all(due.ids.map((id) => client.command(id, 'wake', { clockNow: due.at })));
      const events = answers.flatMap((answer) => (answer.ok ? answer.events : []));
      await settle(events);
      idle = events.length > 0 ? 0 : idle + 1;
      if (idle > 3) throw new Error(`a wake at ${due.at} changes nothing: ${due.ids.join(' ')}`);
    }
    if (stopping) throw new Error('the process is stopping');
    for (const { id, sequence } of await read(ids)) {
      await client.command(id, 'wake', { clockNow: to });
      await store.subscriptions.collection.updateOne({ _id: id } as never, { $set: { settledThrough: sequence } });
    }
  };

  const read = async (ids: readonly string[]): Promise<Lane> =>
    (await Promise.all(ids.map((id) => client.get(id)))).filter((subscription) => subscription !== undefined);

  const walk = async (clockId: string, to: Instant): Promise<void> => {
    const rows = await store.subscriptions.find({ testClock: clockId }).lean();
    const live = rows.filter((row) => !over.has(row.status));
    const settledThrough = new Map(live.map((row) => [row._id, row.settledThrough ?? 0]));
    const lanes = [...Map.groupBy(live, (row) => row.customerId).values()].map((group) => group.map((row) => row._id));
    const queue = lanes[Symbol.iterator]();
    const workers = Array.from({ length: Math.min(lanesAtOnce, lanes.length) }, async () => {
      for (const ids of queue) await walkLane(ids, settledThrough, to);
    });
    await Promise.all(workers);
    await client.arriveClock(clockId, to);
  };

  const begin = (clockId: string, to: Instant): void => {
    if (walks.has(clockId) || stopping) return;
    const started = performance.now();
    const run = walk(clockId, to)
      .then(() => log.info({ clockId, to, millis: Math.round(performance.now() - started) }, 'a test clock arrived'))
      .catch((error: Error) =>
        log.error({ clockId, to, reason: error.message }, 'a test clock stopped on its way; its reminder begins again'),
      )
      .finally(() => walks.delete(clockId));
    walks.set(clockId, run);
  };

  return {
    begin,
    resume: async () => {
      for (const clock of await store.clocks.find({ target: { $ne: null } }).lean()) if (clock.target) begin(clock._id, clock.target);
    },
    stop: async () => {
      stopping = true;
      await Promise.allSettled(walks.values());
    },
  };
}

const eventIds = (id: string, after: number, through: number): string[] =>
  Array.from({ length: Math.max(0, through - after) }, (_, index) => eventId(id, after + index + 1));

/** The earliest wake of the lane that is due by `to`, with all that share it. What waits for a payment is no wake of the clock's. */
function firstDue(lane: Lane, to: Instant): { readonly at: Instant; readonly ids: readonly string[] } | undefined {
  const wakes = lane.flatMap(({ id, nextWake }) =>
    nextWake && nextWake.reason !== 'payment-pending' && nextWake.at <= to ? [{ id, at: nextWake.at }] : [],
  );
  const at = wakes.map((wake) => wake.at).sort()[0];
  return at === undefined ? undefined : { at, ids: wakes.filter((wake) => wake.at === at).map((wake) => wake.id) };
}
