import test, { type ExecutionContext } from 'ava';
import { createInvoicingService } from '../../services/invoicing/index.ts';
import type { MarqueeEvent } from '../../services/shared/events.ts';
import type { Service } from '../../services/shared/service.ts';
import { indexesReady, startDocuments } from '../support/documents.ts';
import { customerCreated, renewalDue } from '../support/money-events.ts';
import { testPlatform } from '../support/platform.ts';
import { deliver, request } from '../support/service.ts';

async function invoicing(t: ExecutionContext) {
  const connection = await startDocuments(t);
  const published: MarqueeEvent[] = [];
  const service = createInvoicingService(testPlatform({ documents: connection, published }));
  await indexesReady(connection);
  await deliver(service, customerCreated());
  const internal = { ...service, routes: service.internal ?? [] } as Service;
  const callApi = async (path: string, body: object) => (await request(internal, 'post', path, { body })).body;
  return { service, published, callApi, connection };
}

const requestOf = (event: MarqueeEvent) => ({
  request: (event.data as { invoice: object }).invoice,
  at: event.time,
  event: event.id,
});

const german = {
  name: 'Strom GmbH',
  country: 'DE',
  vatId: 'DE136695976',
  registrations: ['DE'],
  numberPrefix: 'ST',
  countries: ['DE'],
};

const comparable = ({
  id,
  lines,
  taxes,
  subtotal,
  discount,
  tax,
  total,
  creditApplied,
  amountDue,
  creditGranted,
}: Record<string, unknown>) => ({
  ...{ id, lines, taxes, subtotal, discount, tax, total, creditApplied, amountDue, creditGranted },
});

test('a preview equals the later invoice to the cent: discounts, tax, and the account credit that the earlier one leaves', async (t) => {
  const { service, callApi } = await invoicing(t);
  await request(service, 'put', '/v1/legal-entities/strom', { body: german });
  await request(service, 'post', '/v1/customers/cus_1/credits', { body: { amount: 1500, currency: 'EUR', reason: 'sorry' } });
  const spring = { couponId: 'cpn_spring', name: 'Spring', percent: 10, base: 1799, amount: 180, shares: [180] };
  const events = [
    renewalDue({ cause: 1, lines: [{ amount: 1799, discount: 180 }], discounts: [spring] }),
    renewalDue({ cause: 2, lines: [{ amount: -900 }, { amount: 333 }] }),
    renewalDue({ cause: 3 }),
  ];
  const { invoices } = await callApi('/preview', { customerId: 'cus_1', subscriptionId: 'sub_1', requests: events.map(requestOf) });

  for (const event of events) await deliver(service, event);

  const made = await Promise.all([1, 2, 3].map(async (n) => (await request(service, 'get', `/v1/invoices/inv_sub_1_${n}`)).body));
  t.deepEqual((invoices as Record<string, unknown>[]).map(comparable), made.map(comparable));
  t.like(made[0], { number: 'ST-2026-000001', tax: 258, creditApplied: 1500, amountDue: 119 });
  t.like(made[2], { creditApplied: 567, amountDue: 1232 });
});

test('a preview stores nothing and draws no credit', async (t) => {
  const { service, callApi } = await invoicing(t);
  await request(service, 'post', '/v1/customers/cus_1/credits', { body: { amount: 500, currency: 'EUR', reason: 'sorry' } });

  await callApi('/preview', { customerId: 'cus_1', subscriptionId: 'sub_1', requests: [requestOf(renewalDue())] });

  t.is((await request(service, 'get', '/v1/invoices/inv_sub_1_1')).status, 404);
  t.like((await request(service, 'get', '/v1/customers/cus_1/credit-balance')).body, { amount: 500 });
});

test('a verification computes every invoice again and names the fields that differ', async (t) => {
  const { service, callApi, connection } = await invoicing(t);
  await deliver(service, renewalDue());
  const requests = [requestOf(renewalDue()), requestOf(renewalDue({ cause: 2 }))];
  await connection.collection('invoices').updateOne({ _id: 'inv_sub_1_1' as never }, { $set: { total: 1800 } });

  const { differences } = await callApi('/verify', { subscriptionId: 'sub_1', requests });

  t.deepEqual(differences, [
    { invoiceId: 'inv_sub_1_1', field: 'total', stored: 1800, derived: 1799 },
    { invoiceId: 'inv_sub_1_2', field: 'invoice', stored: null, derived: 'asked for' },
  ] as never);
});

test('a verification finds no difference when the seller and the customer have changed since', async (t) => {
  const { service, callApi } = await invoicing(t);
  await deliver(service, renewalDue());
  await request(service, 'put', '/v1/legal-entities/default', { body: { ...german, countries: [] } });
  await deliver(service, customerCreated('cus_1', { country: 'FR' }, 2));

  t.deepEqual((await callApi('/verify', { subscriptionId: 'sub_1', requests: [requestOf(renewalDue())] })).differences, []);
});
