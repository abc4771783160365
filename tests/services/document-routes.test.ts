import test, { type ExecutionContext } from 'ava';
import { createInvoicingService } from '../../services/invoicing/index.ts';
import { indexesReady, startDocuments } from '../support/documents.ts';
import { customerCreated, paymentSettled, renewalDue } from '../support/money-events.ts';
import { testPlatform } from '../support/platform.ts';
import { deliver, request } from '../support/service.ts';

const germany = { name: 'Strom GmbH', country: 'DE', vatId: 'DE136695976', registrations: ['DE'], numberPrefix: 'ST' };

/** Invoicing with a paid invoice of EUR 17.99 from this legal entity. */
async function invoiced(t: ExecutionContext, entity: object = germany) {
  const documents = await startDocuments(t);
  const service = createInvoicingService(testPlatform({ documents, published: [] }));
  await indexesReady(documents);
  await request(service, 'put', '/v1/legal-entities/default', { body: entity });
  await deliver(service, customerCreated());
  await deliver(service, renewalDue());
  await deliver(service, paymentSettled('inv_sub_1_1', 'succeeded'));
  return service;
}

for (const [ending, type, begins] of [
  ['pdf', 'application/pdf', '%PDF-1.7'],
  ['html', 'text/html; charset=utf-8', '<!doctype html>'],
  ['xml', 'application/xml; charset=utf-8', '<?xml version="1.0" encoding="UTF-8"?>'],
] as const)
  test(`an invoice and its credit notes can be retrieved as ${ending}`, async (t) => {
    const service = await invoiced(t);
    const note = await request(service, 'post', '/v1/invoices/inv_sub_1_1/credit-notes', { body: { amount: 500, reason: 'outage' } });

    for (const [path, number] of [
      [`/v1/invoices/inv_sub_1_1.${ending}`, 'ST-2026-000001'],
      [`/v1/invoices/inv_sub_1_1/credit-notes/${note.body.id}.${ending}`, String(note.body.number)],
    ] as const) {
      const { status, body, headers } = await request(service, 'get', path);
      t.is(status, 200);
      t.true(String(body).startsWith(begins), path);
      t.is(headers?.['content-type'], type);
      t.is(headers?.['content-disposition'], `inline; filename="${number}.${ending}"`);
    }
    t.is((await request(service, 'get', `/v1/invoices/inv_none.${ending}`)).status, 404);
    t.is((await request(service, 'get', `/v1/invoices/inv_sub_1_1/credit-notes/cn_none.${ending}`)).status, 404);
  });

test('an invoice that cannot be an e-invoice is refused with the reason and can be retrieved as PDF', async (t) => {
  const service = await invoiced(t, { ...germany, vatId: null });

  t.like(await request(service, 'get', '/v1/invoices/inv_sub_1_1.xml'), { status: 409, body: { code: 'e-invoice-seller-unregistered' } });
  t.is((await request(service, 'get', '/v1/invoices/inv_sub_1_1.pdf')).status, 200);
});
