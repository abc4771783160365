import { listQuery } from '../../shared/list.ts';
import { keyedId } from '../../shared/new-id.ts';
import { isProblem, notFound, type Problem } from '../../shared/problem.ts';
import { accept, type Rejection, type Result, reject } from '../../shared/result.ts';
import { accepted, ok, type Route, refused, route } from '../../shared/route.ts';
import type { Platform } from '../../shared/service.ts';
import type { Store } from '../store.ts';
import { movesOf, rowsHaving, type Versions } from './dry-run.ts';
import { type Migration, type MigrationBody, migrationBody } from './migration.ts';
import type { MigrationStore } from './store.ts';
import type { MigrationWalk } from './walk.ts';

/** Moving subscribers to another version of what they have: what it would do, and doing it. */
export function migrationRoutes(
  { now }: Platform,
  { plans, subscriptions }: Pick<Store, 'plans' | 'subscriptions'>,
  migrations: MigrationStore,
  walk: MigrationWalk,
): readonly Route[] {
  const versionsOf = async (planId: string, { fromVersion, toVersion }: MigrationBody): Promise<Result<Versions>> => {
    const from = await plans.at(planId, fromVersion);
    if (!from.ok) return pointed(from, '/fromVersion');
    const to = await plans.at(planId, toVersion);
    return to.ok ? accept({ from: from.value, to: to.value }) : pointed(to, '/toVersion');
  };
  const shown = async (migration: Migration) => ({ ...migration, counts: await migrations.progress(migration.id) });
  const ofPlan = async (planId: string, id: string): Promise<Migration | Problem> => {
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
      summary: 'How many subscribers a migration would move, and how much money',
      body: migrationBody,
      handle: async ({ params: { id = '' }, body }) => {
        const versions = await versionsOf(id, body);
        if (!versions.ok) return refused(versions.rejection);
        return ok(await movesOf(rowsHaving(subscriptions, id, body.fromVersion), versions.value, body));
      },
    }),
    route({
      method: 'post',
      path: '/v1/plans/:id/migrations',
      scope: 'plans:write',
      summary: 'Move everybody who has one version of a plan to another, in the background',
      body: migrationBody,
      handle: async ({ params: { id: planId = '' }, body, idempotencyKey }) => {
        const versions = await versionsOf(planId, body);
        if (!versions.ok) return refused(versions.rejection);
        const id = keyedId('mig', idempotencyKey);
        const made = await migrations.create({ id, planId, ...body, status: 'running', createdAt: now(), finishedAt: null }, body);
        if (!made.ok) return refused(made.rejection);
        walk.begin(id);
        return accepted(await shown(made.value));
      },
    }),
    route({
      method: 'get',
      path: '/v1/plans/:id/migrations',
      scope: 'plans:read',
      summary: 'The migrations of a plan, the latest first',
      query: listQuery(),
      handle: async ({ params: { id = '' }, query }) => ok(await migrations.list(id, query)),
    }),
    route({
      method: 'get',
      path: '/v1/plans/:id/migrations/:migrationId',
      scope: 'plans:read',
      summary: 'One migration, with how many it has moved',
      handle: async ({ params: { id = '', migrationId = '' } }) => {
        const migration = await ofPlan(id, migrationId);
        return isProblem(migration) ? migration : ok(await shown(migration));
      },
    }),
    route({
      method: 'get',
      path: '/v1/plans/:id/migrations/:migrationId/refusals',
      scope: 'plans:read',
      summary: 'The subscriptions that were not moved, and why',
      query: listQuery(),
      handle: async ({ params: { id = '', migrationId = '' }, query }) => {
        const migration = await ofPlan(id, migrationId);
        return isProblem(migration) ? migration : ok(await migrations.refusals(migrationId, query));
      },
    }),
  ];
}

/** A plan that is not there is the path's fault, a version the field's. */
const pointed = ({ rejection: { code, message } }: { readonly rejection: Rejection }, pointer: string) =>
  code === 'plan-not-found' ? reject(code, message) : reject(code, message, pointer);
