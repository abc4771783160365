import type { Model, mongo } from 'mongoose';
import { collectionOf, isDuplicateKey } from '../shared/mongo.ts';

type Revised = { readonly _id: string; readonly revision: number };

/**
 * Applies a pure change to one document so that two writers never undo each other: the document is
 * replaced only while its `revision` is the one that was read, and otherwise read again. `fresh`
 * (revision 0) stands for a document that does not exist yet. A change that returns the same object
 * writes nothing.
 */
export async function changeDocument<Document extends Revised>(
  model: Model<Document>,
  fresh: Document,
  decide: (document: Document) => Document,
): Promise<Document> {
  // Everything that this function touches by name is `_id` and `revision`, whatever else a document
  // has.
  const documents = collectionOf(model) as unknown as mongo.Collection<Revised>;
  for (;;) {
    const before = (await documents.findOne<Document>({ _id: fresh._id })) ?? fresh;
    const decided = decide(before);
    if (decided === before) return before;
    const after = { ...decided, revision: before.revision + 1 };
    if (await replaced(documents, before, after)) return after;
  }
}

async function replaced(documents: mongo.Collection<Revised>, before: Revised, after: Revised): Promise<boolean> {
  const { _id, ...replacement } = after;
  try {
    const filter = { _id, revision: before.revision };
    const { matchedCount, upsertedCount } = await documents.replaceOne(filter, replacement, { upsert: before.revision === 0 });
    return matchedCount + upsertedCount === 1;
  } catch (error) {
    if (isDuplicateKey(error)) return false;
    throw error;
  }
}
