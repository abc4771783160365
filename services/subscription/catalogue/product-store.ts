import type { Connection } from 'mongoose';
import { hashOf } from '../../shared/idempotency.ts';
import type { PageQuery } from '../../shared/list.ts';
import { collectionOf, documentModel, insertNew, type Page, pageOf } from '../../shared/mongo.ts';
import { accept, type Result, reject } from '../../shared/result.ts';
import type { Instant } from '../../shared/time.ts';
import type { Product } from './product.ts';

type ProductDocument = Omit<Product, 'id'> & { _id: string; bodyHash: string };

export type ProductStore = ReturnType<typeof openProducts>;

/** Products under their ids. Nothing is ever deleted. */
export function openProducts(documents: Connection) {
  const products = documentModel<ProductDocument>(documents, 'products', {
    ...{ name: {}, description: {}, archivedAt: String, createdAt: String, bodyHash: String },
  });
  const find = async (id: string): Promise<Product | undefined> => {
    const row = await collectionOf(products).findOne({ _id: id });
    return row ? productOf(row) : undefined;
  };
  const set = async (id: string, fields: Partial<ProductDocument>): Promise<Product | undefined> => {
    await collectionOf(products).updateOne({ _id: id }, { $set: fields });
    return find(id);
  };
  return {
    find,
    /** Replaces the texts. Invoices show the name of the plan and do not change. */
    update: (id: string, texts: Pick<Product, 'name' | 'description'>) => set(id, texts),
    /**
     * Replaces the texts of a product that is still as it was read; undefined where it has changed
     * since.
     */
    updateIfUnchanged: async (
      { id, name, description, archivedAt, ...rest }: Product,
      texts: Pick<Product, 'name' | 'description'>,
    ): Promise<Product | undefined> => {
      const isUnchanged = { _id: id, name, description, archivedAt };
      const { matchedCount } = await collectionOf(products).updateOne(isUnchanged, { $set: texts });
      return matchedCount === 1 ? { id, ...texts, archivedAt, ...rest } : undefined;
    },
    /** Archives at an instant, or restores with null. */
    archive: (id: string, at: Instant | null) => set(id, { archivedAt: at }),
    list: async (page: PageQuery): Promise<Page<Product>> => {
      const { data, nextCursor } = await pageOf(products, {}, page);
      return { data: data.map(productOf), nextCursor };
    },
    /**
     * Stores a product. A repeat of the same creation returns the product as it is now; other
     * content under the same id is rejected.
     */
    create: async ({ id, ...product }: Product, body: unknown): Promise<Result<{ readonly product: Product; readonly isNew: boolean }>> => {
      const bodyHash = hashOf(body);
      const isNew = (await insertNew(products, [{ _id: id, ...product, bodyHash }])).has(id);
      const stored = (await collectionOf(products).findOne({ _id: id })) as ProductDocument;
      if (stored.bodyHash !== bodyHash)
        return reject('already-exists', `A product with the id ${id} already exists with different content.`);
      return accept({ product: productOf(stored), isNew });
    },
  };
}

const productOf = ({ _id: id, bodyHash: _, ...product }: ProductDocument): Product => ({ id, ...product });
