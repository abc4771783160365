import { z } from 'zod';
import { changedMeanwhile, etagOf, preconditionFailed } from '../../shared/etag.ts';
import { country, email } from '../../shared/fields.ts';
import { pageSchema } from '../../shared/list.ts';
import { notFound, type Problem, problem } from '../../shared/problem.ts';
import { ok, type Route, type RouteResponse, route } from '../../shared/route.ts';
import { isKnownRegistration } from '../tax/table.ts';
import { defaultEntityId, type LegalEntity, unnamedSeller } from './legal-entity.ts';
import type { LegalEntities } from './store.ts';

const entityBody = z
  .strictObject({
    name: z.string().min(1).max(200),
    address: z.record(z.string().max(40), z.string().max(500)).default({}),
    country,
    vatId: z.string().trim().min(4).max(30).nullable().default(null),
    email: email.nullable().default(null),
    registrations: z
      .array(z.string().refine(isKnownRegistration, 'Must be a known tax registration, for example DE, EU-OSS or US-NY.'))
      .max(200)
      .default([])
      .meta({ description: 'Places where the entity must charge tax; none means that it charges no tax', examples: [['DE']] }),
    numberPrefix: z
      .string()
      .regex(/^[A-Z][A-Z0-9]{0,9}$/, 'Must be a capital letter followed by up to nine capital letters or digits.')
      .meta({ description: 'Its invoices are numbered <prefix>-<year>-<number>', examples: ['MQ'] }),
    countries: z.array(country).max(250).default([]).meta({ description: "Customers' countries that the entity sells to" }),
  })
  .meta({ id: 'SetLegalEntity' });

const entitySchema = entityBody
  .extend({ id: z.string().meta({ examples: ['default'] }) })
  .strip()
  .meta({ id: 'LegalEntity', description: 'A company that sells, with its invoice numbers and tax registrations' });

const entityResource = ({ _id: id, ...entity }: LegalEntity) => ({ id, ...entity });

const respondWith = (entity: LegalEntity): RouteResponse => {
  const resource = entityResource(entity);
  return { ...ok(resource), headers: { etag: etagOf(resource) } };
};

/** Why an entity with this id and body cannot be stored beside the others. */
function entityRefusal(id: string, body: Omit<LegalEntity, '_id'>, entities: readonly LegalEntity[]): Problem | undefined {
  if (!/^[a-z0-9][a-z0-9-]{0,49}$/.test(id))
    return problem(422, 'id-invalid', 'The id must be at most 50 lower-case letters, digits and hyphens, for example acme-eu.');
  const other = entities.find(({ _id, countries }) => _id !== id && countries.some((country) => body.countries.includes(country)));
  if (other !== undefined) {
    const message = `Legal entity ${other._id} already sells to one of these countries.`;
    return problem(422, 'country-taken', message, [{ pointer: '/countries', code: 'country-taken', message }]);
  }
  return id !== defaultEntityId && body.numberPrefix === unnamedSeller.numberPrefix ? prefixTaken() : undefined;
}

function prefixTaken(): Problem {
  const message = 'Another legal entity already uses this number prefix.';
  return problem(422, 'prefix-taken', message, [{ pointer: '/numberPrefix', code: 'prefix-taken', message }]);
}

/**
 * The companies that sell. The built-in seller, which sells where no entity does, has a number
 * prefix too. An invoice keeps its seller as it was.
 */
export const legalEntityRoutes = (entities: LegalEntities): readonly Route[] => [
  route({
    method: 'get',
    path: '/v1/legal-entities',
    scope: 'invoices:read',
    operationId: 'listLegalEntities',
    summary: 'List legal entities',
    description: 'Lists all companies that sell, by id, in one page: their number series and their tax registrations.',
    responses: { 200: pageSchema(entitySchema) },
    handle: async () => ok({ data: (await entities.all()).map(entityResource), nextCursor: null }),
  }),
  route({
    method: 'get',
    path: '/v1/legal-entities/:id',
    scope: 'invoices:read',
    operationId: 'retrieveLegalEntity',
    summary: 'Retrieve a legal entity',
    description: 'Returns one company that sells. The ETag header names its current version, for If-Match.',
    etag: true,
    responses: { 200: entitySchema },
    problems: ['legal-entity-not-found'],
    handle: async ({ params: { id = '' } }) => {
      const entity = await entities.find(id);
      return entity ? respondWith(entity) : notFound('legal-entity', id);
    },
  }),
  route({
    method: 'put',
    path: '/v1/legal-entities/:id',
    scope: 'invoices:write',
    operationId: 'setLegalEntity',
    summary: 'Create or replace a legal entity',
    description:
      'Stores a company that sells under this id, or replaces it as a whole. The entity default sells wherever no other one does. Invoices that exist keep their seller as it was. With If-Match, the entity is replaced only while its ETag matches.',
    etag: true,
    ifMatch: true,
    body: entityBody,
    responses: { 200: entitySchema },
    problems: ['id-invalid', 'country-taken', 'prefix-taken'],
    handle: async ({ params: { id = '' }, body, headers }) => {
      const all = await entities.all();
      const before = all.find(({ _id }) => _id === id);
      const ifMatch = headers['if-match'];
      const refusal = entityRefusal(id, body, all) ?? preconditionFailed(ifMatch, before && entityResource(before));
      if (refusal !== undefined) return refusal;
      const outcome = await entities.put({ _id: id, ...body }, ifMatch === undefined ? undefined : before);
      if (outcome === 'prefix-taken') return prefixTaken();
      return outcome === 'changed' ? changedMeanwhile() : respondWith({ _id: id, ...body });
    },
  }),
];
