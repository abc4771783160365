import type { SubscriptionClient, SubscriptionResource } from '../../../actors/subscription/client.ts';
import { collectionOf } from '../../shared/mongo.ts';
import type { Platform } from '../../shared/service.ts';
import { changedTerms, termsQueryOf } from '../change.ts';
import type { Store } from '../store.ts';
import {
  changeScheduled,
  hasOtherChange,
  isScheduledTo,
  livingWithVersion,
  type Migration,
  type MigrationOutcome,
  migratedQuery,
} from './migration.ts';
import type { MigrationStore } from './store.ts';

/**
 * Migrates subscriptions one by one, outside of any request. Beginning a migration that is running
 * changes nothing.
 */
export type MigrationRunner = {
  readonly begin: (migrationId: string) => void;
  /** Continues what a former process left unfinished. */
  readonly resume: () => Promise<void>;
  readonly stop: () => Promise<void>;
};

const subscriptionsAtOnce = 40;
/** A server without an index sorts all matches for every page, so the pages are large. */
const idsAtOnce = 20_000;
const millisToRetry = 5_000;

/**
 * Migrates in the order of subscription ids, from the stored cursor on. Each command carries a key
 * of this migration, so a run that restarts after a crash, or runs in two processes, migrates no
 * subscription twice. Refusals are stored; when an actor cannot be reached, the run starts again
 * after a few seconds.
 */
export function createMigrationRunner(
  platform: Platform,
  store: Pick<Store, 'subscriptions' | 'plans'>,
  migrations: MigrationStore,
  client: Pick<SubscriptionClient, 'get' | 'command'>,
): MigrationRunner {
  const running = new Map<string, Promise<void>>();
  const timers = new Set<NodeJS.Timeout>();
  let stopping = false;

  const migrate = async (migration: Migration, subscriptionId: string): Promise<MigrationOutcome> => {
    const subscription = await client.get(subscriptionId);
    if (subscription === undefined) throw new Error(`subscription ${subscriptionId} cannot be read`);
    if (isScheduledTo(subscription, migration.planId, migration.toVersion))
      return { subscriptionId, outcome: 'unchanged', code: null, message: null };
    if (hasOtherChange(subscription, migration.planId, migration.toVersion)) return refusal(subscriptionId, changeScheduled);
    return change(migration, subscription);
  };

  const change = async (migration: Migration, subscription: SubscriptionResource): Promise<MigrationOutcome> => {
    const { id: subscriptionId } = subscription;
    const query = migratedQuery(termsQueryOf(subscription, {}), migration.planId, migration);
    const terms = await changedTerms(platform, store.plans, query);
    if (!terms.ok) return refusal(subscriptionId, terms.rejection);
    const when = migration.effective === 'next-period' ? 'period-end' : migration.effective;
    const body = { terms: terms.value, when, proration: migration.proration, anchor: 'keep' as const };
    const idempotencyKey = `migration:${migration.id}:${subscriptionId}`;
    const result = await client.command(subscriptionId, 'change', body, { idempotencyKey });
    if (!result.ok) return refusal(subscriptionId, result.rejection);
    return { subscriptionId, outcome: result.events.length > 0 ? 'migrated' : 'unchanged', code: null, message: null };
  };

  /**
   * A few at a time, with the cursor stored after each batch. False if the process stops before all
   * are done.
   */
  const migrateAll = async (migration: Migration, cursor: string, ids: readonly string[]): Promise<boolean> => {
    let done = cursor;
    for (let from = 0; from < ids.length; from += subscriptionsAtOnce) {
      if (stopping) return false;
      const batch = ids.slice(from, from + subscriptionsAtOnce);
      const outcomes = await Promise.all(batch.map((id) => migrate(migration, id)));
      await migrations.recordOutcomes(migration.id, outcomes, platform.now());
      await migrations.moveCursor(migration.id, done, batch.at(-1) as string);
      done = batch.at(-1) as string;
    }
    return true;
  };

  const run = async (id: string): Promise<void> => {
    while (!stopping) {
      const migration = await migrations.find(id);
      if (migration === undefined || migration.status === 'done') return;
      const rows = await collectionOf(store.subscriptions)
        .find({ ...livingWithVersion(migration.planId, migration.fromVersion), _id: { $gt: migration.cursor } })
        .sort({ _id: 1 })
        .limit(idsAtOnce)
        .project<{ _id: string }>({ _id: 1 })
        .toArray();
      const ids = rows.map(({ _id }) => _id);
      const isComplete = await migrateAll(migration, migration.cursor, ids);
      if (isComplete && ids.length < idsAtOnce) return migrations.finish(id, platform.now());
    }
  };

  const retryLater = (id: string): void => {
    if (stopping) return;
    const timer = setTimeout(() => {
      timers.delete(timer);
      begin(id);
    }, millisToRetry);
    timers.add(timer);
  };

  const begin = (id: string): void => {
    if (running.has(id) || stopping) return;
    const attempt = run(id)
      .catch((err: unknown) => {
        platform.log.warn({ migrationId: id, err }, 'plan migration interrupted; it continues in a few seconds');
        retryLater(id);
      })
      .finally(() => running.delete(id));
    running.set(id, attempt);
  };

  return {
    begin,
    resume: async () => {
      for (const id of await migrations.unfinished()) begin(id);
    },
    stop: async () => {
      stopping = true;
      for (const timer of timers) clearTimeout(timer);
      await Promise.allSettled(running.values());
    },
  };
}

const refusal = (subscriptionId: string, { code, message }: { readonly code: string; readonly message: string }): MigrationOutcome => ({
  subscriptionId,
  outcome: 'refused',
  code,
  message,
});
