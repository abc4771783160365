import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type JSONWebKeySet, type JWK, SignJWT } from 'jose';
import type { Connection } from 'mongoose';
import { documentModel, insertNew } from '../shared/mongo.ts';
import { type Instant, millisOf } from '../shared/time.ts';

type SigningKeyDocument = { _id: string; privateKey: JWK; publicKey: JWK; createdAt: Instant };

export type AccessClaims = { readonly subject: string; readonly kind: 'user' | 'client'; readonly scopes: readonly string[] };

export type SigningKey = {
  /** The public half, for everybody who checks our tokens. */
  readonly keySet: () => Promise<JSONWebKeySet>;
  /** An access token (JWT) that is valid for `accessTokenSeconds` from `now`. */
  readonly sign: (claims: AccessClaims, now: Instant) => Promise<string>;
};

export const accessTokenSeconds = 15 * 60;

const algorithm = 'ES256';

/**
 * The platform's one signing key, made by whoever comes first and then kept as a document: the insert under a fixed id decides
 * between processes that start at once, and all of them read what was kept.
 */
export function createSigningKey(documents: Connection, issuer: string): SigningKey {
  const model = documentModel<SigningKeyDocument>(documents, 'auth_signing_keys', {
    privateKey: Object,
    publicKey: Object,
    createdAt: String,
  });

  const load = async (): Promise<SigningKeyDocument> => {
    const kept = await model.findById('current').lean<SigningKeyDocument>();
    if (kept) return kept;
    await insertNew(model, [await generate()]);
    return (await model.findById('current').orFail().lean<SigningKeyDocument>()) as SigningKeyDocument;
  };

  let loading: Promise<SigningKeyDocument> | undefined;
  const current = (): Promise<SigningKeyDocument> => {
    loading ??= load().catch((error) => {
      loading = undefined;
      throw error;
    });
    return loading;
  };

  return {
    keySet: async () => ({ keys: [(await current()).publicKey] }),
    sign: async ({ subject, kind, scopes }, now) => {
      const { privateKey, publicKey } = await current();
      const issuedAt = Math.floor(millisOf(now) / 1000);
      return new SignJWT({ kind, scope: scopes.join(' ') })
        .setProtectedHeader({ alg: algorithm, kid: publicKey.kid as string, typ: 'JWT' })
        .setSubject(subject)
        .setIssuer(issuer)
        .setAudience('marquee')
        .setIssuedAt(issuedAt)
        .setExpirationTime(issuedAt + accessTokenSeconds)
        .sign(await importJWK(privateKey, algorithm));
    },
  };
}

async function generate(): Promise<SigningKeyDocument> {
  const pair = await generateKeyPair(algorithm, { extractable: true });
  const publicKey = await exportJWK(pair.publicKey);
  const named = { kid: await calculateJwkThumbprint(publicKey), alg: algorithm, use: 'sig' };
  return {
    _id: 'current',
    privateKey: await exportJWK(pair.privateKey),
    publicKey: { ...publicKey, ...named },
    createdAt: new Date().toISOString(),
  };
}
