import type { Connection } from 'mongoose';
import { collectionOf, documentModel, isDuplicateKey } from '../../shared/mongo.ts';
import type { LegalEntity } from './legal-entity.ts';

export type LegalEntities = ReturnType<typeof createLegalEntities>;

const fields = {
  name: String,
  address: {},
  country: String,
  vatId: String,
  email: String,
  registrations: [String],
  numberPrefix: String,
  countries: [String],
};

export function createLegalEntities(documents: Connection) {
  const model = documentModel<LegalEntity>(documents, 'legal_entities', fields, [{ fields: { numberPrefix: 1 }, unique: true }]);
  const entities = collectionOf(model);
  return {
    /** All entities, by id. */
    all: (): Promise<readonly LegalEntity[]> => entities.find<LegalEntity>({}).sort({ _id: 1 }).toArray(),
    find: async (id: string): Promise<LegalEntity | undefined> => (await entities.findOne<LegalEntity>({ _id: id })) ?? undefined,
    /**
     * Stores an entity under its id. With `before`, only while the stored entity still equals it,
     * so that one of two racing editors is refused (`changed`). A number prefix belongs to one
     * entity.
     */
    put: async (entity: LegalEntity, before?: LegalEntity): Promise<'stored' | 'changed' | 'prefix-taken'> => {
      const { _id, ...content } = entity;
      try {
        const filter = before === undefined ? { _id } : { ...before };
        const { matchedCount, upsertedCount } = await entities.replaceOne(filter, content, { upsert: before === undefined });
        return matchedCount + upsertedCount === 1 ? 'stored' : 'changed';
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
        return 'prefix-taken';
      }
    },
  };
}
