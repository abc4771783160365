import { listQuery } from '../../shared/list.ts';
import { newId } from '../../shared/new-id.ts';
import { notFound } from '../../shared/problem.ts';
import { created, ok, type Route, refused, route } from '../../shared/route.ts';
import type { Platform } from '../../shared/service.ts';
import type { PlanStore } from './plan-store.ts';
import { type Product, type ProductStore, productBody } from './product.ts';

const answerOf = (id: string, product: Product | undefined) => (product ? ok(product) : notFound('product', id));

/** Products: what plans sell, in every language. */
export const productRoutes = (products: ProductStore, plans: PlanStore, { now }: Platform): readonly Route[] => [
  route({
    method: 'post',
    path: '/v1/products',
    scope: 'plans:write',
    summary: 'Create a product',
    body: productBody,
    handle: async ({ body }) => {
      const id = body.id ?? newId('prod');
      const made = await products.create({ ...body, id, archivedAt: null, createdAt: now() }, { ...body, id });
      if (!made.ok) return refused(made.rejection);
      return (made.value.isNew ? created : ok)(made.value.product);
    },
  }),
  route({
    method: 'get',
    path: '/v1/products',
    scope: 'plans:read',
    summary: 'List products, newest first',
    query: listQuery(),
    handle: async ({ query }) => ok(await products.list(query)),
  }),
  route({
    method: 'get',
    path: '/v1/products/:id',
    scope: 'plans:read',
    summary: 'One product, with the plans that sell it',
    handle: async ({ params: { id = '' } }) => {
      const product = await products.find(id);
      return product ? ok({ ...product, plans: await plans.ofProduct(id) }) : notFound('product', id);
    },
  }),
  route({
    method: 'put',
    path: '/v1/products/:id',
    scope: 'plans:write',
    summary: 'Say in other words, or in more languages, what is sold',
    body: productBody.omit({ id: true }),
    handle: async ({ params: { id = '' }, body }) => answerOf(id, await products.describe(id, body)),
  }),
  route({
    method: 'post',
    path: '/v1/products/:id/archive',
    scope: 'plans:write',
    summary: 'Take a product off the shelf; its plans are archived one by one',
    handle: async ({ params: { id = '' } }) => answerOf(id, await products.archive(id, now())),
  }),
  route({
    method: 'post',
    path: '/v1/products/:id/unarchive',
    scope: 'plans:write',
    summary: 'Put an archived product back',
    handle: async ({ params: { id = '' } }) => answerOf(id, await products.archive(id, null)),
  }),
];
