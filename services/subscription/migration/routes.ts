import { listQuery, pageSchema } from '../../shared/list.ts';
import { keyedId } from '../../shared/new-id.ts';
import { isProblem, notFound, type Problem } from '../../shared/problem.ts';
import { accept, type Rejection, type Result, reject } from '../../shared/result.ts';
import { accepted, ok, type Route, refused, route } from '../../shared/route.ts';
import type { Platform } from '../../shared/service.ts';
import type { Store } from '../store.ts';
import { migrationPreviewSchema, previewMigration, rowsWithVersion, type Versions } from './dry-run.ts';
import {
  type Migration,
  type MigrationBody,
  migrationBody,
  migrationProgressSchema,
  migrationRefusalSchema,
  migrationSchema,
} from './migration.ts';
import type { MigrationRunner } from './run.ts';
import type { MigrationStore } from './store.ts';

/**
 * Migrations of subscriptions to another version of a plan: their preview, their start, and their
 * progress.
 */
export function migrationRoutes(
  { now }: Platform,
  { plans, subscriptions }: Pick<Store, 'plans' | 'subscriptions'>,
  migrations: MigrationStore,
  runner: MigrationRunner,
): readonly Route[] {
  const versionsOf = async (planId: string, { fromVersion, toVersion }: MigrationBody): Promise<Result<Versions>> => {
    const from = await plans.at(planId, fromVersion);
    if (!from.ok) return pointingTo('/fromVersion', from);
    const to = await plans.at(planId, toVersion);
    return to.ok ? accept({ from: from.value, to: to.value }) : pointingTo('/toVersion', to);
  };
  const withProgress = async (migration: Migration) => ({ ...migration, counts: await migrations.progress(migration.id) });
  const migrationOfPlan = async (planId: string, id: string): Promise<Migration | Problem> => {
    const found = await migrations.find(id);
    if (found?.planId !== planId) return notFound('migration', id);
    const { cursor: _, ...migration } = found;
    return migration;
  };

  return [
    route({
      method: 'post',
      path: '/v1/plans/:id/migrations/dry-run',
      scope: 'plans:read',
      operationId: 'previewPlanMigration',
      summary: 'Preview a plan migration',
      description:
        'Returns how many subscriptions a migration would change, the difference in minor units by currency at list prices, before ' +
        'discounts and tax, and the refusals by code. Nothing is changed or stored.',
      readsOnly: true,
      body: migrationBody,
      responses: { 200: migrationPreviewSchema },
      problems: ['plan-not-found', 'plan-version-not-found'],
      handle: async ({ params: { id = '' }, body }) => {
        const versions = await versionsOf(id, body);
        if (!versions.ok) return refused(versions.rejection);
        return ok(await previewMigration(rowsWithVersion(subscriptions, id, body.fromVersion), versions.value, body));
      },
    }),
    route({
      method: 'post',
      path: '/v1/plans/:id/migrations',
      scope: 'plans:write',
      operationId: 'createPlanMigration',
      summary: 'Migrate subscriptions to a plan version',
      description:
        'Changes all living subscriptions that have one version of a plan or add-on to another version, in the background. ' +
        'Retrieve the migration until it is done. Subscriptions with another scheduled change are refused and keep it. ' +
        'A repeat with the same Idempotency-Key returns the same migration and changes no subscription twice.',
      body: migrationBody,
      responses: { 202: migrationProgressSchema },
      problems: ['plan-not-found', 'plan-version-not-found', 'already-exists'],
      handle: async ({ params: { id: planId = '' }, body, idempotencyKey }) => {
        const versions = await versionsOf(planId, body);
        if (!versions.ok) return refused(versions.rejection);
        const id = keyedId('mig', idempotencyKey);
        const outcome = await migrations.create({ id, planId, ...body, status: 'running', createdAt: now(), finishedAt: null }, body);
        if (!outcome.ok) return refused(outcome.rejection);
        runner.begin(id);
        return accepted(await withProgress(outcome.value));
      },
    }),
    route({
      method: 'get',
      path: '/v1/plans/:id/migrations',
      scope: 'plans:read',
      operationId: 'listPlanMigrations',
      summary: 'List the migrations of a plan',
      description: 'Lists the migrations of a plan, newest first. A plan that does not exist has none.',
      query: listQuery(),
      responses: { 200: pageSchema(migrationSchema) },
      handle: async ({ params: { id = '' }, query }) => ok(await migrations.list(id, query)),
    }),
    route({
      method: 'get',
      path: '/v1/plans/:id/migrations/:migrationId',
      scope: 'plans:read',
      operationId: 'retrievePlanMigration',
      summary: 'Retrieve a plan migration',
      description: 'Returns a migration with the number of subscriptions by outcome so far.',
      responses: { 200: migrationProgressSchema },
      problems: ['migration-not-found'],
      handle: async ({ params: { id = '', migrationId = '' } }) => {
        const migration = await migrationOfPlan(id, migrationId);
        return isProblem(migration) ? migration : ok(await withProgress(migration));
      },
    }),
    route({
      method: 'get',
      path: '/v1/plans/:id/migrations/:migrationId/refusals',
      scope: 'plans:read',
      operationId: 'listPlanMigrationRefusals',
      summary: 'List the refusals of a plan migration',
      description: 'Lists the subscriptions that a migration did not change, and why, the latest first.',
      query: listQuery(),
      responses: { 200: pageSchema(migrationRefusalSchema) },
      problems: ['migration-not-found'],
      handle: async ({ params: { id = '', migrationId = '' }, query }) => {
        const migration = await migrationOfPlan(id, migrationId);
        return isProblem(migration) ? migration : ok(await migrations.refusals(migrationId, query));
      },
    }),
  ];
}

/** A missing version is a fault of its field; a missing plan is a fault of the path. */
const pointingTo = (pointer: string, { rejection: { code, message } }: { readonly rejection: Rejection }) =>
  code === 'plan-not-found' ? reject(code, message) : reject(code, message, pointer);
