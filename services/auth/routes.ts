import { z } from 'zod';
import { listQuery } from '../shared/list.ts';
import type { Principal } from '../shared/principal.ts';
import { isProblem, notFound } from '../shared/problem.ts';
import { created, noContent, ok, type Route, route } from '../shared/route.ts';
import type { Platform } from '../shared/service.ts';
import type { CredentialKind, Credentials } from './credentials.ts';
import { scopeSchema } from './scopes.ts';
import type { Sessions } from './sessions.ts';
import type { SigningKey } from './signing-key.ts';
import type { AuthStore } from './store.ts';
import { register } from './users.ts';

/** At least 8 characters (NIST SP 800-63B); the upper bound keeps hashing cheap. */
const registration = z.strictObject({ email: z.email().max(254), password: z.string().min(8).max(200) });
const newCredential = z.strictObject({ name: z.string().min(1).max(100), scopes: z.array(scopeSchema).min(1).max(50) });

const user = z.object({ id: z.string(), email: z.string(), scopes: z.array(z.string()), createdAt: z.string() });
const credential = z.object({
  id: z.string(),
  name: z.string(),
  scopes: z.array(z.string()),
  createdBy: z.string(),
  createdAt: z.string(),
  revokedAt: z.string().nullable(),
});
const credentialWithSecret = credential.extend({ secret: z.string() });
const credentialPage = z.object({ data: z.array(credential), nextCursor: z.string().nullable() });

export const keySetRoute = (path: string, signingKey: SigningKey): Route =>
  route({
    method: 'get',
    path,
    scope: 'public',
    summary: 'The public keys that access tokens are signed with',
    answer: z.object({ keys: z.array(z.looseObject({ kid: z.string() })) }),
    handle: async () => ({ ...ok(await signingKey.keySet()), headers: { 'cache-control': 'public, max-age=300' } }),
  });

export const registerRoute = (store: AuthStore, platform: Platform): Route =>
  route({
    method: 'post',
    path: '/v1/auth/register',
    scope: 'public',
    summary: 'Register an end user',
    body: registration,
    answer: user,
    secretAnswer: true,
    handle: async ({ body }) => {
      const registered = await register(store, platform, body);
      return isProblem(registered) ? registered : created(registered);
    },
  });

export const revokeRoute = (sessions: Sessions, credentials: Credentials): Route =>
  route({
    method: 'post',
    path: '/v1/auth/revoke',
    scope: 'public',
    summary: 'End a refresh token or an API key (RFC 7009); holding it is what allows it, and an unknown one is no error',
    body: z.object({ token: z.string().max(4096) }),
    bodyFormat: 'form',
    answer: z.object({}),
    handle: async ({ body: { token } }) => {
      const apiKey = await credentials.withApiKey(token);
      if (apiKey) await credentials.revoke('api-key', apiKey._id);
      else await sessions.close(token);
      return ok({});
    },
  });

/** Create, list and revoke one kind of credential. */
export const credentialRoutes = (path: string, kind: CredentialKind, noun: string, credentials: Credentials): readonly Route[] => [
  route({
    method: 'post',
    path,
    scope: 'auth:write',
    summary: `Create ${noun}; its secret is shown only in this answer`,
    body: newCredential,
    answer: credentialWithSecret,
    secretAnswer: true,
    handle: async ({ body, principal }) => {
      const made = await credentials.create(kind, body.name, body.scopes, principal);
      return isProblem(made) ? made : created(made);
    },
  }),
  route({
    method: 'get',
    path,
    scope: 'auth:read',
    summary: `List what was created as ${noun}, newest first`,
    query: listQuery(),
    answer: credentialPage,
    handle: async ({ query }) => ok(await credentials.list(kind, query)),
  }),
  route({
    method: 'delete',
    path: `${path}/:id`,
    scope: 'auth:write',
    summary: `Revoke ${noun}; tokens made from it may work for half a minute (API key) or a quarter of an hour (client) more`,
    handle: async ({ params: { id = '' } }) => (await credentials.revoke(kind, id)) ?? noContent(),
  }),
];

/** For the other services: whose API key this is; 404 for one that is unknown or revoked. */
export const introspectRoute = (credentials: Credentials): Route =>
  route({
    method: 'post',
    path: '/introspect',
    scope: 'public',
    summary: 'The principal of an API key',
    body: z.strictObject({ apiKey: z.string().max(4096) }),
    secretAnswer: true,
    handle: async ({ body }) => {
      const key = await credentials.withApiKey(body.apiKey);
      return key
        ? ok({ subject: key._id, kind: 'api-key', scopes: key.scopes } satisfies Principal)
        : notFound('api-key', 'with this secret');
    },
  });
