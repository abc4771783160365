import type { Connection } from 'mongoose';
import { hashOf } from '../../shared/idempotency.ts';
import type { PageQuery } from '../../shared/list.ts';
import { documentModel, insertNew, type Page, pageOf } from '../../shared/mongo.ts';
import { accept, type Result, reject } from '../../shared/result.ts';
import type { Instant } from '../../shared/time.ts';
import type { Migration, MigrationOutcome } from './migration.ts';

/** `cursor`: the subscription up to which all are done, in the order of ids. */
type MigrationDocument = Omit<Migration, 'id'> & { _id: string; bodyHash: string; cursor: string };
type OutcomeDocument = MigrationOutcome & { _id: string; migrationId: string; createdAt: Instant };

export type Progress = { readonly migrated: number; readonly unchanged: number; readonly refused: number };

export type MigrationStore = ReturnType<typeof openMigrations>;

/** Migrations and what came of each subscription: an outcome is written once under a derived id, so that whoever comes second counts nothing twice. */
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
    const row = (await migrations.findById(id).lean()) as MigrationDocument | null;
    return row ? { ...migrationOf(row), cursor: row.cursor } : undefined;
  };

  const count = (migrationId: string, outcome: MigrationOutcome['outcome']): Promise<number> =>
    outcomes.countDocuments({ migrationId, outcome } as never);

  return {
    find,
    /** The same creation again answers the same migration; another one under its id is refused. */
    create: async (migration: Migration, body: object): Promise<Result<Migration>> => {
      const { id, ...fields } = migration;
      const bodyHash = hashOf({ planId: migration.planId, ...body });
      await insertNew(migrations, [{ _id: id, ...fields, bodyHash, cursor: '' }]);
      const stored = (await migrations.findById(id).lean()) as MigrationDocument;
      return stored.bodyHash === bodyHash ? accept(migrationOf(stored)) : reject('already-exists', `${id} is another migration.`);
    },
    list: async (planId: string, page: PageQuery): Promise<Page<Migration>> => {
      const { data, nextCursor } = await pageOf(migrations, { planId }, page);
      return { data: data.map(migrationOf), nextCursor };
    },
    running: async (): Promise<readonly string[]> =>
      (await migrations.find({ status: 'running' } as never).lean()).map(({ _id }) => String(_id)),
    note: async (migrationId: string, made: readonly MigrationOutcome[], now: Instant): Promise<void> => {
      await insertNew(
        outcomes,
        made.map((outcome) => ({ _id: `${migrationId}|${outcome.subscriptionId}`, migrationId, ...outcome, createdAt: now })),
      );
    },
    /** Moves the cursor on, only from where it was read: of two walkers one does. */
    advance: async (id: string, from: string, to: string): Promise<void> => {
      await migrations.collection.updateOne({ _id: id, cursor: from } as never, { $set: { cursor: to } });
    },
    finish: async (id: string, now: Instant): Promise<void> => {
      await migrations.collection.updateOne({ _id: id, status: 'running' } as never, { $set: { status: 'done', finishedAt: now } });
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
