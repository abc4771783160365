import { z } from 'zod';
import { currentTrace } from '../shared/context.ts';
import { isProblem, type Problem, problem, problemBody } from '../shared/problem.ts';
import { ok, type Route, type RouteResponse, route } from '../shared/route.ts';
import type { Credentials } from './credentials.ts';
import type { Grants, TokenResponse } from './grants.ts';
import { scopeSchema } from './scopes.ts';
import type { Sessions } from './sessions.ts';

const scope = z
  .string()
  .max(2000)
  .transform((text) => text.split(' ').filter(Boolean))
  .pipe(z.array(scopeSchema).min(1))
  .optional()
  .meta({ description: 'Scopes separated by spaces; all scopes of the holder when absent', examples: ['customers:read plans:read'] });

/** Unknown parameters are ignored, as RFC 6749 (3.2) demands. */
const tokenRequest = z
  .discriminatedUnion('grant_type', [
    z.object({ grant_type: z.literal('password'), username: z.string().min(1).max(254), password: z.string().min(1).max(200), scope }),
    z.object({ grant_type: z.literal('refresh_token'), refresh_token: z.string().min(1).max(200) }),
    z.object({
      grant_type: z.literal('client_credentials'),
      client_id: z.string().max(100).optional(),
      client_secret: z.string().max(200).optional(),
      scope,
    }),
  ])
  .meta({ id: 'TokenRequest', description: 'An OAuth 2 token request, form-encoded' });

const tokenResponse = z
  .object({
    access_token: z.string().meta({ description: 'A JWT for Authorization: Bearer' }),
    token_type: z.literal('Bearer'),
    expires_in: z.number().meta({ description: 'Seconds' }),
    scope: z.string().meta({ description: 'Granted scopes, separated by spaces' }),
    refresh_token: z.string().optional().meta({ description: 'Only for users; works once' }),
  })
  .meta({ id: 'TokenResponse', description: 'An OAuth 2 token response (RFC 6749, 5.1)' });

type TokenParts = { readonly grants: Grants; readonly sessions: Sessions; readonly credentials: Credentials };

/** OAuth 2 for users (`password`, `refresh_token`) and machines (`client_credentials`). */
export const tokenRoutes = ({ grants, sessions, credentials }: TokenParts): readonly Route[] => [
  route({
    method: 'post',
    path: '/v1/auth/token',
    scope: 'public',
    operationId: 'createToken',
    summary: 'Create an access token',
    description:
      'An OAuth 2 token endpoint for users (password, refresh_token) and machines (client_credentials). ' +
      'A client sends its id and secret in the form or by HTTP Basic. An access token is valid for 15 minutes. ' +
      'Each refresh token works once, and a repeated use ends its session. ' +
      'A refusal is a problem document that also has the fields error and error_description of OAuth.',
    body: tokenRequest,
    bodyFormat: 'form',
    responses: { 200: tokenResponse },
    problems: ['invalid-grant', 'invalid-client', 'invalid-scope', 'too-many-attempts'],
    secretAnswer: true,
    handle: async ({ body, headers }) => oauthResponse(await grant(grants, body, headers.authorization)),
  }),
  route({
    method: 'post',
    path: '/v1/auth/revoke',
    scope: 'public',
    operationId: 'revokeToken',
    summary: 'Revoke a refresh token or an API key',
    description:
      'Revokes the token of the form (RFC 7009). Whoever holds a token may revoke it, so no other authentication is needed. ' +
      'An unknown token is not an error, and a repeat changes nothing.',
    body: z.object({ token: z.string().max(4096) }),
    bodyFormat: 'form',
    responses: { 200: z.object({}) },
    secretAnswer: true,
    handle: async ({ body: { token } }) => {
      const apiKey = await credentials.withApiKey(token);
      if (apiKey) await credentials.revoke('api-key', apiKey._id);
      else await sessions.close(token);
      return ok({});
    },
  }),
];

function grant(grants: Grants, body: z.infer<typeof tokenRequest>, authorization: unknown): Promise<TokenResponse | Problem> {
  switch (body.grant_type) {
    case 'password':
      return grants.password(body.username, body.password, body.scope);
    case 'refresh_token':
      return grants.refresh(body.refresh_token);
    case 'client_credentials': {
      const basic = basicCredentials(authorization);
      const id = body.client_id ?? basic?.id;
      const secret = body.client_secret ?? basic?.secret;
      if (id === undefined || secret === undefined)
        return Promise.resolve(problem(401, 'invalid-client', 'Send client_id and client_secret in the form, or both by HTTP Basic.'));
      return grants.client(id, secret, body.scope);
    }
  }
}

/** Client id and secret from HTTP Basic, each form-encoded before (RFC 6749, 2.3.1). */
function basicCredentials(authorization: unknown): { id: string; secret: string } | undefined {
  const encoded = /^Basic (\S+)$/i.exec(String(authorization ?? ''))?.[1];
  const [, id, secret] = /^([^:]*):(.*)$/.exec(Buffer.from(encoded ?? '', 'base64').toString('utf8')) ?? [];
  if (id === undefined || secret === undefined) return undefined;
  try {
    return { id: decodeURIComponent(id), secret: decodeURIComponent(secret) };
  } catch {
    return undefined;
  }
}

/**
 * Tokens must not be cached. A refusal is a problem document that also carries the `error` of
 * OAuth 2 (RFC 6749, 5.2).
 */
function oauthResponse(outcome: TokenResponse | Problem): RouteResponse | Problem {
  if (!isProblem(outcome)) return { status: 200, body: outcome, headers: { 'cache-control': 'no-store' } };
  if (!outcome.code.startsWith('invalid-')) return outcome;
  const body = {
    ...problemBody(outcome, currentTrace()?.traceId ?? ''),
    error: outcome.code.replace('-', '_'),
    error_description: outcome.detail,
  };
  return {
    status: outcome.status,
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store' },
  };
}
