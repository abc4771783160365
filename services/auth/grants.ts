import { type Problem, problem } from '../shared/problem.ts';
import type { Platform } from '../shared/service.ts';
import type { Credentials } from './credentials.ts';
import { noPassword, passwordMatches } from './passwords.ts';
import { mayGrant } from './scopes.ts';
import type { Sessions } from './sessions.ts';
import { type AccessClaims, accessTokenSeconds, type SigningKey } from './signing-key.ts';
import type { AuthStore, User } from './store.ts';
import type { Throttle } from './throttle.ts';

/** The successful response of a token endpoint (RFC 6749, 5.1); `expires_in` in seconds. */
export type TokenResponse = {
  readonly access_token: string;
  readonly token_type: 'Bearer';
  readonly expires_in: number;
  readonly scope: string;
  readonly refresh_token?: string;
};

/** The three OAuth 2 grants. Without `requestedScopes` a token has all scopes of its holder. */
export type Grants = {
  /** 401 `invalid-grant` for wrong credentials, 429 after too many failures on the account. */
  readonly password: (
    username: string,
    password: string,
    requestedScopes: readonly string[] | undefined,
  ) => Promise<TokenResponse | Problem>;
  /** Each refresh token works once (see `sessions.ts`); 401 `invalid-grant` for any other. */
  readonly refresh: (refreshToken: string) => Promise<TokenResponse | Problem>;
  /** 401 `invalid-client` for a wrong id or secret. */
  readonly client: (id: string, secret: string, requestedScopes: readonly string[] | undefined) => Promise<TokenResponse | Problem>;
};

type Parts = {
  readonly store: AuthStore;
  readonly sessions: Sessions;
  readonly credentials: Credentials;
  readonly signingKey: SigningKey;
  readonly throttle: Throttle;
};

const invalidGrant = problem(401, 'invalid-grant', 'The credentials are unknown, wrong or expired.');
const invalidClient = problem(401, 'invalid-client', 'The client is unknown or revoked, or its secret is wrong.');
const invalidScope = problem(403, 'invalid-scope', 'A requested scope is not among the scopes that this account or client holds.');

/** A refusal never says which part of the credentials was wrong. */
export function createGrants({ store, sessions, credentials, signingKey, throttle }: Parts, now: Platform['now']): Grants {
  const tokenResponse = async (claims: AccessClaims, refreshToken?: string): Promise<TokenResponse> => ({
    access_token: await signingKey.sign(claims, now()),
    token_type: 'Bearer',
    expires_in: accessTokenSeconds,
    scope: claims.scopes.join(' '),
    ...(refreshToken !== undefined && { refresh_token: refreshToken }),
  });

  const userWith = async (username: string, password: string): Promise<User | undefined> => {
    const user = await store.userByEmail(username);
    return (await passwordMatches(password, user?.password ?? noPassword)) && user ? user : undefined;
  };

  return {
    password: async (username, password, requestedScopes) => {
      const user = await throttle.attempt(username.toLowerCase(), () => userWith(username, password));
      if (!user) return invalidGrant;
      if ('waitSeconds' in user) return tooManyAttempts(user.waitSeconds);
      const scopes = requestedScopes ?? user.scopes;
      if (!mayGrant(user.scopes, scopes)) return invalidScope;
      return tokenResponse({ subject: user._id, kind: 'user', scopes }, await sessions.open(user._id, scopes, now()));
    },
    refresh: async (refreshToken) => {
      const rotated = await sessions.rotate(refreshToken, now());
      const user = rotated && (await store.userById(rotated.session.userId));
      if (!rotated || !user) return invalidGrant;
      const scopes = rotated.session.scopes.filter((scope) => mayGrant(user.scopes, [scope]));
      return tokenResponse({ subject: user._id, kind: 'user', scopes }, rotated.refreshToken);
    },
    client: async (id, secret, requestedScopes) => {
      const client = await credentials.withSecret('client', id, secret);
      if (!client) return invalidClient;
      const scopes = requestedScopes ?? client.scopes;
      if (!mayGrant(client.scopes, scopes)) return invalidScope;
      return tokenResponse({ subject: client._id, kind: 'client', scopes });
    },
  };
}

const tooManyAttempts = (waitSeconds: number): Problem => ({
  ...problem(
    429,
    'too-many-attempts',
    'There were too many failed sign-in attempts on this account. Retry after the number of seconds in Retry-After.',
  ),
  retryAfterSeconds: waitSeconds,
});
