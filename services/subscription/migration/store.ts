import type { Connection } from 'mongoose';
import { hashOf } from '../../shared/idempotency.ts';
import type { PageQuery } from '../../shared/list.ts';
import { collectionOf, documentModel, insertNew, type Page, pageOf } from '../../shared/mongo.ts';
import { accept, type Result, reject } from '../../shared/result.ts';
import type { Instant } from '../../shared/time.ts';
import type { Migration, MigrationBody, MigrationOutcome } from './migration.ts';

/** `cursor`: the last subscription, in the order of ids, up to which all are done. */
type MigrationDocument = Omit<Migration, 'id'> & { _id: string; bodyHash: string; cursor: string };
type OutcomeDocument = MigrationOutcome & { _id: string; migrationId: string; createdAt: Instant };

export type Progress = { readonly migrated: number; readonly unchanged: number; readonly refused: number };

export type MigrationStore = ReturnType<typeof openMigrations>;

/**
 * Migrations and the outcome of each subscription. An outcome is written once under a derived id,
 * so that a second run counts nothing twice.
 */
export function openMigrations(documents: Connection) {
  const texts = ['planId', 'effective', 'proration', 'status', 'createdAt', 'finishedAt', 'bodyHash', 'cursor'];
  const migrations = documentModel<MigrationDocument>(
    documents,
    'plan_migrations',
    { ...Object.fromEntries(texts.map((name) => [name, String])), fromVersion: Number, toVersion: Number },
    [{ fields: { planId: 1, createdAt: -1 } }],
  );
  const outcomeFields = ['migrationId', 'subscriptionId', 'outcome', 'code', 'message', 'createdAt'];
  const outcomes = documentModel<OutcomeDocument>(
    documents,
    'plan_migration_outcomes',
    Object.fromEntries(outcomeFields.map((name) => [name, String])),
    [{ fields: { migrationId: 1, outcome: 1, createdAt: -1 } }],
  );

  const find = async (id: string): Promise<(Migration & { readonly cursor: string }) | undefined> => {
    const row = await collectionOf(migrations).findOne({ _id: id });
    return row ? { ...migrationOf(row), cursor: row.cursor } : undefined;
  };

  const count = (migrationId: string, outcome: MigrationOutcome['outcome']): Promise<number> =>
    outcomes.countDocuments({ migrationId, outcome });

  return {
    find,
    /**
     * Stores a migration. A repeat of the same creation returns it; other content under the same id
     * is rejected.
     */
    create: async (migration: Migration, body: Partial<MigrationBody>): Promise<Result<Migration>> => {
      const { id, ...fields } = migration;
      const bodyHash = hashOf({ planId: migration.planId, ...body });
      await insertNew(migrations, [{ _id: id, ...fields, bodyHash, cursor: '' }]);
      const stored = (await collectionOf(migrations).findOne({ _id: id })) as MigrationDocument;
      if (stored.bodyHash !== bodyHash)
        return reject('already-exists', `A migration with the id ${id} already exists with different content.`);
      return accept(migrationOf(stored));
    },
    list: async (planId: string, page: PageQuery): Promise<Page<Migration>> => {
      const { data, nextCursor } = await pageOf(migrations, { planId }, page);
      return { data: data.map(migrationOf), nextCursor };
    },
    /** Ids of the migrations that are not done. */
    unfinished: async (): Promise<readonly string[]> =>
      (await collectionOf(migrations).find({ status: 'running' }).toArray()).map(({ _id }) => _id),
    recordOutcomes: async (migrationId: string, made: readonly MigrationOutcome[], now: Instant): Promise<void> => {
      await insertNew(
        outcomes,
        made.map((outcome) => ({ _id: `${migrationId}|${outcome.subscriptionId}`, migrationId, ...outcome, createdAt: now })),
      );
    },
    /**
     * Moves the cursor, but only from the position that was read, so that only one of two runs
     * moves it.
     */
    moveCursor: async (id: string, from: string, to: string): Promise<void> => {
      await collectionOf(migrations).updateOne({ _id: id, cursor: from }, { $set: { cursor: to } });
    },
    finish: async (id: string, now: Instant): Promise<void> => {
      await collectionOf(migrations).updateOne({ _id: id, status: 'running' }, { $set: { status: 'done', finishedAt: now } });
    },
    progress: async (id: string): Promise<Progress> => {
      const [migrated, unchanged, refused] = await Promise.all([count(id, 'migrated'), count(id, 'unchanged'), count(id, 'refused')]);
      return { migrated, unchanged, refused };
    },
    refusals: async (migrationId: string, page: PageQuery): Promise<Page<MigrationOutcome>> => {
      const { data, nextCursor } = await pageOf(outcomes, { migrationId, outcome: 'refused' }, page);
      return { data: data.map(({ subscriptionId, outcome, code, message }) => ({ subscriptionId, outcome, code, message })), nextCursor };
    },
  };
}

const migrationOf = ({ _id: id, bodyHash: _b, cursor: _c, ...migration }: MigrationDocument): Migration => ({ id, ...migration });
