import { z } from 'zod';
import { email } from '../shared/fields.ts';
import type { Principal } from '../shared/principal.ts';
import { isProblem, notFound } from '../shared/problem.ts';
import { created, ok, type Route, route } from '../shared/route.ts';
import type { Platform } from '../shared/service.ts';
import { credentialRoutes } from './credential-routes.ts';
import type { Credentials } from './credentials.ts';
import type { Grants } from './grants.ts';
import type { Sessions } from './sessions.ts';
import type { SigningKey } from './signing-key.ts';
import type { AuthStore } from './store.ts';
import { tokenRoutes } from './token-routes.ts';
import { registerUser, userSchema } from './users.ts';

/** At least 8 characters (NIST SP 800-63B); the upper bound keeps hashing cheap. */
const registration = z.strictObject({ email, password: z.string().min(8).max(200) }).meta({ id: 'RegisterUser' });

const keySet = z
  .object({ keys: z.array(z.looseObject({ kid: z.string() })) })
  .meta({ id: 'KeySet', description: 'A JSON Web Key Set (RFC 7517)' });

export type AuthParts = {
  readonly store: AuthStore;
  readonly platform: Platform;
  readonly grants: Grants;
  readonly sessions: Sessions;
  readonly credentials: Credentials;
  readonly signingKey: SigningKey;
};

export const authRoutes = ({ store, platform, signingKey, ...parts }: AuthParts): readonly Route[] => [
  ...tokenRoutes(parts),
  route({
    method: 'post',
    path: '/v1/auth/register',
    scope: 'public',
    operationId: 'registerUser',
    summary: 'Register an end user',
    description:
      'Creates a user with the scope self and no other. E-mail addresses are compared in lower case, and a taken address is refused.',
    body: registration,
    responses: { 201: userSchema },
    problems: ['already-exists'],
    secretAnswer: true,
    handle: async ({ body }) => {
      const user = await registerUser(store, platform, body);
      return isProblem(user) ? user : created(user);
    },
  }),
  keySetRoute('/.well-known/jwks.json', signingKey),
  ...credentialRoutes('api-key', parts.credentials),
  ...credentialRoutes('client', parts.credentials),
];

/** For the other services: the keys that verify access tokens, and the holder of an API key. */
export const authInternalRoutes = ({ signingKey, credentials }: Pick<AuthParts, 'signingKey' | 'credentials'>): readonly Route[] => [
  keySetRoute('/keys', signingKey),
  introspectRoute(credentials),
];

const keySetRoute = (path: string, signingKey: SigningKey): Route =>
  route({
    method: 'get',
    path,
    scope: 'public',
    operationId: 'retrieveKeySet',
    summary: 'Retrieve the public signing keys',
    description: 'The keys that verify the signatures of access tokens. The response may be cached for 5 minutes.',
    responses: { 200: keySet },
    handle: async () => ({ ...ok(await signingKey.keySet()), headers: { 'cache-control': 'public, max-age=300' } }),
  });

/** The principal of an API key; 404 for one that is unknown or revoked. */
const introspectRoute = (credentials: Credentials): Route =>
  route({
    method: 'post',
    path: '/introspect',
    scope: 'public',
    summary: 'Retrieve the principal of an API key',
    body: z.strictObject({ apiKey: z.string().max(4096) }),
    secretAnswer: true,
    handle: async ({ body }) => {
      const key = await credentials.withApiKey(body.apiKey);
      return key
        ? ok({ subject: key._id, kind: 'api-key', scopes: key.scopes } satisfies Principal)
        : notFound('api-key', 'with this secret');
    },
  });
