import { type Instant, plusMillis } from '../shared/time.ts';
import { digestOf, hasDigest, newHandle, newSecret } from './secrets.ts';
import type { AuthStore, Session } from './store.ts';

export type Sessions = {
  /** Opens a session and returns its first refresh token. */
  readonly open: (userId: string, scopes: readonly string[], now: Instant) => Promise<string>;
  /**
   * Exchanges a refresh token for the next one. Each works once: a used one that turns up again
   * means that two parties hold the session, so it ends for both (RFC 9700, 4.14.2). Undefined for
   * a token that is unknown, used or expired.
   */
  readonly rotate: (
    refreshToken: string,
    now: Instant,
  ) => Promise<{ readonly session: Session; readonly refreshToken: string } | undefined>;
  /** Ends the session of a refresh token; an unknown or used token changes nothing. */
  readonly close: (refreshToken: string) => Promise<void>;
};

/** A session expires when it was not used for 30 days. */
const idleMillis = 30 * 24 * 60 * 60_000;

export function createSessions(store: AuthStore): Sessions {
  return {
    open: async (userId, scopes, now) => {
      const id = newHandle();
      const secret = newSecret();
      const expiresAt = plusMillis(now, idleMillis);
      await store.insertSession({ _id: id, userId, secretDigest: digestOf(secret), scopes, expiresAt, createdAt: now }, now);
      return tokenOf(id, secret);
    },
    rotate: async (refreshToken, now) => {
      const read = readToken(refreshToken);
      const session = read && (await store.session(read.id));
      if (!read || !session || session.expiresAt <= now) return undefined;
      const secret = newSecret();
      const next = { secretDigest: digestOf(secret), expiresAt: plusMillis(now, idleMillis) };
      const fresh = hasDigest(read.secret, session.secretDigest) && (await store.rotateSession(session._id, session.secretDigest, next));
      if (fresh) return { session: { ...session, ...next }, refreshToken: tokenOf(session._id, secret) };
      await store.deleteSession(session._id);
      return undefined;
    },
    close: async (refreshToken) => {
      const read = readToken(refreshToken);
      const session = read && (await store.session(read.id));
      if (read && session && hasDigest(read.secret, session.secretDigest)) await store.deleteSession(session._id);
    },
  };
}

const tokenOf = (id: string, secret: string): string => `mr_${id}_${secret}`;

function readToken(token: string): { id: string; secret: string } | undefined {
  const [, id, secret] = /^mr_([0-9a-f]{24})_([\w-]{43})$/.exec(token) ?? [];
  return id && secret ? { id, secret } : undefined;
}
