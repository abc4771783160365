import type { Logger } from 'pino';
import type { SubscriptionClient, SubscriptionResource } from '../../../actors/subscription/client.ts';
import { eventId } from '../../shared/events.ts';
import { collectionOf } from '../../shared/mongo.ts';
import type { TestClockSettlement } from '../../shared/test-clock-settlement.ts';
import type { Instant } from '../../shared/time.ts';
import type { Store } from '../store.ts';

/**
 * Advances the subscriptions of a test clock to its target, outside of any actor turn. A second
 * start of the same advance changes nothing.
 */
export type ClockAdvance = {
  readonly begin: (clockId: string, to: Instant) => void;
  /** Continues what a former process left unfinished. */
  readonly resume: () => Promise<void>;
  readonly stop: () => Promise<void>;
};

/** The subscriptions of one customer. */
type Lane = readonly SubscriptionResource[];

const lanesAtOnce = 12;
const millisToSettle = 60_000;
const endedStatuses = new Set(['cancelled', 'expired', 'incomplete-expired']);

/**
 * Each customer is a lane. Within a lane every wake happens in the order of time, and the next one
 * only after every service has handled all consequences of the one before. Lanes do not affect each
 * other, so several advance at once.
 */
export function createClockAdvance(store: Store, client: SubscriptionClient, settlement: TestClockSettlement, log: Logger): ClockAdvance {
  const running = new Map<string, Promise<void>>();
  let stopping = false;

  const settle = async (events: readonly string[]): Promise<void> => {
    if (!(await settlement.settled(events, millisToSettle))) throw new Error(`not settled within a minute: ${events.join(' ')}`);
  };

  const readLane = async (ids: readonly string[]): Promise<Lane> =>
    (await Promise.all(ids.map((id) => client.get(id)))).filter((subscription) => subscription !== undefined);

  /**
   * Wakes the earliest that is due and lets its consequences happen, again and again, until nothing
   * is due by `to`.
   */
  const advanceLane = async (ids: readonly string[], settledThrough: ReadonlyMap<string, number>, to: Instant): Promise<void> => {
    const lane = await readLane(ids);
    await settle(lane.flatMap(({ id, sequence }) => eventIds(id, settledThrough.get(id) ?? 0, sequence)));
    for (let idle = 0; !stopping; ) {
      const due = firstDue(await readLane(ids), to);
      if (!due) break;
      const results = await Promise.all(due.ids.map((id) => client.command(id, 'wake', { clockNow: due.at })));
      const events = results.flatMap((result) => (result.ok ? result.events : []));
      await settle(events);
      idle = events.length > 0 ? 0 : idle + 1;
      if (idle > 3) throw new Error(`a wake at ${due.at} changes nothing: ${due.ids.join(' ')}`);
    }
    if (stopping) throw new Error('the process is stopping');
    for (const { id, sequence } of await readLane(ids)) {
      await client.command(id, 'wake', { clockNow: to });
      await collectionOf(store.subscriptions).updateOne({ _id: id }, { $set: { settledThrough: sequence } });
    }
  };

  const advance = async (clockId: string, to: Instant): Promise<void> => {
    const rows = await collectionOf(store.subscriptions).find({ testClock: clockId }).toArray();
    const live = rows.filter((row) => !endedStatuses.has(row.status));
    const settledThrough = new Map(live.map((row) => [row._id, row.settledThrough ?? 0]));
    const lanes = [...Map.groupBy(live, (row) => row.customerId).values()].map((group) => group.map((row) => row._id));
    const queue = lanes[Symbol.iterator]();
    const workers = Array.from({ length: Math.min(lanesAtOnce, lanes.length) }, async () => {
      for (const ids of queue) await advanceLane(ids, settledThrough, to);
    });
    await Promise.all(workers);
    await client.arriveClock(clockId, to);
  };

  const begin = (clockId: string, to: Instant): void => {
    if (running.has(clockId) || stopping) return;
    const started = performance.now();
    const run = advance(clockId, to)
      .then(() => log.info({ clockId, to, millis: Math.round(performance.now() - started) }, 'test clock advanced'))
      .catch((err: unknown) => log.error({ clockId, to, err }, 'test clock advance failed; its reminder starts it again'))
      .finally(() => running.delete(clockId));
    running.set(clockId, run);
  };

  return {
    begin,
    resume: async () => {
      const clocks = await collectionOf(store.clocks)
        .find({ target: { $ne: null } })
        .toArray();
      for (const { _id, target } of clocks) if (target) begin(_id, target);
    },
    stop: async () => {
      stopping = true;
      await Promise.allSettled(running.values());
    },
  };
}

const eventIds = (id: string, after: number, through: number): string[] =>
  Array.from({ length: Math.max(0, through - after) }, (_, index) => eventId(id, after + index + 1));

/**
 * The earliest wake of the lane that is due by `to`, with all subscriptions that share it. A
 * pending payment is no wake of the clock.
 */
function firstDue(lane: Lane, to: Instant): { readonly at: Instant; readonly ids: readonly string[] } | undefined {
  const wakes = lane.flatMap(({ id, nextWake }) =>
    nextWake && nextWake.reason !== 'payment-pending' && nextWake.at <= to ? [{ id, at: nextWake.at }] : [],
  );
  const at = wakes.map((wake) => wake.at).sort()[0];
  return at === undefined ? undefined : { at, ids: wakes.filter((wake) => wake.at === at).map((wake) => wake.id) };
}
