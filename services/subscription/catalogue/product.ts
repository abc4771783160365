import type { Connection } from 'mongoose';
import { z } from 'zod';
import { identity } from '../../../actors/subscription/terms-schemas.ts';
import { hashOf } from '../../shared/idempotency.ts';
import type { PageQuery } from '../../shared/list.ts';
import { documentModel, insertNew, type Page, pageOf } from '../../shared/mongo.ts';
import { accept, type Result, reject } from '../../shared/result.ts';
import type { Instant } from '../../shared/time.ts';

const translated = (longest: number) =>
  z
    .record(z.string().min(2).max(35), z.string().min(1).max(longest))
    .refine((texts) => Object.keys(texts).length > 0, 'Give it in one language at least.');

export const productBody = z.strictObject({
  id: identity('prod').optional(),
  name: translated(200),
  description: translated(5_000).nullable().default(null),
});

/** What is sold, in the words of its buyers; how it is sold, its plans say. Plans of one product share one trial. */
export type Product = Omit<z.infer<typeof productBody>, 'id'> & {
  readonly id: string;
  readonly archivedAt: Instant | null;
  readonly createdAt: Instant;
};

type ProductDocument = Omit<Product, 'id'> & { _id: string; bodyHash: string };

export type ProductStore = ReturnType<typeof openProducts>;

/** Products under their ids. Nothing is ever deleted. */
export function openProducts(documents: Connection) {
  const products = documentModel<ProductDocument>(documents, 'products', {
    ...{ name: {}, description: {}, archivedAt: String, createdAt: String, bodyHash: String },
  });
  const find = async (id: string): Promise<Product | undefined> => {
    const row = (await products.findById(id).lean()) as ProductDocument | null;
    return row ? productOf(row) : undefined;
  };
  const set = async (id: string, fields: Partial<Product>): Promise<Product | undefined> => {
    await products.collection.updateOne({ _id: id } as never, { $set: fields } as never);
    return find(id);
  };
  return {
    find,
    /** Its words may change: invoices keep those of their plan. */
    describe: (id: string, words: Pick<Product, 'name' | 'description'>) => set(id, words),
    archive: (id: string, at: Instant | null) => set(id, { archivedAt: at }),
    list: async (page: PageQuery): Promise<Page<Product>> => {
      const { data, nextCursor } = await pageOf(products, {}, page);
      return { data: data.map((row) => productOf(row as unknown as ProductDocument)), nextCursor };
    },
    /** The same creation again answers the product as it is; another one under its id is refused. */
    create: async ({ id, ...product }: Product, body: object): Promise<Result<{ readonly product: Product; readonly isNew: boolean }>> => {
      const bodyHash = hashOf(body);
      const isNew = (await insertNew(products, [{ _id: id, ...product, bodyHash }])).has(id);
      const stored = (await products.findById(id).lean()) as ProductDocument;
      if (stored.bodyHash !== bodyHash) return reject('already-exists', `The product ${id} exists with other content.`);
      return accept({ product: productOf(stored), isNew });
    },
  };
}

const productOf = ({ _id: id, bodyHash: _, ...product }: ProductDocument): Product => ({ id, ...product });
