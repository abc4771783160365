import { createHash, timingSafeEqual } from 'node:crypto';
import { createLocalJWKSet, type JSONWebKeySet, type JWTPayload, jwtVerify } from 'jose';
import { LRUCache } from 'lru-cache';
import { anonymous, type Principal } from './principal.ts';
import { type Problem, problem } from './problem.ts';
import type { Scope } from './route.ts';

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Compared by digest in constant time; false where there is no local key. */
export const isLocalKey = ({ localKey }: { readonly localKey: string | undefined }, apiKey: string): boolean =>
  localKey !== undefined && timingSafeEqual(digest(localKey), digest(apiKey));

/** The parts of the auth service that authentication needs, reached through Dapr. */
export type KeySource = {
  readonly keys: () => Promise<JSONWebKeySet>;
  /** The principal of an API key, or undefined for one that is unknown or revoked. */
  readonly introspect: (apiKey: string) => Promise<Principal | undefined>;
};

export type Authenticate = (authorization: string | undefined, scope: Scope) => Promise<Principal | Problem>;

const millisToRemember = 30_000;

/**
 * Checks a bearer token (one of our JWTs, or an API key `mk_...`) and its scope. Results are cached
 * for half a minute, which is also the longest time that a revoked token still works. 401 without a
 * valid token, 403 without the scope.
 */
export function authenticateWith(source: KeySource, issuer: string, millis: () => number): Authenticate {
  const remembered = new LRUCache<string, { principal: Principal; until: number }>({ max: 5_000 });
  let keySet: ReturnType<typeof createLocalJWKSet> | undefined;
  let keysFetchedAt = Number.NEGATIVE_INFINITY;

  const verify = async (token: string): Promise<Principal | undefined> => {
    for (const fresh of [false, true]) {
      if (!keySet || (fresh && millis() - keysFetchedAt > 5_000)) {
        keySet = createLocalJWKSet(await source.keys());
        keysFetchedAt = millis();
      }
      try {
        return principalOf((await jwtVerify(token, keySet, { issuer, audience: 'marquee' })).payload);
      } catch (error) {
        if ((error as { code?: string }).code !== 'ERR_JWKS_NO_MATCHING_KEY') return undefined;
      }
    }
    return undefined;
  };

  const principalFor = async (token: string): Promise<Principal | undefined> => {
    const known = remembered.get(token);
    if (known && known.until > millis()) return known.principal;
    const principal = token.startsWith('mk_') ? await source.introspect(token) : await verify(token);
    if (principal) remembered.set(token, { principal, until: millis() + millisToRemember });
    return principal;
  };

  return async (authorization, scope) => {
    if (scope === 'public') return anonymous;
    const token = /^Bearer (\S+)$/i.exec(authorization ?? '')?.[1];
    if (!token)
      return problem(
        401,
        'not-authenticated',
        'A bearer token is required: send "Authorization: Bearer <token>". POST /v1/auth/token issues one.',
      );
    const principal = await principalFor(token);
    if (!principal) return problem(401, 'token-invalid', 'The token is unknown, expired or revoked.');
    return mayDo(principal, scope) ? principal : problem(403, 'scope-missing', `The token does not hold the scope ${scope}.`);
  };
}

const principalOf = (payload: JWTPayload): Principal => ({
  subject: payload.sub ?? '',
  kind: payload.kind === 'client' ? 'client' : 'user',
  scopes: String(payload.scope ?? '').split(' '),
});

/** `x:write` includes `x:read`. */
const mayDo = ({ scopes }: Principal, scope: Scope): boolean =>
  scopes.includes('admin') || scopes.includes(scope) || (scope.endsWith(':read') && scopes.includes(scope.replace(/read$/, 'write')));
