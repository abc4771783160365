import type { Connection } from 'mongoose';
import type { PageQuery } from '../shared/list.ts';
import { documentModel, isDuplicateKey, type Page, pageOf } from '../shared/mongo.ts';
import type { Instant } from '../shared/time.ts';
import type { StoredPassword } from './passwords.ts';

export type User = { _id: string; email: string; password: StoredPassword; scopes: readonly string[]; createdAt: Instant };

/** One signed-in device. Its refresh token changes with each use; only the newest one's digest is kept. */
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
    /** Resolves when one e-mail address can no longer become two users. */
    ready: async (): Promise<void> => void (await users.init()),

    userById: (id: string): Promise<User | null> => users.findById(id).lean<User>().exec(),
    userByEmail: (email: string): Promise<User | null> =>
      users
        .findOne({ email: email.toLowerCase() } as never)
        .lean<User>()
        .exec(),
    hasAdministrator: async (): Promise<boolean> => (await users.exists({ scopes: 'admin' } as never)) !== null,

    /** False when the address is taken. */
    insertUser: async (user: User): Promise<boolean> => {
      try {
        await users.collection.insertOne(user as never);
        return true;
      } catch (error) {
        if (isDuplicateKey(error)) return false;
        throw error;
      }
    },

    /** Makes the user of this address an administrator with this password, whoever registered it before. */
    upsertAdministrator: async ({ email, password, scopes, _id, createdAt }: User): Promise<void> => {
      await users.collection
        .updateOne({ email }, { $set: { password, scopes: [...scopes] }, $setOnInsert: { _id, createdAt } } as never, { upsert: true })
        .catch((error) => {
          if (!isDuplicateKey(error)) throw error;
        });
    },

    insertSession: async (session: Session, now: Instant): Promise<void> => {
      await sessions.collection.insertOne(session as never);
      await sessions.collection.deleteMany({ userId: session.userId, expiresAt: { $lt: now } });
    },
    session: (id: string): Promise<Session | null> => sessions.findById(id).lean<Session>().exec(),

    /** False when the session no longer holds the digest `from`: somebody else has used that token. */
    rotateSession: async (id: string, from: string, to: Pick<Session, 'secretDigest' | 'expiresAt'>): Promise<boolean> =>
      (await sessions.collection.updateOne({ _id: id, secretDigest: from } as never, { $set: to })).matchedCount === 1,
    deleteSession: async (id: string): Promise<void> => void (await sessions.collection.deleteOne({ _id: id } as never)),

    insertCredential: async (credential: Credential): Promise<void> => void (await credentials.collection.insertOne(credential as never)),
    credential: (id: string): Promise<Credential | null> => credentials.findById(id).lean<Credential>().exec(),
    credentials: (kind: Credential['kind'], page: PageQuery): Promise<Page<Credential>> => pageOf(credentials, { kind }, page),
    /** The credential as revoked, the first revocation's instant kept; null when there is none of this kind. */
    revokeCredential: async (kind: Credential['kind'], id: string, revokedAt: Instant): Promise<Credential | null> => {
      await credentials.collection.updateOne({ _id: id, kind, revokedAt: null } as never, { $set: { revokedAt } });
      return credentials
        .findOne({ _id: id, kind } as never)
        .lean<Credential>()
        .exec();
    },
  };
}
