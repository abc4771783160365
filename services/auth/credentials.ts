import { type MarqueeEvent, newEvent } from '../shared/events.ts';
import type { PageQuery } from '../shared/list.ts';
import type { Page } from '../shared/mongo.ts';
import type { Principal } from '../shared/principal.ts';
import { notFound, type Problem, problem } from '../shared/problem.ts';
import type { Platform } from '../shared/service.ts';
import type { Instant } from '../shared/time.ts';
import { mayGrant } from './scopes.ts';
import { digestOf, hasDigest, newHandle, newSecret } from './secrets.ts';
import type { AuthStore, Credential } from './store.ts';

export type CredentialKind = Credential['kind'];

/** What may be shown of a credential; its secret is answered once, when it is made. */
export type CredentialResource = {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly string[];
  readonly createdBy: string;
  readonly createdAt: Instant;
  readonly revokedAt: Instant | null;
};

export type Credentials = {
  /** Refuses with 403 scopes that the principal does not hold itself. */
  readonly create: (
    kind: CredentialKind,
    name: string,
    scopes: readonly string[],
    principal: Principal,
  ) => Promise<(CredentialResource & { secret: string }) | Problem>;
  readonly list: (kind: CredentialKind, page: PageQuery) => Promise<Page<CredentialResource>>;
  /** Revokes; a repeat changes nothing and publishes the same event again. */
  readonly revoke: (kind: CredentialKind, id: string) => Promise<Problem | undefined>;
  /** The credential that this secret opens, unless it is revoked. */
  readonly withSecret: (kind: CredentialKind, id: string, secret: string) => Promise<Credential | undefined>;
  readonly withApiKey: (apiKey: string) => Promise<Credential | undefined>;
};

const prefixes = { 'api-key': 'key', client: 'cli' } as const;

/**
 * API keys and OAuth clients. Each is written, then published, then answered: when one of these fails nobody has learnt the
 * secret, and what was written opens nothing.
 */
export function createCredentials(store: AuthStore, { publish, now }: Pick<Platform, 'publish' | 'now'>): Credentials {
  const withSecret: Credentials['withSecret'] = async (kind, id, secret) => {
    const known = await store.credential(id);
    return known?.kind === kind && known.revokedAt === null && hasDigest(secret, known.secretDigest) ? known : undefined;
  };

  return {
    create: async (kind, name, scopes, principal) => {
      if (!mayGrant(principal.scopes, scopes))
        return problem(403, 'scope-not-held', 'A credential can only be given scopes that its maker holds.');
      const handle = newHandle();
      const secret = newSecret();
      const credential: Credential = {
        _id: `${prefixes[kind]}_${handle}`,
        kind,
        name,
        secretDigest: digestOf(secret),
        scopes,
        createdBy: principal.subject,
        revokedAt: null,
        createdAt: now(),
      };
      await store.insertCredential(credential);
      await publish([changed(credential, 'created')]);
      return { ...resourceOf(credential), secret: kind === 'api-key' ? `mk_${handle}_${secret}` : secret };
    },
    list: async (kind, page) => {
      const { data, nextCursor } = await store.credentials(kind, page);
      return { data: data.map(resourceOf), nextCursor };
    },
    revoke: async (kind, id) => {
      const revoked = await store.revokeCredential(kind, id, now());
      if (!revoked) return notFound(kind, id);
      await publish([changed(revoked, 'revoked')]);
      return undefined;
    },
    withSecret,
    withApiKey: async (apiKey) => {
      const [, handle, secret] = /^mk_([0-9a-f]{24})_([\w-]{43})$/.exec(apiKey) ?? [];
      return handle && secret ? withSecret('api-key', `key_${handle}`, secret) : undefined;
    },
  };
}

const resourceOf = ({ _id, name, scopes, createdBy, createdAt, revokedAt }: Credential): CredentialResource => ({
  id: _id,
  name,
  scopes,
  createdBy,
  createdAt,
  revokedAt,
});

const changed = (credential: Credential, what: 'created' | 'revoked'): MarqueeEvent<CredentialResource> =>
  newEvent({
    type: `${credential.kind}.${what}`,
    subject: credential._id,
    sequence: what === 'created' ? 1 : 2,
    time: what === 'created' ? credential.createdAt : (credential.revokedAt ?? credential.createdAt),
    customerId: '',
    testClock: null,
    data: resourceOf(credential),
  });
