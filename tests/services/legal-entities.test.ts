import test, { type ExecutionContext } from 'ava';
import { createInvoicingService } from '../../services/invoicing/index.ts';
import { indexesReady, startDocuments } from '../support/documents.ts';
import { customerCreated, noon, renewalDue } from '../support/money-events.ts';
import { testPlatform } from '../support/platform.ts';
import { deliver, request } from '../support/service.ts';

const german = {
  name: 'Strom GmbH',
  country: 'DE',
  vatId: 'DE136695976',
  registrations: ['DE'],
  numberPrefix: 'ST',
  countries: ['DE'],
};

async function invoicing(t: ExecutionContext) {
  const documents = await startDocuments(t);
  const service = createInvoicingService(testPlatform({ documents, published: [] }));
  await indexesReady(documents);
  await deliver(service, customerCreated());
  return { service };
}

test('an editor with the ETag of a current legal entity replaces it, and one with an old ETag is refused', async (t) => {
  const { service } = await invoicing(t);
  const path = '/v1/legal-entities/strom';
  const put = (body: object, etag: string) => request(service, 'put', path, { body, headers: { 'if-match': etag } });

  t.like(await put(german, '*'), { status: 412, body: { code: 'precondition-failed' } }, 'nothing to replace yet');
  const first = await request(service, 'put', path, { body: german });
  const read = await request(service, 'get', path);
  const etag = String(read.headers?.etag);
  t.is(first.headers?.etag, etag);

  const second = await put({ ...german, name: 'Strom AG' }, etag);
  t.is(second.status, 200);
  t.not(second.headers?.etag, etag);
  t.like(await put({ ...german, name: 'Strom SE' }, etag), { status: 412, body: { code: 'precondition-failed' } });
  t.like((await request(service, 'get', path)).body, { name: 'Strom AG' });
});

test('of editors who replace one version of a legal entity concurrently, one succeeds', async (t) => {
  const { service } = await invoicing(t);
  const path = '/v1/legal-entities/strom';
  const { headers } = await request(service, 'put', path, { body: { ...german, address: { line1: 'Am Kanal 16', city: 'Potsdam' } } });

  const editors = ['Strom AG', 'Strom SE', 'Strom KG', 'Strom OHG'].map((name) =>
    request(service, 'put', path, { body: { ...german, name }, headers: { 'if-match': String(headers?.etag) } }),
  );
  const statuses = (await Promise.all(editors)).map(({ status }) => status);

  t.deepEqual(statuses.sort(), [200, 412, 412, 412]);
});

test('two legal entities cannot share a country or a prefix, and each numbers its own invoices', async (t) => {
  const { service } = await invoicing(t);
  await request(service, 'put', '/v1/legal-entities/strom', { body: german });

  const sameCountry = await request(service, 'put', '/v1/legal-entities/other', { body: { ...german, numberPrefix: 'OT' } });
  const samePrefix = await request(service, 'put', '/v1/legal-entities/other', { body: { ...german, countries: ['AT'] } });
  const unnamedPrefix = await request(service, 'put', '/v1/legal-entities/other', {
    body: { ...german, countries: ['AT'], numberPrefix: 'MQ' },
  });
  const unknown = await request(service, 'put', '/v1/legal-entities/other', { body: { ...german, countries: [], registrations: ['XX'] } });

  t.like(sameCountry, { status: 422, body: { code: 'country-taken' } });
  t.like(samePrefix, { status: 422, body: { code: 'prefix-taken' } });
  t.like(unnamedPrefix, { status: 422, body: { code: 'prefix-taken' } });
  t.is(unknown.status, 422);
  await deliver(service, customerCreated('cus_2', { country: 'US' }));
  await deliver(service, renewalDue(), renewalDue({ subscriptionId: 'sub_2', customerId: 'cus_2', time: noon }));
  t.like((await request(service, 'get', '/v1/invoices/inv_sub_1_1')).body, { number: 'ST-2026-000001' });
  t.like((await request(service, 'get', '/v1/invoices/inv_sub_2_1')).body, { number: 'MQ-2026-000001' });
});
