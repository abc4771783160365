import { z } from 'zod';
import { listQuery, pageSchema } from '../../shared/list.ts';
import { pageOf } from '../../shared/mongo.ts';
import { newId } from '../../shared/new-id.ts';
import { notFound, problem } from '../../shared/problem.ts';
import { created, ok, type Route, refused, route } from '../../shared/route.ts';
import type { Platform } from '../../shared/service.ts';
import { type Plan, planBody, versionBody } from './plan.ts';
import { planSchema } from './plan-resource.ts';
import { type PlanStore, planOf } from './plan-store.ts';
import type { ProductStore } from './product-store.ts';

const versionQuery = z.strictObject({
  version: z.coerce.number().int().min(1).optional().meta({ description: 'The current version if absent' }),
});

const productNotFound = (id: string) => {
  const message = `There is no product with the id ${id}.`;
  return problem(422, 'product-not-found', message, [{ pointer: '/productId', code: 'product-not-found', message }]);
};

const planOr404 = (id: string, plan: Plan | undefined) => (plan ? ok(plan) : notFound('plan', id));

/** Plans and add-ons, their versions, and their archive. Nothing is ever deleted. */
export const planRoutes = (store: PlanStore, products: ProductStore, { now }: Platform): readonly Route[] => [
  route({
    method: 'post',
    path: '/v1/plans',
    scope: 'plans:write',
    operationId: 'createPlan',
    summary: 'Create a plan or an add-on',
    description:
      'Creates version 1 of a plan, or of an add-on that is sold together with a plan. Amounts are in minor units of the currency. ' +
      'A repeat with the same id and content responds 200 with the existing plan; other content under the same id is refused.',
    body: planBody,
    responses: { 200: planSchema, 201: planSchema },
    problems: ['already-exists', 'product-not-found'],
    handle: async ({ body }) => {
      const id = body.id ?? newId('plan');
      if (body.productId !== null && (await products.find(body.productId)) === undefined) return productNotFound(body.productId);
      const plan: Plan = { ...body, id, version: 1, family: body.family ?? body.productId ?? id, archivedAt: null, createdAt: now() };
      const outcome = await store.create(plan, { ...body, id });
      if (!outcome.ok) return refused(outcome.rejection);
      return (outcome.value.isNew ? created : ok)(outcome.value.plan);
    },
  }),
  route({
    method: 'get',
    path: '/v1/plans',
    scope: 'plans:read',
    operationId: 'listPlans',
    summary: 'List plans',
    description: 'Lists plans and add-ons at their current versions, newest first. Archived ones are included.',
    query: listQuery(),
    responses: { 200: pageSchema(planSchema) },
    handle: async ({ query }) => {
      const { data, nextCursor } = await pageOf(store.plans, {}, query);
      return ok({ data: data.map(planOf), nextCursor });
    },
  }),
  route({
    method: 'get',
    path: '/v1/plans/:id',
    scope: 'plans:read',
    operationId: 'retrievePlan',
    summary: 'Retrieve a plan',
    description: 'Returns a plan or add-on at its current version, or at the version that the query names.',
    query: versionQuery,
    responses: { 200: planSchema },
    problems: ['plan-not-found', 'plan-version-not-found'],
    handle: async ({ params: { id = '' }, query: { version } }) => {
      const plan = await store.at(id, version);
      if (plan.ok) return ok(plan.value);
      return plan.rejection.code === 'plan-not-found'
        ? notFound('plan', id)
        : problem(404, 'plan-version-not-found', plan.rejection.message);
    },
  }),
  route({
    method: 'get',
    path: '/v1/plans/:id/versions',
    scope: 'plans:read',
    operationId: 'listPlanVersions',
    summary: 'List the versions of a plan',
    description: 'Lists every version of a plan on a single page, the latest first.',
    responses: { 200: pageSchema(planSchema) },
    problems: ['plan-not-found'],
    handle: async ({ params: { id = '' } }) => {
      const data = await store.versionsOf(id);
      return data.length > 0 ? ok({ data, nextCursor: null }) : notFound('plan', id);
    },
  }),
  route({
    method: 'post',
    path: '/v1/plans/:id/versions',
    scope: 'plans:write',
    operationId: 'createPlanVersion',
    summary: 'Create a plan version',
    description:
      'Adds a version that is sold from now on. Existing subscriptions keep the version they bought until they are migrated. ' +
      'Content that equals an existing version creates nothing, and the response is that version.',
    body: versionBody,
    responses: { 201: planSchema },
    problems: ['plan-not-found'],
    handle: async ({ params: { id = '' }, body }) => {
      const plan = await store.addVersion(id, body, now());
      return plan ? created(plan) : notFound('plan', id);
    },
  }),
  route({
    method: 'post',
    path: '/v1/plans/:id/archive',
    scope: 'plans:write',
    operationId: 'archivePlan',
    summary: 'Archive a plan',
    description: 'Stops the sale of a plan or add-on. Existing subscriptions keep it and renew as before. A repeat renews archivedAt.',
    responses: { 200: planSchema },
    problems: ['plan-not-found'],
    handle: async ({ params: { id = '' } }) => planOr404(id, await store.archive(id, now())),
  }),
  route({
    method: 'post',
    path: '/v1/plans/:id/unarchive',
    scope: 'plans:write',
    operationId: 'unarchivePlan',
    summary: 'Unarchive a plan',
    description: 'Puts an archived plan or add-on on sale again, at its current version. A repeat changes nothing.',
    responses: { 200: planSchema },
    problems: ['plan-not-found'],
    handle: async ({ params: { id = '' } }) => planOr404(id, await store.archive(id, null)),
  }),
];
