import type { SubscriptionClient, SubscriptionResource } from '../../../actors/subscription/client.ts';
import type { Platform } from '../../shared/service.ts';
import { changedTerms, termsQuestionOf } from '../change.ts';
import type { Store } from '../store.ts';
import {
  changeScheduled,
  hasOtherPlans,
  havingVersion,
  isOnItsWay,
  type Migration,
  type MigrationOutcome,
  migratedQuestion,
} from './migration.ts';
import type { MigrationStore } from './store.ts';

/** Moves subscriptions one by one, outside of any request. Beginning a migration that is under way changes nothing. */
export type MigrationWalk = {
  readonly begin: (migrationId: string) => void;
  /** Goes on with what a former process left unfinished. */
  readonly resume: () => Promise<void>;
  readonly stop: () => Promise<void>;
};

const atOnce = 40;
/** A server without an index sorts all that match for every answer, so many ids are read at once. */
const idsAtOnce = 20_000;
const millisToTryAgain = 5_000;

/**
 * In the order of their ids, from the stored cursor on. Each subscription is asked under a key of this migration, so that a walk that begins
 * again after a crash, or beside another one, moves nobody twice; what it refuses is noted, what it cannot be asked is tried again.
 */
export function createMigrationWalk(
  platform: Platform,
  store: Pick<Store, 'subscriptions' | 'plans'>,
  migrations: MigrationStore,
  client: Pick<SubscriptionClient, 'get' | 'command'>,
): MigrationWalk {
  const walks = new Map<string, Promise<void>>();
  const timers = new Set<NodeJS.Timeout>();
  let stopping = false;

  const migrate = async (migration: Migration, subscriptionId: string): Promise<MigrationOutcome> => {
    const subscription = await client.get(subscriptionId);
    if (subscription === undefined) throw new Error(`${subscriptionId} cannot be asked`);
    if (isOnItsWay(subscription, migration.planId, migration.toVersion))
      return { subscriptionId, outcome: 'unchanged', code: null, message: null };
    if (hasOtherPlans(subscription, migration.planId, migration.toVersion))
      return { subscriptionId, outcome: 'refused', ...changeScheduled };
    return move(migration, subscription);
  };

  const move = async (migration: Migration, subscription: SubscriptionResource): Promise<MigrationOutcome> => {
    const { id: subscriptionId } = subscription;
    const question = migratedQuestion(termsQuestionOf(subscription, {}), migration.planId, migration);
    const terms = await changedTerms(platform, store.plans, question);
    if (!terms.ok) return { subscriptionId, outcome: 'refused', ...codeOf(terms.rejection) };
    const when = migration.effective === 'next-period' ? 'period-end' : migration.effective;
    const body = { terms: terms.value, when, proration: migration.proration, anchor: 'keep' } as const;
    const idempotencyKey = `migration:${migration.id}:${subscriptionId}`;
    const answer = await client.command(subscriptionId, 'change', body, { idempotencyKey });
    if (!answer.ok) return { subscriptionId, outcome: 'refused', ...codeOf(answer.rejection) };
    return { subscriptionId, outcome: answer.events.length > 0 ? 'migrated' : 'unchanged', code: null, message: null };
  };

  /** Some at a time, the cursor after each; false where the process is stopping before all are done. */
  const migrateAll = async (migration: Migration, cursor: string, ids: readonly string[]): Promise<boolean> => {
    let done = cursor;
    for (let from = 0; from < ids.length; from += atOnce) {
      if (stopping) return false;
      const some = ids.slice(from, from + atOnce);
      await migrations.note(migration.id, await Promise.all(some.map((id) => migrate(migration, id))), platform.now());
      await migrations.advance(migration.id, done, some.at(-1) as string);
      done = some.at(-1) as string;
    }
    return true;
  };

  const walk = async (id: string): Promise<void> => {
    while (!stopping) {
      const migration = await migrations.find(id);
      if (migration === undefined || migration.status === 'done') return;
      const filter = { ...havingVersion(migration.planId, migration.fromVersion), _id: { $gt: migration.cursor } };
      const rows = await store.subscriptions.find(filter).sort({ _id: 1 }).limit(idsAtOnce).select({ _id: 1 }).lean();
      const ids = rows.map(({ _id }) => _id);
      const isWhole = await migrateAll(migration, migration.cursor, ids);
      if (isWhole && ids.length < idsAtOnce) return migrations.finish(id, platform.now());
    }
  };

  const begin = (id: string): void => {
    if (walks.has(id) || stopping) return;
    const run = walk(id).catch((error: Error) => {
      platform.log.warn({ migrationId: id, reason: error.message }, 'a migration stopped on its way and will go on');
      if (stopping) return;
      const timer = setTimeout(() => {
        timers.delete(timer);
        begin(id);
      }, millisToTryAgain);
      timers.add(timer);
    });
    walks.set(
      id,
      run.finally(() => walks.delete(id)),
    );
  };

  return {
    begin,
    resume: async () => {
      for (const id of await migrations.running()) begin(id);
    },
    stop: async () => {
      stopping = true;
      for (const timer of timers) clearTimeout(timer);
      await Promise.allSettled(walks.values());
    },
  };
}

const codeOf = ({ code, message }: { readonly code: string; readonly message: string }) => ({ code, message });
