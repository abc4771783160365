import { z } from 'zod';
import { isDuplicateKey } from '../../shared/mongo.ts';
import { notFound, problem } from '../../shared/problem.ts';
import { ok, type Route, route } from '../../shared/route.ts';
import { isKnownRegistration } from '../tax/table.ts';
import { defaultEntityId, type LegalEntity, unnamedSeller } from './legal-entity.ts';
import type { LegalEntities } from './store.ts';

const countrySchema = z.string().regex(/^[A-Z]{2}$/, 'Give an ISO 3166-1 alpha-2 country.');

const entityBody = z.strictObject({
  name: z.string().min(1).max(200),
  address: z.record(z.string().max(40), z.string().max(500)).default({}),
  country: countrySchema,
  vatId: z.string().trim().min(4).max(30).nullable().default(null),
  email: z.email().nullable().default(null),
  registrations: z.array(z.string().refine(isKnownRegistration, 'No tax is known for this registration.')).max(200).default([]),
  numberPrefix: z.string().regex(/^[A-Z][A-Z0-9]{0,9}$/, 'Give up to ten capital letters and digits.'),
  countries: z.array(countrySchema).max(250).default([]),
});

const shown = ({ _id: id, ...entity }: LegalEntity) => ({ id, ...entity });

const prefixTaken = problem(422, 'prefix-taken', 'Another legal entity has this prefix.', [
  { pointer: '/numberPrefix', code: 'prefix-taken', message: 'Two entities would share their numbers.' },
]);

/** Who sells. What sells where nobody is named has a prefix too. Invoices that are made keep their seller as it was. */
export const legalEntityRoutes = ({ all, model }: LegalEntities): readonly Route[] => [
  route({
    method: 'get',
    path: '/v1/legal-entities',
    scope: 'invoices:read',
    summary: 'Who sells: companies, their number series and their registrations for tax',
    handle: async () => ok({ data: (await all()).map(shown), nextCursor: null }),
  }),
  route({
    method: 'get',
    path: '/v1/legal-entities/:id',
    scope: 'invoices:read',
    summary: 'One legal entity',
    handle: async ({ params: { id = '' } }) => {
      const entity = (await all()).find(({ _id }) => _id === id);
      return entity ? ok(shown(entity)) : notFound('legal-entity', id);
    },
  }),
  route({
    method: 'put',
    path: '/v1/legal-entities/:id',
    scope: 'invoices:write',
    summary: 'Set a legal entity; `default` sells wherever no other one is named',
    body: entityBody,
    handle: async ({ params: { id = '' }, body }) => {
      if (!/^[a-z0-9][a-z0-9-]{0,49}$/.test(id)) return problem(422, 'id-invalid', 'Give small letters, digits and hyphens as the id.');
      const other = (await all()).find(({ _id, countries }) => _id !== id && countries.some((country) => body.countries.includes(country)));
      if (other)
        return problem(422, 'country-taken', `${other._id} sells there already.`, [
          { pointer: '/countries', code: 'country-taken', message: `${other._id} sells to one of them.` },
        ]);
      if (id !== defaultEntityId && body.numberPrefix === unnamedSeller.numberPrefix) return prefixTaken;
      try {
        await model.collection.replaceOne({ _id: id } as never, body as never, { upsert: true });
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
        return prefixTaken;
      }
      return ok(shown({ _id: id, ...body }));
    },
  }),
];
