import test, { type ExecutionContext } from 'ava';
import { createDunningService } from '../../services/dunning/index.ts';
import { createPaymentService } from '../../services/payment/index.ts';
import { createSecurityService } from '../../services/security/index.ts';
import type { MarqueeEvent } from '../../services/shared/events.ts';
import { indexesReady, startDocuments } from '../support/documents.ts';
import { testPlatform } from '../support/platform.ts';
import { openPublicDoor } from '../support/public-door.ts';

const services = { dunning: createDunningService, security: createSecurityService, payment: createPaymentService };

/** A service behind the public API, at which editors read and write one resource. */
async function editorsOf(t: ExecutionContext, { service, path }: { readonly service: keyof typeof services; readonly path: string }) {
  const documents = await startDocuments(t);
  const published: MarqueeEvent[] = [];
  const created = services[service](testPlatform({ documents, published }));
  await indexesReady(documents);
  const { url, close } = await openPublicDoor(created, documents);
  t.teardown(close);

  const call = async (method: string, body?: unknown, ifMatch?: string, at = path) => {
    const headers = { 'content-type': 'application/json', ...(ifMatch !== undefined && { 'if-match': ifMatch }) };
    const response = await fetch(`${url}${at}`, { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) });
    const text = await response.text();
    return { status: response.status, etag: response.headers.get('etag') ?? '', body: text === '' ? undefined : JSON.parse(text) };
  };
  return { call, published, auditEntries: () => documents.collection('security_audit').countDocuments() };
}

const policy = (graceDays: number) => ({ graceDays });
const students = '/v1/dunning/policies/dun_students';
const forStudents = (graceDays: number) => ({ match: { segments: ['student'] }, policy: { graceDays } });

const resources = [
  { noun: 'the dunning policy', service: 'dunning', path: '/v1/dunning/policy', edit: policy },
  { noun: 'a matched dunning policy', service: 'dunning', path: students, edit: forStudents },
  {
    noun: 'the risk rules',
    service: 'security',
    path: '/v1/risk/rules',
    edit: (limit: number) => ({ trialsPerCustomer: { limit, hours: 24 } }),
  },
  {
    noun: 'payment routing',
    service: 'payment',
    path: '/v1/payment-routing',
    edit: (count: number) => ({ routes: Array.from({ length: count }, () => ({ gateway: 'simulated' })) }),
  },
] as const;

const createdFirst = async ({ call }: Awaited<ReturnType<typeof editorsOf>>, path: string) => {
  if (path === students) await call('POST', { id: 'dun_students', ...forStudents(30) }, undefined, '/v1/dunning/policies');
};

for (const resource of resources) {
  const { noun, path, edit } = resource;

  test(`the ETag of ${noun} is equal after a write and a read, and changes with the content`, async (t) => {
    const editors = await editorsOf(t, resource);
    await createdFirst(editors, path);
    const before = await editors.call('GET');
    const written = await editors.call('PUT', edit(20), before.etag);
    const after = await editors.call('GET');

    t.regex(before.etag, /^"[\w-]{22}"$/);
    t.is(written.status, 200);
    t.deepEqual([written.etag, written.body], [after.etag, after.body]);
    t.not(after.etag, before.etag);
  });

  test(`an edit of ${noun} with an ETag that is no longer current is refused, and neither stored nor reported`, async (t) => {
    const editors = await editorsOf(t, resource);
    await createdFirst(editors, path);
    const stale = (await editors.call('GET')).etag;
    await editors.call('PUT', edit(20), stale);
    const current = await editors.call('GET');
    const reported = [editors.published.length, await editors.auditEntries()];

    t.like(await editors.call('PUT', edit(21), stale), { status: 412, body: { code: 'precondition-failed' } });

    t.deepEqual(await editors.call('GET'), current);
    t.deepEqual([editors.published.length, await editors.auditEntries()], reported);
    t.notDeepEqual(reported, [0, 0]);
    t.is((await editors.call('PUT', edit(22), '*')).status, 200);
    t.is((await editors.call('PUT', edit(23))).status, 200, 'an edit without If-Match is not compared');
  });

  test(`of eight editors who read one version of ${noun}, one changes it`, async (t) => {
    const editors = await editorsOf(t, resource);
    await createdFirst(editors, path);
    for (const round of [1, 2, 3]) {
      const { etag } = await editors.call('GET');
      const edits = await Promise.all(Array.from({ length: 8 }, (_, index) => editors.call('PUT', edit(10 * round + index), etag)));

      const [winner, ...others] = edits.toSorted((one, other) => one.status - other.status);
      t.deepEqual([winner?.status, ...others.map(({ status }) => status)], [200, ...Array(7).fill(412)]);
      t.deepEqual((await editors.call('GET')).body, winner?.body);
    }
  });
}

test('a matched dunning policy that has changed since it was read is not deleted', async (t) => {
  const editors = await editorsOf(t, { service: 'dunning', path: students });
  await createdFirst(editors, students);
  const stale = (await editors.call('GET')).etag;
  const current = (await editors.call('PUT', forStudents(20))).etag;

  t.like(await editors.call('DELETE', undefined, stale), { status: 412, body: { code: 'precondition-failed' } });
  t.is((await editors.call('GET')).status, 200);
  t.is((await editors.call('DELETE', undefined, current)).status, 204);
  t.like(await editors.call('GET'), { status: 404, body: { code: 'dunning-policy-not-found' } });
  t.is((await editors.call('PUT', forStudents(21), '*')).status, 404);
});

test('of a deletion and an edit of one version of a matched dunning policy, one succeeds', async (t) => {
  const editors = await editorsOf(t, { service: 'dunning', path: students });
  await createdFirst(editors, students);
  const { etag } = await editors.call('GET');

  const [removed, edited] = await Promise.all([editors.call('DELETE', undefined, etag), editors.call('PUT', forStudents(21), etag)]);

  t.true((removed.status === 204) !== (edited.status === 200), `${removed.status} and ${edited.status}`);
});
