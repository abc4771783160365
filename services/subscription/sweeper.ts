import { createHash, randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import type { SubscriptionClient } from '../../actors/subscription/client.ts';
import { collectionOf } from '../shared/mongo.ts';
import { type Instant, plusMillis } from '../shared/time.ts';
import type { Store, SubscriptionDocument } from './store.ts';

const pageSize = 200;
const wakesInParallel = 64;
const minute = 60_000;
const hour = 60 * minute;

/** A subscription whose payment has no outcome is woken after this time. */
const waitingMillis = hour;

/**
 * Milliseconds until a subscription that a sweep did not move is swept again: the first time, the
 * second, and so on. While a payment is awaited, a debit may rightly take days.
 */
const pauses = { due: [5 * minute, 15 * minute, hour, 6 * hour, 24 * hour], waiting: [6 * hour, 24 * hour] } as const;

/** A subscription that was swept so often without an event needs an operator. */
const sweepsInVain = 3;

export type Sweeper = { readonly start: () => void; readonly sweep: () => Promise<number>; readonly stop: () => void };

type Overdue = Pick<SubscriptionDocument, '_id' | 'sequence' | 'waiting' | 'sweeps' | 'sweepAgainAt'> & { readonly nextWakeAt: Instant };
type Tally = { overdue: number; woken: number; refused: number; failed: number; readonly unmoved: string[] };

/**
 * Wakes subscriptions whose wake time passed minutes ago, so that a scheduler that lost its data
 * loses no renewal. A wake is only a hint: a second sweep, or a reminder that comes as well,
 * changes nothing. Subscriptions on test clocks are advanced by their clock, and those in
 * quarantine wait for an operator.
 *
 * A sweep goes through everything that is overdue, page by page. Each row notes when it may be
 * swept again, which any event of its subscription clears: what cannot be moved holds up nothing.
 * That note is also the claim of one replica, and each replica claims the rows of a page in an
 * order of its own, by a hash, so that they share the work.
 */
export function createSweeper(
  { subscriptions }: Pick<Store, 'subscriptions'>,
  client: Pick<SubscriptionClient, 'command'>,
  now: () => Instant,
  log: Logger,
  { overdueMillis, everyMillis }: { readonly overdueMillis: number; readonly everyMillis: number },
): Sweeper {
  const replica = randomUUID();
  const rows = collectionOf(subscriptions);
  let timer: NodeJS.Timeout | undefined;
  let isRunning = false;
  let isStopped = false;

  const pageAfter = (waiting: boolean, at: Instant, last: Overdue | undefined): Promise<Overdue[]> =>
    rows
      .find({
        testClock: null,
        waiting,
        quarantined: { $ne: true },
        nextWakeAt: { $ne: null, $lt: plusMillis(at, -overdueMillis - (waiting ? waitingMillis : 0)) },
        sweepAgainAt: { $not: { $gt: at } },
        ...(last && { $or: [{ nextWakeAt: { $gt: last.nextWakeAt } }, { nextWakeAt: last.nextWakeAt, _id: { $gt: last._id } }] }),
      })
      .sort({ nextWakeAt: 1, _id: 1 })
      .limit(pageSize)
      .project<Overdue>({ nextWakeAt: 1, sequence: 1, waiting: 1, sweeps: 1, sweepAgainAt: 1 })
      .toArray();

  /** False where an event or another replica came first. */
  const claim = async ({ _id, sequence, waiting, sweeps = 0, sweepAgainAt = null }: Overdue, at: Instant): Promise<boolean> => {
    const again = plusMillis(at, pauseAfter(waiting, sweeps));
    const { modifiedCount } = await rows.updateOne({ _id, sequence, sweepAgainAt }, { $set: { sweeps: sweeps + 1, sweepAgainAt: again } });
    return modifiedCount === 1;
  };

  const wake = async (row: Overdue, at: Instant, tally: Tally): Promise<void> => {
    if (isStopped || !(await claim(row, at))) return;
    tally.overdue += 1;
    if (!row.waiting && (row.sweeps ?? 0) + 1 >= sweepsInVain) tally.unmoved.push(row._id);
    try {
      const result = await client.command(row._id, 'wake', {});
      if (result.ok) tally.woken += 1;
      else tally.refused += 1;
    } catch {
      tally.failed += 1;
    }
  };

  const sweepAll = async (waiting: boolean, tally: Tally): Promise<void> => {
    const at = now();
    for (let last: Overdue | undefined; !isStopped; ) {
      const page = await pageAfter(waiting, at, last);
      await inParallel(inOrderOf(replica, page), (row) => wake(row, at, tally));
      last = page.at(-1);
      if (page.length < pageSize) return;
    }
  };

  const sweep = async (): Promise<number> => {
    const tally: Tally = { overdue: 0, woken: 0, refused: 0, failed: 0, unmoved: [] };
    await sweepAll(false, tally);
    await sweepAll(true, tally);
    const { unmoved, ...counts } = tally;
    if (counts.overdue > 0) log.warn(counts, 'subscription sweep woke overdue subscriptions');
    if (unmoved.length > 0)
      log.error({ count: unmoved.length, subscriptionIds: unmoved.slice(0, 20) }, 'subscription sweep moved nothing repeatedly');
    return counts.woken;
  };

  const round = (): void => {
    sweep()
      .catch((err: unknown) => log.warn({ err }, 'subscription sweep failed'))
      .finally(() => {
        if (isRunning) timer = setTimeout(round, everyMillis);
      });
  };

  return {
    start: () => {
      isRunning = true;
      round();
    },
    sweep,
    stop: () => {
      [isRunning, isStopped] = [false, true];
      clearTimeout(timer);
    },
  };
}

const pauseAfter = (waiting: boolean, sweeps: number): number => {
  const steps: readonly number[] = pauses[waiting ? 'waiting' : 'due'];
  return steps[Math.min(sweeps, steps.length - 1)] as number;
};

/** The rows in the order of a hash that differs from replica to replica. */
function inOrderOf(replica: string, page: readonly Overdue[]): readonly Overdue[] {
  const hashed = page.map((row) => ({ row, hash: createHash('sha1').update(`${replica} ${row._id}`).digest('hex') }));
  return hashed.sort((one, other) => (one.hash < other.hash ? -1 : 1)).map(({ row }) => row);
}

/** Does the work of each item, a bounded number of them in parallel. */
async function inParallel<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const left = [...items];
  const worker = async (): Promise<void> => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: wakesInParallel }, worker));
}
