import test from 'ava';
import { bodyOf, clientWith, eventually } from '../support/api-client.ts';
import { runMarquee } from '../support/marquee.ts';

test('given a running Marquee, then machines sign in with their own secrets, customers follow a test clock, and the audit trail records everything', async (t) => {
  const { client, url } = await runMarquee(t);

  const key = bodyOf(await client.post('/v1/api-keys', { name: 'warehouse', scopes: ['customers:read'] }));
  const byKey = clientWith(url, key.secret);
  t.is((await byKey.get('/v1/customers')).status, 200);
  t.like(await byKey.post('/v1/customers', {}), { status: 403, body: { code: 'scope-missing' } });
  t.like(await clientWith(url, `${key.secret}x`).get('/v1/customers'), { status: 401, body: { code: 'token-invalid' } });

  const machine = bodyOf(await client.post('/v1/clients', { name: 'back end', scopes: ['customers:write'] }));
  const form = new URLSearchParams({ grant_type: 'client_credentials', client_id: machine.id, client_secret: machine.secret });
  const { access_token } = (await (await fetch(`${url}/v1/auth/token`, { method: 'POST', body: form })).json()) as { access_token: string };
  const byMachine = clientWith(url, access_token);

  const clock = bodyOf(await client.post('/v1/test-clocks', { now: '2026-01-31T10:00:00Z' }));
  const ada = { id: 'cus_ada', email: 'ada@example.com', name: 'Ada', country: 'DE', currency: 'EUR', testClock: clock.id };
  t.like(await byMachine.post('/v1/customers', ada), { status: 201, body: { createdAt: '2026-01-31T10:00:00.000Z' } });
  t.is((await byMachine.post('/v1/customers', ada)).status, 200);
  t.is((await byMachine.post('/v1/customers/cus_ada/payment-methods', { gateway: 'simulated', token: 'tok_ok' })).status, 201);
  t.is((await byMachine.send('DELETE', '/v1/customers/cus_ada')).status, 204);

  const expected = ['customer.created', 'customer.payment-method-added', 'customer.erased'];
  const trail = await eventually('the audit trail of the customer', async () => {
    const { data } = bodyOf(await client.get('/v1/audit?subject=cus_ada'));
    return data.length === expected.length && data;
  });
  t.deepEqual(trail.map(({ type }: { type: string }) => type).sort(), [...expected].sort());
  t.false(JSON.stringify(trail).includes('ada@example.com'));
  t.like(bodyOf(await client.get('/v1/audit/verify?subject=cus_ada')), { checked: 3, alteredCount: 0, missing: [] });
  t.like(await byMachine.get('/v1/audit'), { status: 403 });
});
