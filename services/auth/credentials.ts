import { type MarqueeEvent, newEvent } from '../shared/events.ts';
import type { PageQuery } from '../shared/list.ts';
import type { Page } from '../shared/mongo.ts';
import type { Principal } from '../shared/principal.ts';
import { notFound, type Problem, problem } from '../shared/problem.ts';
import type { Platform } from '../shared/service.ts';
import { type CredentialResource, credentialResource } from './credential-resource.ts';
import { mayGrant } from './scopes.ts';
import { digestOf, hasDigest, newHandle, newSecret } from './secrets.ts';
import type { AuthStore, Credential } from './store.ts';

export type CredentialKind = Credential['kind'];

export type Credentials = {
  /** Returns the credential with its secret; 403 for scopes that the principal does not hold. */
  readonly create: (
    kind: CredentialKind,
    name: string,
    scopes: readonly string[],
    principal: Principal,
  ) => Promise<(CredentialResource & { secret: string }) | Problem>;
  readonly list: (kind: CredentialKind, page: PageQuery) => Promise<Page<CredentialResource>>;
  /**
   * Revokes a credential; 404 for one that does not exist. A repeat changes nothing and publishes
   * the same event again.
   */
  readonly revoke: (kind: CredentialKind, id: string) => Promise<Problem | undefined>;
  /** The credential with this id and secret; undefined when there is none or it is revoked. */
  readonly withSecret: (kind: CredentialKind, id: string, secret: string) => Promise<Credential | undefined>;
  /** The credential behind an API key `mk_...`; undefined when there is none or it is revoked. */
  readonly withApiKey: (apiKey: string) => Promise<Credential | undefined>;
};

const prefixes = { 'api-key': 'key', client: 'cli' } as const;

/**
 * API keys and OAuth clients. Each is written, then published, then returned. When one of these
 * steps fails, no one has received the secret, and the written credential is of no use to anyone.
 */
export function createCredentials(store: AuthStore, { publish, now }: Pick<Platform, 'publish' | 'now'>): Credentials {
  const withSecret: Credentials['withSecret'] = async (kind, id, secret) => {
    const known = await store.credential(id);
    return known?.kind === kind && known.revokedAt === null && hasDigest(secret, known.secretDigest) ? known : undefined;
  };

  return {
    create: async (kind, name, scopes, principal) => {
      if (!mayGrant(principal.scopes, scopes))
        return problem(403, 'scope-not-held', 'A credential can only be granted scopes that its creator holds.');
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
      await publish([credentialEvent(credential, 'created')]);
      return { ...credentialResource(credential), secret: kind === 'api-key' ? `mk_${handle}_${secret}` : secret };
    },
    list: async (kind, page) => {
      const { data, nextCursor } = await store.credentials(kind, page);
      return { data: data.map(credentialResource), nextCursor };
    },
    revoke: async (kind, id) => {
      const revoked = await store.revokeCredential(kind, id, now());
      if (!revoked) return notFound(kind, id);
      await publish([credentialEvent(revoked, 'revoked')]);
      return undefined;
    },
    withSecret,
    withApiKey: async (apiKey) => {
      const [, handle, secret] = /^mk_([0-9a-f]{24})_([\w-]{43})$/.exec(apiKey) ?? [];
      return handle && secret ? withSecret('api-key', `key_${handle}`, secret) : undefined;
    },
  };
}

const credentialEvent = (credential: Credential, change: 'created' | 'revoked'): MarqueeEvent<'api-key.*' | 'client.*'> =>
  newEvent({
    type: `${credential.kind}.${change}` as const,
    subject: credential._id,
    sequence: change === 'created' ? 1 : 2,
    time: change === 'created' ? credential.createdAt : (credential.revokedAt ?? credential.createdAt),
    customerId: '',
    testClock: null,
    data: credentialResource(credential),
  });
