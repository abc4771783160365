import type { Model } from 'mongoose';
import { isDuplicateKey } from '../shared/mongo.ts';

type Revised = { readonly _id: string; readonly revision: number };

/**
 * Applies a pure change to one document, so that two writers never undo each other: it is replaced only while its `revision` is the
 * one that was read, else read again. `fresh` (revision 0) stands for a document that is not there yet. A change that answers the
 * same object writes nothing.
 */
export async function changeDocument<Document extends Revised>(
  model: Model<Document>,
  fresh: Document,
  decide: (document: Document) => Document,
): Promise<Document> {
  for (;;) {
    const before = ((await model.findById(fresh._id).lean()) as unknown as Document | null) ?? fresh;
    const decided = decide(before);
    if (decided === before) return before;
    const after = { ...decided, revision: before.revision + 1 };
    if (await replaced(model, before, after)) return after;
  }
}

async function replaced<Document extends Revised>(model: Model<Document>, before: Document, after: Document): Promise<boolean> {
  try {
    const filter = { _id: before._id, revision: before.revision } as never;
    const { matchedCount, upsertedCount } = await model.collection.replaceOne(filter, after, { upsert: before.revision === 0 });
    return matchedCount + upsertedCount === 1;
  } catch (error) {
    if (isDuplicateKey(error)) return false;
    throw error;
  }
}
