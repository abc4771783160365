import { z } from 'zod';
import { currentTrace } from '../shared/context.ts';
import { isProblem, type Problem, problem, problemBody } from '../shared/problem.ts';
import { type Route, type RouteResponse, route } from '../shared/route.ts';
import type { Grants, TokenAnswer } from './grants.ts';
import { scopeSchema } from './scopes.ts';

const scope = z
  .string()
  .max(2000)
  .transform((text) => text.split(' ').filter(Boolean))
  .pipe(z.array(scopeSchema).min(1))
  .optional();

/** Unknown parameters are ignored here, as RFC 6749 (3.2) demands. */
const tokenRequest = z.discriminatedUnion('grant_type', [
  z.object({ grant_type: z.literal('password'), username: z.string().min(1).max(254), password: z.string().min(1).max(200), scope }),
  z.object({ grant_type: z.literal('refresh_token'), refresh_token: z.string().min(1).max(200) }),
  z.object({
    grant_type: z.literal('client_credentials'),
    client_id: z.string().max(100).optional(),
    client_secret: z.string().max(200).optional(),
    scope,
  }),
]);

const tokenAnswer = z.object({
  access_token: z.string(),
  token_type: z.literal('Bearer'),
  expires_in: z.number(),
  scope: z.string(),
  refresh_token: z.string().optional(),
});

/** `POST /v1/auth/token`: OAuth 2 for users (password, refresh_token) and machines (client_credentials). */
export const tokenRoute = (grants: Grants): Route =>
  route({
    method: 'post',
    path: '/v1/auth/token',
    scope: 'public',
    summary: 'Get an access token (OAuth 2)',
    body: tokenRequest,
    bodyFormat: 'form',
    answer: tokenAnswer,
    secretAnswer: true,
    handle: async ({ body, headers }) => oauthAnswer(await grant(grants, body, headers.authorization)),
  });

function grant(grants: Grants, body: z.infer<typeof tokenRequest>, authorization: unknown): Promise<TokenAnswer | Problem> {
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
        return Promise.resolve(problem(401, 'invalid-client', 'Send client_id and client_secret, or both by HTTP Basic.'));
      return grants.client(id, secret, body.scope);
    }
  }
}

/** Client id and secret by HTTP Basic, each form-encoded before (RFC 6749, 2.3.1). */
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

/** Tokens are not to be cached; a refusal is a problem that also carries OAuth's own `error` (RFC 6749, 5.2). */
function oauthAnswer(outcome: TokenAnswer | Problem): RouteResponse | Problem {
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
