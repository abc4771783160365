import type { Connection } from 'mongoose';
import type { PageQuery } from '../shared/list.ts';
import { collectionOf, documentModel, isDuplicateKey, type Page, pageOf } from '../shared/mongo.ts';
import type { Instant } from '../shared/time.ts';
import type { StoredPassword } from './passwords.ts';

export type User = { _id: string; email: string; password: StoredPassword; scopes: readonly string[]; createdAt: Instant };

/**
 * One signed-in device. Its refresh token changes with each use; only the newest digest is stored.
 */
export type Session = {
  _id: string;
  userId: string;
  secretDigest: string;
  scopes: readonly string[];
  expiresAt: Instant;
  createdAt: Instant;
};

/** An API key or an OAuth client: a secret that machines hold. */
export type Credential = {
  _id: string;
  kind: 'api-key' | 'client';
  name: string;
  secretDigest: string;
  scopes: readonly string[];
  createdBy: string;
  revokedAt: Instant | null;
  createdAt: Instant;
};

export type AuthStore = ReturnType<typeof createAuthStore>;

/** Users, sessions and credentials. E-mail addresses are compared in lower case. */
export function createAuthStore(documents: Connection) {
  const users = documentModel<User>(documents, 'auth_users', { email: String, password: Object, scopes: [String], createdAt: String }, [
    { fields: { email: 1 }, unique: true },
    { fields: { scopes: 1 } },
  ]);
  const sessions = documentModel<Session>(
    documents,
    'auth_sessions',
    { userId: String, secretDigest: String, scopes: [String], expiresAt: String, createdAt: String },
    [{ fields: { userId: 1, expiresAt: 1 } }],
  );
  const credentials = documentModel<Credential>(
    documents,
    'auth_credentials',
    { kind: String, name: String, secretDigest: String, scopes: [String], createdBy: String, revokedAt: String, createdAt: String },
    [{ fields: { kind: 1, createdAt: -1 } }],
  );

  return {
    /** Resolves when the unique index on e-mail addresses exists. */
    ready: async (): Promise<void> => void (await users.init()),

    userById: (id: string): Promise<User | null> => collectionOf(users).findOne({ _id: id }),
    userByEmail: (email: string): Promise<User | null> => collectionOf(users).findOne({ email: email.toLowerCase() }),
    hasAdministrator: async (): Promise<boolean> => (await collectionOf(users).findOne({ scopes: 'admin' })) !== null,

    /** False when the address is taken. */
    insertUser: async (user: User): Promise<boolean> => {
      try {
        await collectionOf(users).insertOne(user);
        return true;
      } catch (error) {
        if (isDuplicateKey(error)) return false;
        throw error;
      }
    },

    /** Makes the user of this address an administrator with this password, new or registered. */
    upsertAdministrator: async ({ email, password, scopes, _id, createdAt }: User): Promise<void> => {
      const update = { $set: { password, scopes: [...scopes] }, $setOnInsert: { _id, createdAt } };
      await collectionOf(users)
        .updateOne({ email }, update, { upsert: true })
        .catch((error) => {
          if (!isDuplicateKey(error)) throw error;
        });
    },

    /** Stores a new session and deletes the expired ones of its user. */
    insertSession: async (session: Session, now: Instant): Promise<void> => {
      await collectionOf(sessions).insertOne(session);
      await collectionOf(sessions).deleteMany({ userId: session.userId, expiresAt: { $lt: now } });
    },
    session: (id: string): Promise<Session | null> => collectionOf(sessions).findOne({ _id: id }),

    /** False when the session no longer has the digest `from`: that token was used elsewhere. */
    rotateSession: async (id: string, from: string, to: Pick<Session, 'secretDigest' | 'expiresAt'>): Promise<boolean> =>
      (await collectionOf(sessions).updateOne({ _id: id, secretDigest: from }, { $set: to })).matchedCount === 1,
    deleteSession: async (id: string): Promise<void> => void (await collectionOf(sessions).deleteOne({ _id: id })),

    insertCredential: async (credential: Credential): Promise<void> => void (await collectionOf(credentials).insertOne(credential)),
    credential: (id: string): Promise<Credential | null> => collectionOf(credentials).findOne({ _id: id }),
    credentials: (kind: Credential['kind'], page: PageQuery): Promise<Page<Credential>> => pageOf(credentials, { kind }, page),
    /** The revoked credential; a repeat keeps the first instant. Null for none of this kind. */
    revokeCredential: async (kind: Credential['kind'], id: string, revokedAt: Instant): Promise<Credential | null> => {
      await collectionOf(credentials).updateOne({ _id: id, kind, revokedAt: null }, { $set: { revokedAt } });
      return collectionOf(credentials).findOne({ _id: id, kind });
    },
  };
}
