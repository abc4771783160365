import { changedMeanwhile, preconditionFailed } from '../../shared/etag.ts';
import { listQuery, pageSchema } from '../../shared/list.ts';
import { newId } from '../../shared/new-id.ts';
import { notFound } from '../../shared/problem.ts';
import { created, ok, type Route, refused, route } from '../../shared/route.ts';
import type { Platform } from '../../shared/service.ts';
import type { PlanStore } from './plan-store.ts';
import { type Product, productBody, productSchema, productUpdate, productWithPlansSchema } from './product.ts';
import type { ProductStore } from './product-store.ts';

const productOr404 = (id: string, product: Product | undefined) => (product ? ok(product) : notFound('product', id));

/** Products: the translated names and descriptions that plans share. */
export function productRoutes(products: ProductStore, plans: PlanStore, { now }: Platform): readonly Route[] {
  const withPlans = async (product: Product) => ({ ...product, plans: await plans.ofProduct(product.id) });

  /**
   * With `If-Match` the update is a compare-and-set, so that only one of two racing editors
   * succeeds.
   */
  const update = async (id: string, texts: Pick<Product, 'name' | 'description'>, ifMatch: string | string[] | undefined) => {
    if (ifMatch === undefined) return productOr404(id, await products.update(id, texts));
    const current = await products.find(id);
    if (!current) return notFound('product', id);
    const failed = preconditionFailed(ifMatch, await withPlans(current));
    if (failed) return failed;
    const updated = await products.updateIfUnchanged(current, texts);
    return updated ? ok(updated) : changedMeanwhile();
  };

  return [
    route({
      method: 'post',
      path: '/v1/products',
      scope: 'plans:write',
      operationId: 'createProduct',
      summary: 'Create a product',
      description:
        'Creates a product: a translated name and description that several plans share. ' +
        'A repeat with the same id and content responds 200 with the existing product; other content under the same id is refused.',
      body: productBody,
      responses: { 200: productSchema, 201: productSchema },
      problems: ['already-exists'],
      handle: async ({ body }) => {
        const id = body.id ?? newId('prod');
        const outcome = await products.create({ ...body, id, archivedAt: null, createdAt: now() }, { ...body, id });
        if (!outcome.ok) return refused(outcome.rejection);
        return (outcome.value.isNew ? created : ok)(outcome.value.product);
      },
    }),
    route({
      method: 'get',
      path: '/v1/products',
      scope: 'plans:read',
      operationId: 'listProducts',
      summary: 'List products',
      description: 'Lists products, newest first. Archived ones are included.',
      query: listQuery(),
      responses: { 200: pageSchema(productSchema) },
      handle: async ({ query }) => ok(await products.list(query)),
    }),
    route({
      method: 'get',
      path: '/v1/products/:id',
      scope: 'plans:read',
      operationId: 'retrieveProduct',
      summary: 'Retrieve a product',
      description: 'Returns a product with the plans and add-ons that sell it, at most 200.',
      etag: true,
      responses: { 200: productWithPlansSchema },
      problems: ['product-not-found'],
      handle: async ({ params: { id = '' } }) => {
        const product = await products.find(id);
        return product ? ok(await withPlans(product)) : notFound('product', id);
      },
    }),
    route({
      method: 'put',
      path: '/v1/products/:id',
      scope: 'plans:write',
      operationId: 'updateProduct',
      summary: 'Update a product',
      description:
        'Replaces the name and description of a product in all languages. Invoices show the name of the plan and do not change. ' +
        'A repeat changes nothing. With If-Match the update is refused when the product, or a plan that sells it, has changed since it was read.',
      ifMatch: true,
      body: productUpdate,
      responses: { 200: productSchema },
      problems: ['product-not-found'],
      handle: async ({ params: { id = '' }, body, headers }) => update(id, body, headers['if-match']),
    }),
    route({
      method: 'post',
      path: '/v1/products/:id/archive',
      scope: 'plans:write',
      operationId: 'archiveProduct',
      summary: 'Archive a product',
      description: 'Marks a product as archived. Its plans stay on sale until they are archived themselves. A repeat renews archivedAt.',
      responses: { 200: productSchema },
      problems: ['product-not-found'],
      handle: async ({ params: { id = '' } }) => productOr404(id, await products.archive(id, now())),
    }),
    route({
      method: 'post',
      path: '/v1/products/:id/unarchive',
      scope: 'plans:write',
      operationId: 'unarchiveProduct',
      summary: 'Unarchive a product',
      description: 'Removes the archive mark of a product. A repeat changes nothing.',
      responses: { 200: productSchema },
      problems: ['product-not-found'],
      handle: async ({ params: { id = '' } }) => productOr404(id, await products.archive(id, null)),
    }),
  ];
}
