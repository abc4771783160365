import { type Problem, problem } from '../shared/problem.ts';
import type { Platform } from '../shared/service.ts';
import type { Credentials } from './credentials.ts';
import { noPassword, passwordMatches } from './passwords.ts';
import { mayGrant } from './scopes.ts';
import type { Sessions } from './sessions.ts';
import { type AccessClaims, accessTokenSeconds, type SigningKey } from './signing-key.ts';
import type { AuthStore, User } from './store.ts';
import type { Throttle } from './throttle.ts';

/** What a token endpoint answers (RFC 6749, 5.1). */
export type TokenAnswer = {
  readonly access_token: string;
  readonly token_type: 'Bearer';
  readonly expires_in: number;
  readonly scope: string;
  readonly refresh_token?: string;
};

export type Grants = {
  readonly password: (username: string, password: string, wanted: readonly string[] | undefined) => Promise<TokenAnswer | Problem>;
  readonly refresh: (refreshToken: string) => Promise<TokenAnswer | Problem>;
  readonly client: (id: string, secret: string, wanted: readonly string[] | undefined) => Promise<TokenAnswer | Problem>;
};

type Parts = {
  readonly store: AuthStore;
  readonly sessions: Sessions;
  readonly credentials: Credentials;
  readonly signingKey: SigningKey;
  readonly throttle: Throttle;
};

const invalidGrant = problem(401, 'invalid-grant', 'These credentials are unknown, wrong or expired.');
const invalidClient = problem(401, 'invalid-client', 'This client is unknown or revoked, or its secret is wrong.');
const invalidScope = problem(403, 'invalid-scope', 'A wanted scope is not among those held.');

/** The three OAuth 2 grants. Which part of a credential was wrong is never told. */
export function createGrants({ store, sessions, credentials, signingKey, throttle }: Parts, now: Platform['now']): Grants {
  const answer = async (claims: AccessClaims, refreshToken?: string): Promise<TokenAnswer> => ({
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
    password: async (username, password, wanted) => {
      const user = await throttle.attempt(username.toLowerCase(), () => userWith(username, password));
      if (!user) return invalidGrant;
      if ('waitSeconds' in user) return tooManyAttempts(user.waitSeconds);
      const scopes = wanted ?? user.scopes;
      if (!mayGrant(user.scopes, scopes)) return invalidScope;
      return answer({ subject: user._id, kind: 'user', scopes }, await sessions.open(user._id, scopes, now()));
    },
    refresh: async (refreshToken) => {
      const rotated = await sessions.rotate(refreshToken, now());
      const user = rotated && (await store.userById(rotated.session.userId));
      if (!rotated || !user) return invalidGrant;
      const scopes = rotated.session.scopes.filter((scope) => mayGrant(user.scopes, [scope]));
      return answer({ subject: user._id, kind: 'user', scopes }, rotated.refreshToken);
    },
    client: async (id, secret, wanted) => {
      const client = await credentials.withSecret('client', id, secret);
      if (!client) return invalidClient;
      const scopes = wanted ?? client.scopes;
      if (!mayGrant(client.scopes, scopes)) return invalidScope;
      return answer({ subject: client._id, kind: 'client', scopes });
    },
  };
}

const tooManyAttempts = (waitSeconds: number): Problem => ({
  ...problem(429, 'too-many-attempts', 'Too many failed attempts on this account.'),
  retryAfterSeconds: waitSeconds,
});
