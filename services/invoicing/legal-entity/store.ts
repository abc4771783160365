import type { Connection } from 'mongoose';
import { documentModel } from '../../shared/mongo.ts';
import type { LegalEntity } from './legal-entity.ts';

export type LegalEntities = ReturnType<typeof createLegalEntities>;

export function createLegalEntities(documents: Connection) {
  const model = documentModel<LegalEntity>(
    documents,
    'legal_entities',
    {
      name: String,
      address: {},
      country: String,
      vatId: String,
      email: String,
      registrations: [String],
      numberPrefix: String,
      countries: [String],
    },
    [{ fields: { numberPrefix: 1 }, unique: true }],
  );
  const all = async (): Promise<readonly LegalEntity[]> => (await model.find().sort({ _id: 1 }).lean()) as unknown as LegalEntity[];
  return { all, model };
}
