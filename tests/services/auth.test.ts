import test, { type ExecutionContext } from 'ava';
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import type { Connection } from 'mongoose';
import { createAuthService } from '../../services/auth/index.ts';
import { authenticateWith } from '../../services/shared/authenticate.ts';
import type { MarqueeEvent } from '../../services/shared/events.ts';
import { anonymous } from '../../services/shared/principal.ts';
import { instantOfMillis } from '../../services/shared/time.ts';

import { callRoutes } from '../support/call-route.ts';

import { indexesReady, startDocuments } from '../support/documents.ts';
import { testPlatform } from '../support/platform.ts';

const administrator = { email: 'Root@example.com', password: 'correct horse battery staple' };

/** A connection to the same database that shares no model, as another process would have. */
const anotherProcess = (documents: Connection): Connection => documents.useDb(documents.name);

async function startAuth(t: ExecutionContext, documents?: Connection) {
  const published: MarqueeEvent[] = [];
  const clock = { millis: Date.now() };
  const platform = testPlatform({
    documents: documents ?? (await startDocuments(t)),
    published,
    now: () => instantOfMillis(clock.millis),
    config: { administrator, issuer: 'https://issuer.test' },
  });
  const service = createAuthService(platform);
  await indexesReady(platform.documents);
  await service.start?.();
  const callApi = callRoutes(service.routes);
  const inside = callRoutes(service.internal ?? []);
  const token = (body: object, headers = {}) => callApi('post', '/v1/auth/token', { body, headers, principal: anonymous });
  const signIn = (password = administrator.password, username = administrator.email) =>
    token({ grant_type: 'password', username, password });
  return { platform, published, clock, callApi, inside, token, signIn };
}

test('the configured administrator signs in, and the access token is accepted with nothing but the key set', async (t) => {
  const { callApi, signIn, inside } = await startAuth(t);
  const { status, body, headers } = await signIn();
  t.is(status, 200);
  t.like(body, { token_type: 'Bearer', expires_in: 900, scope: 'admin' });
  t.is(headers['cache-control'], 'no-store');

  const keys = (await callApi('get', '/.well-known/jwks.json')).body;
  t.deepEqual((await inside('get', '/keys')).body, keys);
  const { payload } = await jwtVerify(body.access_token, createLocalJWKSet(keys), { issuer: 'https://issuer.test', audience: 'marquee' });
  t.like(payload, { kind: 'user', scope: 'admin' });
  t.is((payload.exp ?? 0) - (payload.iat ?? 0), 900);
  t.is(decodeProtectedHeader(body.access_token).kid, keys.keys[0].kid);
  t.false('d' in keys.keys[0]);

  const introspect = async () => undefined;
  const authenticate = authenticateWith({ keys: async () => keys, introspect }, 'https://issuer.test', () => performance.now());
  t.like(await authenticate(`Bearer ${body.access_token}`, 'customers:write'), { kind: 'user', scopes: ['admin'] });
});

test('a wrong password and an unknown user get the same response', async (t) => {
  const { signIn } = await startAuth(t);
  const wrong = await signIn('not it');
  const unknown = await signIn('not it', 'unknown@example.com');
  t.is(wrong.status, 401);
  t.like(wrong.body, { code: 'invalid-grant', error: 'invalid_grant', status: 401 });
  t.deepEqual(unknown, wrong);
});

test('repeated failures close an account for a while, whether it exists or not', async (t) => {
  const { signIn } = await startAuth(t);
  for (const username of [administrator.email, 'unknown@example.com']) {
    for (let n = 0; n < 5; n++) t.is((await signIn('guess', username)).status, 401);
    t.like(await signIn(administrator.password, username), { status: 429, body: { code: 'too-many-attempts' } });
  }
});

test('an unsupported grant or a missing field is refused with a pointer', async (t) => {
  const { token } = await startAuth(t);
  t.like(await token({ grant_type: 'implicit' }), { status: 422, body: { errors: [{ pointer: '/grant_type' }] } });
  t.like(await token({ grant_type: 'password', username: 'a' }), { status: 422, body: { errors: [{ pointer: '/password' }] } });
  t.like(await token({ grant_type: 'client_credentials' }), { status: 401, body: { error: 'invalid_client' } });
});

test('a requested scope narrows the token, and a scope that is not held is refused', async (t) => {
  const { token, callApi } = await startAuth(t);
  const grant = { grant_type: 'password', username: administrator.email, password: administrator.password };
  t.is((await token({ ...grant, scope: 'customers:read plans:read' })).body.scope, 'customers:read plans:read');
  await callApi('post', '/v1/auth/register', { body: { email: 'viewer@example.com', password: 'long enough' } });
  const viewer = { grant_type: 'password', username: 'viewer@example.com', password: 'long enough' };
  t.is((await token(viewer)).body.scope, 'self');
  t.like(await token({ ...viewer, scope: 'admin' }), { status: 403, body: { error: 'invalid_scope' } });
});

test('a refresh token works once, and its reuse ends the session for both holders', async (t) => {
  const { signIn, token } = await startAuth(t);
  const first = (await signIn()).body.refresh_token;
  const refresh = (refresh_token: string) => token({ grant_type: 'refresh_token', refresh_token });
  const second = await refresh(first);
  t.is(second.status, 200);
  t.is(second.body.scope, 'admin');
  t.not(second.body.refresh_token, first);
  t.like(await refresh(first), { status: 401, body: { error: 'invalid_grant' } });
  t.is((await refresh(second.body.refresh_token)).status, 401);
});

test('one refresh token used many times at the same time gives at most one new token', async (t) => {
  const { signIn, token } = await startAuth(t);
  const refresh_token = (await signIn()).body.refresh_token;
  const responses = await Promise.all(Array.from({ length: 8 }, () => token({ grant_type: 'refresh_token', refresh_token })));
  t.true(responses.filter(({ status }) => status === 200).length <= 1);
});

test('a session that was not used for thirty days has expired, and signing in again deletes it', async (t) => {
  const { signIn, token, clock, platform } = await startAuth(t);
  const refresh_token = (await signIn()).body.refresh_token;
  clock.millis += 30 * 24 * 60 * 60_000;
  t.is((await token({ grant_type: 'refresh_token', refresh_token })).status, 401);
  clock.millis += 1;
  await signIn();
  t.is(await platform.documents.collection('auth_sessions').countDocuments(), 1);
});

test('revoking ends a session or an API key, and an unknown token is not an error', async (t) => {
  const { signIn, token, callApi, inside } = await startAuth(t);
  const refresh_token = (await signIn()).body.refresh_token;
  const revoke = (text: string) => callApi('post', '/v1/auth/revoke', { body: { token: text }, principal: anonymous });
  t.is((await revoke(refresh_token)).status, 200);
  t.is((await token({ grant_type: 'refresh_token', refresh_token })).status, 401);
  const key = (await callApi('post', '/v1/api-keys', { body: { name: 'leaked', scopes: ['plans:read'] } })).body.secret;
  t.is((await revoke(key)).status, 200);
  t.is((await inside('post', '/introspect', { body: { apiKey: key } })).status, 404);
  t.is((await revoke('nonsense')).status, 200);
});

test('an end user registers once per address, holds only "self", and no event carries the address', async (t) => {
  const { callApi, published } = await startAuth(t);
  const body = { email: 'Viewer@Example.com', password: 'long enough' };
  const registered = await callApi('post', '/v1/auth/register', { body, principal: anonymous });
  t.like(registered, { status: 201, body: { email: 'viewer@example.com', scopes: ['self'] } });
  t.like(await callApi('post', '/v1/auth/register', { body: { ...body, email: 'viewer@example.COM' } }), {
    status: 409,
    body: { code: 'already-exists' },
  });
  t.like(await callApi('post', '/v1/auth/register', { body: { ...body, scopes: ['admin'] } }), { status: 422 });
  t.like(await callApi('post', '/v1/auth/register', { body: { ...body, password: 'short' } }), {
    status: 422,
    body: { errors: [{ pointer: '/password' }] },
  });
  t.deepEqual(
    published.map(({ type }) => type),
    ['user.registered'],
  );
  t.false(JSON.stringify(published).toLowerCase().includes('viewer'));
});

test('simultaneous registrations of one address create one user', async (t) => {
  const { callApi } = await startAuth(t);
  const body = { email: 'viewer@example.com', password: 'long enough' };
  const responses = await Promise.all(Array.from({ length: 4 }, () => callApi('post', '/v1/auth/register', { body })));
  t.deepEqual(responses.map(({ status }) => status).sort(), [201, 409, 409, 409]);
});

test('an API key is returned once, has its scopes on introspection, is listed, and is revoked by a delete', async (t) => {
  const { callApi, inside, published } = await startAuth(t);
  const created = await callApi('post', '/v1/api-keys', { body: { name: 'warehouse', scopes: ['invoices:read'] } });
  t.is(created.status, 201);
  t.regex(created.body.secret, /^mk_[0-9a-f]{24}_[\w-]{43}$/);
  const introspect = (apiKey: string) => inside('post', '/introspect', { body: { apiKey } });
  t.deepEqual((await introspect(created.body.secret)).body, { subject: created.body.id, kind: 'api-key', scopes: ['invoices:read'] });
  t.is((await introspect(`${created.body.secret.slice(0, -1)}${created.body.secret.endsWith('A') ? 'E' : 'A'}`)).status, 404);

  const { secret, ...shown } = created.body;
  t.deepEqual((await callApi('get', '/v1/api-keys')).body, { data: [shown], nextCursor: null });
  t.is((await callApi('delete', `/v1/api-keys/${created.body.id}`)).status, 204);
  t.is((await introspect(secret)).status, 404);
  t.is((await callApi('delete', `/v1/api-keys/${created.body.id}`)).status, 204);
  t.is((await callApi('delete', '/v1/api-keys/key_unknown')).status, 404);
  t.deepEqual(
    [...new Set(published.map(({ id, type }) => `${type} ${id}`))],
    [`api-key.created ${shown.id}:1`, `api-key.revoked ${shown.id}:2`],
  );
  t.false(JSON.stringify(published).includes(secret));
});

test('a credential cannot have more scopes than its creator', async (t) => {
  const { callApi, published } = await startAuth(t);
  const principal = { subject: 'key_1', kind: 'api-key', scopes: ['auth:write', 'plans:read'] } as const;
  t.like(await callApi('post', '/v1/api-keys', { body: { name: 'x', scopes: ['admin'] }, principal }), {
    status: 403,
    body: { code: 'scope-not-held' },
  });
  t.like(await callApi('post', '/v1/clients', { body: { name: 'x', scopes: ['plans:write'] }, principal }), { status: 403 });
  t.deepEqual(published, []);
  t.is((await callApi('post', '/v1/clients', { body: { name: 'x', scopes: ['plans:read'] }, principal })).status, 201);
});

test('a client gets tokens by its secret in the form or by HTTP Basic, and none after it is revoked', async (t) => {
  const { callApi, token } = await startAuth(t);
  const { id, secret } = (await callApi('post', '/v1/clients', { body: { name: 'back end', scopes: ['customers:write'] } })).body;
  const grant_type = 'client_credentials';
  const form = await token({ grant_type, client_id: id, client_secret: secret });
  t.like(form, { status: 200, body: { scope: 'customers:write', token_type: 'Bearer' } });
  t.false('refresh_token' in form.body);
  t.is((await token({ grant_type }, { authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}` })).status, 200);
  t.is((await token({ grant_type, client_id: id, client_secret: secret, scope: 'customers:read' })).body.scope, 'customers:read');
  t.like(await token({ grant_type, client_id: id, client_secret: `${secret}x` }), { status: 401, body: { error: 'invalid_client' } });
  t.is((await callApi('delete', `/v1/api-keys/${id}`)).status, 404);
  t.is((await callApi('delete', `/v1/clients/${id}`)).status, 204);
  t.is((await token({ grant_type, client_id: id, client_secret: secret })).status, 401);
});

test('processes that start together agree on one key and one administrator', async (t) => {
  const documents = await startDocuments(t);
  const processes = await Promise.all([1, 2, 3].map(() => startAuth(t, anotherProcess(documents))));
  const keySets = await Promise.all(
    processes.map(async ({ callApi }) => (await callApi('get', '/.well-known/jwks.json')).body.keys[0].kid),
  );
  t.is(new Set(keySets).size, 1);
  t.is(await documents.collection('auth_users').countDocuments(), 1);
  t.deepEqual(await Promise.all(processes.map(async ({ signIn }) => (await signIn()).status)), [200, 200, 200]);
});

test('a change of the configuration does not change an existing administrator', async (t) => {
  const documents = await startDocuments(t);
  await startAuth(t, documents);
  const platform = testPlatform({
    documents: anotherProcess(documents),
    published: [],
    config: { administrator: { email: 'other@example.com', password: 'something else' } },
  });
  await createAuthService(platform).start?.();
  t.is(await documents.collection('auth_users').countDocuments(), 1);
});

test('secrets and passwords are not stored', async (t) => {
  const { callApi, signIn, platform } = await startAuth(t);
  const { secret } = (await callApi('post', '/v1/api-keys', { body: { name: 'x', scopes: ['plans:read'] } })).body;
  const refreshToken = (await signIn()).body.refresh_token;
  const stored = await Promise.all(
    ['auth_users', 'auth_sessions', 'auth_credentials'].map((name) => platform.documents.collection(name).find().toArray()),
  );
  const text = JSON.stringify(stored);
  for (const hidden of [administrator.password, secret.slice(-43), refreshToken.slice(-43)]) t.false(text.includes(hidden));
});
