import { z } from 'zod';
import { listQuery, pageSchema } from '../shared/list.ts';
import { isProblem } from '../shared/problem.ts';
import { created, noContent, ok, type Route, route } from '../shared/route.ts';
import { createdCredentialSchema, credentialSchema } from './credential-resource.ts';
import type { CredentialKind, Credentials } from './credentials.ts';
import { scopeSchema } from './scopes.ts';

const newCredential = z
  .strictObject({ name: z.string().min(1).max(100), scopes: z.array(scopeSchema).min(1).max(50) })
  .meta({ id: 'CreateCredential' });

const texts = {
  'api-key': {
    path: '/v1/api-keys',
    operation: 'ApiKey',
    one: 'an API key',
    many: 'API keys',
    afterRevocation: 'A revoked API key may be accepted for up to 30 seconds more.',
  },
  client: {
    path: '/v1/clients',
    operation: 'Client',
    one: 'an OAuth client',
    many: 'OAuth clients',
    afterRevocation: 'Access tokens that the client already has are valid for up to 15 minutes more.',
  },
} as const;

/** Create, list and revoke the credentials of one kind. */
export const credentialRoutes = (kind: CredentialKind, credentials: Credentials): readonly Route[] => {
  const { path, operation, one, many, afterRevocation } = texts[kind];
  return [
    route({
      method: 'post',
      path,
      scope: 'auth:write',
      operationId: `create${operation}`,
      summary: `Create ${one}`,
      description:
        'The secret is returned only in this response. ' +
        'The scopes must be among those of the caller. A repeat creates another credential.',
      body: newCredential,
      responses: { 201: createdCredentialSchema },
      problems: ['scope-not-held'],
      secretAnswer: true,
      handle: async ({ body, principal }) => {
        const credential = await credentials.create(kind, body.name, body.scopes, principal);
        return isProblem(credential) ? credential : created(credential);
      },
    }),
    route({
      method: 'get',
      path,
      scope: 'auth:read',
      operationId: `list${operation}s`,
      summary: `List ${many}`,
      description: `Lists ${many}, newest first, including revoked ones. Secrets are never returned.`,
      query: listQuery(),
      responses: { 200: pageSchema(credentialSchema) },
      handle: async ({ query }) => ok(await credentials.list(kind, query)),
    }),
    route({
      method: 'delete',
      path: `${path}/:id`,
      scope: 'auth:write',
      operationId: `revoke${operation}`,
      summary: `Revoke ${one}`,
      description: `${afterRevocation} A repeat changes nothing.`,
      responses: { 204: 'empty' },
      problems: [`${kind}-not-found`],
      handle: async ({ params: { id = '' } }) => (await credentials.revoke(kind, id)) ?? noContent(),
    }),
  ];
};
