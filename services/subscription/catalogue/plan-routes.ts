import { z } from 'zod';
import { listQuery } from '../../shared/list.ts';
import { pageOf } from '../../shared/mongo.ts';
import { newId } from '../../shared/new-id.ts';
import { notFound, problem } from '../../shared/problem.ts';
import { created, ok, type Route, refused, route } from '../../shared/route.ts';
import type { Platform } from '../../shared/service.ts';
import { type Plan, planBody, versionBody } from './plan.ts';
import { type PlanStore, planOf } from './plan-store.ts';
import type { ProductStore } from './product.ts';

const versionQuery = z.strictObject({ version: z.coerce.number().int().min(1).optional() });

const productNotFound = (id: string) =>
  problem(422, 'product-not-found', `There is no product ${id}.`, [
    { pointer: '/productId', code: 'product-not-found', message: 'Name one that exists.' },
  ]);

const answerOf = (id: string, plan: Plan | undefined) => (plan ? ok(plan) : notFound('plan', id));

/** The catalogue: plans and add-ons, their versions, and what is no longer sold. Nothing is ever deleted. */
export const planRoutes = (store: PlanStore, products: ProductStore, { now }: Platform): readonly Route[] => [
  route({
    method: 'post',
    path: '/v1/plans',
    scope: 'plans:write',
    summary: 'Create a plan or an add-on',
    body: planBody,
    handle: async ({ body }) => {
      const id = body.id ?? newId('plan');
      if (body.productId !== null && (await products.find(body.productId)) === undefined) return productNotFound(body.productId);
      const plan: Plan = { ...body, id, version: 1, family: body.family ?? body.productId ?? id, archivedAt: null, createdAt: now() };
      const made = await store.create(plan, { ...body, id });
      if (!made.ok) return refused(made.rejection);
      return made.value.isNew ? created(made.value.plan) : ok(made.value.plan);
    },
  }),
  route({
    method: 'get',
    path: '/v1/plans',
    scope: 'plans:read',
    summary: 'List plans, newest first',
    query: listQuery(),
    handle: async ({ query }) => {
      const page = await pageOf(store.plans, {}, query);
      return ok({ data: page.data.map(planOf), nextCursor: page.nextCursor });
    },
  }),
  route({
    method: 'get',
    path: '/v1/plans/:id',
    scope: 'plans:read',
    summary: 'One plan, as it is sold now or as a version of it was',
    query: versionQuery,
    handle: async ({ params: { id = '' }, query: { version } }) => {
      const plan = await store.at(id, version);
      return plan.ok ? ok(plan.value) : notFound(plan.rejection.code === 'plan-not-found' ? 'plan' : 'plan-version', id);
    },
  }),
  route({
    method: 'get',
    path: '/v1/plans/:id/versions',
    scope: 'plans:read',
    summary: 'Every version of a plan, the latest first',
    handle: async ({ params: { id = '' } }) => {
      const data = await store.versionsOf(id);
      return data.length > 0 ? ok({ data, nextCursor: null }) : notFound('plan', id);
    },
  }),
  route({
    method: 'post',
    path: '/v1/plans/:id/versions',
    scope: 'plans:write',
    summary: 'Sell a plan on other terms from now on; who has it keeps the version they bought',
    body: versionBody,
    handle: async ({ params: { id = '' }, body }) => {
      const plan = await store.addVersion(id, body, now());
      return plan ? created(plan) : notFound('plan', id);
    },
  }),
  route({
    method: 'post',
    path: '/v1/plans/:id/archive',
    scope: 'plans:write',
    summary: 'Sell a plan to nobody new; who has it keeps it',
    handle: async ({ params: { id = '' } }) => answerOf(id, await store.archive(id, now())),
  }),
  route({
    method: 'post',
    path: '/v1/plans/:id/unarchive',
    scope: 'plans:write',
    summary: 'Sell an archived plan again',
    handle: async ({ params: { id = '' } }) => answerOf(id, await store.archive(id, null)),
  }),
];
