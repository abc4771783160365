import test, { type ExecutionContext } from 'ava';
import { createAnalyticsService } from '../../services/analytics/index.ts';
import type { InvoiceResource } from '../../services/shared/contracts/invoice-resource.ts';
import type { MarqueeEvent } from '../../services/shared/events.ts';
import { voidRefundIdOf } from '../../services/shared/ids.ts';
import { csvOf } from '../../services/shared/report.ts';
import type { RouteResponse } from '../../services/shared/route.ts';
import { callRoutes } from '../support/call-route.ts';
import { disputeEvent } from '../support/dispute-events.ts';
import { indexesReady, startDocuments } from '../support/documents.ts';
import { customerCreated, invoiceFinalised, refundSettled } from '../support/money-events.ts';
import { partialEvent } from '../support/partial-event.ts';
import { testPlatform } from '../support/platform.ts';
import { deliver } from '../support/service.ts';
import { change, premium, start } from '../support/subscription-life.ts';
import { deliverBadly, publishedBy } from '../support/subscription-story.ts';

async function startAnalytics(t: ExecutionContext) {
  const documents = await startDocuments(t);
  const service = createAnalyticsService(testPlatform({ documents, published: [] }));
  await indexesReady(documents);
  const callApi = callRoutes(service.routes);
  const revenue = async (query = {}) => (await callApi('get', '/v1/reports/revenue', { query })).body.data;
  return { service, callApi, revenue };
}

/**
 * `invoice.paid` at an instant; in the fixture's currency and for its customer and subscription
 * unless changed.
 */
function invoicePaid(id: string, paidAt: string, changes: Partial<InvoiceResource> = {}): MarqueeEvent<'invoice.paid'> {
  const amountPaid = (changes.total ?? 1799) - (changes.creditApplied ?? 0);
  const { data, ...event } = invoiceFinalised({ id, status: 'paid', amountDue: amountPaid, amountPaid, ...changes });
  return { ...event, id: `${id}:2`, type: 'invoice.paid', sequence: 2, time: paidAt, data };
}

const subscribed = publishedBy([[start(), '2026-01-01']], '2026-01-02');
const nothingBack = { credited: 0, refunded: 0, disputed: 0 };
const known = [customerCreated('cus_1', { country: 'DE' }), ...subscribed];

test('paid invoices are summed by month, each currency for itself', async (t) => {
  const { service, revenue } = await startAnalytics(t);
  await deliver(service, ...known);
  await deliver(
    service,
    invoicePaid('inv_1', '2026-01-31T23:59:59.999Z', { total: 1799, tax: 287 }),
    invoicePaid('inv_2', '2026-02-01T00:00:00.000Z', { total: 2000, tax: 319, creditApplied: 500 }),
    invoicePaid('inv_3', '2026-02-28T10:00:00.000Z', { total: 1000 }),
    invoicePaid('inv_4', '2026-02-28T10:00:00.000Z', { total: 1500, currency: 'JPY' }),
  );
  t.deepEqual(await revenue(), [
    {
      month: '2026-01',
      currency: 'EUR',
      invoices: 1,
      net: 1512,
      tax: 287,
      total: 1799,
      creditGranted: 0,
      creditApplied: 0,
      ...nothingBack,
      collected: 1799,
    },
    {
      month: '2026-02',
      currency: 'EUR',
      invoices: 2,
      net: 2681,
      tax: 319,
      total: 3000,
      creditGranted: 0,
      creditApplied: 500,
      ...nothingBack,
      collected: 2500,
    },
    {
      month: '2026-02',
      currency: 'JPY',
      invoices: 1,
      net: 1500,
      tax: 0,
      total: 1500,
      creditGranted: 0,
      creditApplied: 0,
      ...nothingBack,
      collected: 1500,
    },
  ]);
});

test('a range is half-open, in days or instants, and a currency leaves the others out', async (t) => {
  const { service, callApi, revenue } = await startAnalytics(t);
  await deliver(service, ...known);
  const days = ['2026-01-31T23:59:59.999Z', '2026-02-01T00:00:00.000Z', '2026-02-02T00:00:00.000Z'];
  await deliver(
    service,
    ...days.map((day, index) => invoicePaid(`inv_${index}`, day)),
    invoicePaid('inv_yen', days[1] as string, { currency: 'JPY' }),
  );
  const daysFound = async (query: object) => (await revenue({ groupBy: 'day', ...query })).map(({ day }: { day: string }) => day);
  t.deepEqual(await daysFound({ from: '2026-02-01', to: '2026-02-02', currency: 'EUR' }), ['2026-02-01']);
  t.deepEqual(await daysFound({ from: '2026-02-01T01:00:00+01:00', currency: 'EUR' }), ['2026-02-01', '2026-02-02']);
  t.deepEqual(await daysFound({ currency: 'JPY' }), ['2026-02-01']);
  for (const query of [{ from: 'yesterday' }, { to: '2026-02-30' }, { currency: 'EURO' }, { groupBy: 'mood' }, { form: '2026-01-01' }])
    t.is((await callApi('get', '/v1/reports/revenue', { query })).status, 422, JSON.stringify(query));
});

test('country and plan are those of the moment of payment', async (t) => {
  const { service, revenue } = await startAnalytics(t);
  const events = publishedBy(
    [
      [start(), '2026-01-01'],
      [change(premium, { when: 'now' }), '2026-01-10'],
    ],
    '2026-01-11',
  );
  const changedAt = events.findIndex(({ type }) => type === 'subscription.changed');
  await deliver(service, customerCreated('cus_1', { country: 'DE' }), ...events.slice(0, changedAt));
  await deliver(service, invoicePaid('inv_1', '2026-01-01T00:00:00.000Z', { total: 100 }));
  await deliver(service, customerCreated('cus_1', { country: 'FR' }, 2), ...events.slice(changedAt));
  await deliver(service, invoicePaid('inv_2', '2026-01-10T00:00:00.000Z', { total: 200 }));
  const totals = async (groupBy: string) => (await revenue({ groupBy })).map((row: Record<string, unknown>) => [row[groupBy], row.total]);
  t.deepEqual(await totals('country'), [
    ['DE', 100],
    ['FR', 200],
  ]);
  t.deepEqual(await totals('plan'), [
    ['plan_basic', 100],
    ['plan_premium', 200],
  ]);
});

test('an invoice is counted once: paid by credit, paid by money, repeated, and in any order', async (t) => {
  const { service, revenue } = await startAnalytics(t);
  const byCredit = invoiceFinalised({ id: 'inv_credit', status: 'paid', total: 900, creditApplied: 900, amountDue: 0 });
  const open = invoiceFinalised({ id: 'inv_money' });
  const events = [...known, byCredit, open, invoicePaid('inv_money', '2026-01-31T13:00:00.000Z')];
  await deliverBadly(t, service, events);
  await deliver(service, ...events, ...events);
  t.like(await revenue(), { 0: { invoices: 2, total: 2699, creditApplied: 900, collected: 1799 }, length: 1 });
});

test('credit that an invoice grants lowers the earned revenue', async (t) => {
  const { service, revenue } = await startAnalytics(t);
  await deliver(service, ...known);
  await deliver(service, invoicePaid('inv_1', '2026-01-31T12:00:00.000Z', { total: 1799, tax: 287 }));
  const returned = { id: 'inv_2', status: 'paid', total: 0, tax: -160, amountDue: 0, creditGranted: 1000 } as const;
  await deliver(service, invoiceFinalised(returned));
  t.deepEqual(await revenue(), [
    {
      month: '2026-01',
      currency: 'EUR',
      invoices: 2,
      net: 672,
      tax: 127,
      total: 1799,
      creditGranted: 1000,
      creditApplied: 0,
      ...nothingBack,
      collected: 1799,
    },
  ]);
});

const creditNote = (invoiceId: string, amounts: { total: number; tax: number }): MarqueeEvent<'credit-note.issued'> =>
  partialEvent({
    ...{ type: 'credit-note.issued', subject: `cn_${invoiceId}`, time: '2026-02-03T00:00:00.000Z' },
    data: { invoiceId, subscriptionId: 'sub_1', currency: 'EUR', refund: 0, ...amounts },
  });

test('returned money is subtracted where it was returned: credit notes from earned revenue, refunds and disputes from collected revenue', async (t) => {
  const { service, revenue } = await startAnalytics(t);
  const bankSentBack = { ...refundSettled({ id: 'ref_2', invoiceId: 'inv_1', amount: 300, status: 'failed' }), sequence: 2 };
  const events = [
    ...known,
    invoicePaid('inv_1', '2026-01-31T12:00:00.000Z', { total: 1799, tax: 287 }),
    creditNote('inv_1', { total: 500, tax: 80 }),
    refundSettled({ invoiceId: 'inv_1', amount: 500 }),
    refundSettled({ id: 'ref_2', invoiceId: 'inv_1', amount: 300 }),
    bankSentBack,
    refundSettled({ id: 'ref_3', invoiceId: 'inv_1', amount: 50, to: 'credit' }),
    refundSettled({ id: 'ref_4', invoiceId: 'inv_1', amount: 60, status: 'failed' }),
    disputeEvent('opened', { invoiceId: 'inv_1', amount: 999, currency: 'EUR' }),
    disputeEvent('lost', { invoiceId: 'inv_1', amount: 999, currency: 'EUR' }),
  ];
  await deliverBadly(t, service, events);
  await deliver(service, ...events);

  const sums = { invoices: 1, net: 1092, tax: 207, total: 1799, credited: 500, refunded: 500, disputed: 999, collected: 300 };
  t.like(await revenue({ groupBy: 'plan' }), { length: 1, 0: { plan: 'plan_basic', ...sums } });

  await deliver(service, disputeEvent('won', { invoiceId: 'inv_1', amount: 999, currency: 'EUR' }));
  t.like(await revenue({ groupBy: 'plan' }), { 0: { disputed: 0, collected: 1299 } });
});

test('returned money that is paid again counts once as collected', async (t) => {
  const { service, revenue } = await startAnalytics(t);
  await deliver(service, ...known);
  await deliver(service, invoicePaid('inv_1', '2026-01-31T12:00:00.000Z', { total: 1799 }));
  await deliver(service, refundSettled({ invoiceId: 'inv_1', amount: 1799, reopen: true }));
  t.like(await revenue({ groupBy: 'plan' }), { 0: { refunded: 1799, collected: 0 } });

  const again = invoicePaid('inv_1', '2026-02-05T00:00:00.000Z', { total: 1799, reopened: [{ refundId: 'ref_1', amount: 1799 }] });
  await deliver(service, { ...again, id: 'inv_1:4', sequence: 4 });
  await deliver(service, { ...again, id: 'inv_1:4', sequence: 4 });

  t.like(await revenue({ groupBy: 'plan' }), { length: 1, 0: { invoices: 1, total: 1799, refunded: 0, collected: 1799 } });
});

test('returned money counts on its own day, for the plan and country of its invoice, and the refund of a void invoice counts nowhere', async (t) => {
  const { service, revenue } = await startAnalytics(t);
  await deliver(service, ...known);
  await deliver(service, invoicePaid('inv_1', '2026-01-31T12:00:00.000Z', { total: 1799 }));
  await deliver(service, customerCreated('cus_1', { country: 'FR' }, 2));
  await deliver(service, creditNote('inv_1', { total: 500, tax: 0 }), refundSettled({ id: voidRefundIdOf('inv_2'), invoiceId: 'inv_2' }));

  t.like(await revenue({ groupBy: 'country' }), { length: 1, 0: { country: 'DE', net: 1299, refunded: 0 } });
  t.like(await revenue({ from: '2026-02-01' }), {
    length: 1,
    0: { month: '2026-02', invoices: 0, net: -500, credited: 500, collected: 0 },
  });
});

test('an open invoice and an invoice of zero are no revenue', async (t) => {
  const { service, revenue } = await startAnalytics(t);
  await deliver(service, ...known);
  await deliver(service, invoiceFinalised(), invoiceFinalised({ id: 'inv_zero', status: 'paid', total: 0, amountDue: 0 }));
  t.deepEqual(await revenue(), []);
});

test('a payment event before its customer is known is delivered again', async (t) => {
  const { service, revenue } = await startAnalytics(t);
  const paid = invoicePaid('inv_1', '2026-01-31T13:00:00.000Z');
  await t.throwsAsync(deliver(service, paid), { message: /customer cus_1 is not known yet/ });
  await deliver(service, ...known);
  await deliver(service, paid);
  t.is((await revenue()).length, 1);
});

test('the revenue of one test clock can be counted alone', async (t) => {
  const { service, revenue } = await startAnalytics(t);
  await deliver(service, ...known);
  const paidAt = '2026-01-31T13:00:00.000Z';
  await deliver(service, invoicePaid('inv_1', paidAt), invoicePaid('inv_2', paidAt, { total: 100, testClock: 'tc_1' }));
  t.is((await revenue({ testClock: 'tc_1' }))[0].total, 100);
  t.is((await revenue())[0].total, 1899);
});

test('a report is CSV for clients that accept it', async (t) => {
  const { service } = await startAnalytics(t);
  await deliver(service, ...known);
  await deliver(service, invoicePaid('inv_1', '2026-01-31T13:00:00.000Z', { tax: 287 }));
  const [report] = service.routes;
  const request = { params: {}, body: undefined, query: { groupBy: 'month' }, headers: { accept: 'text/csv' }, idempotencyKey: undefined };
  const principal = { subject: 'usr_1', kind: 'user', scopes: ['admin'] } as const;
  const response = (await report?.handle({ ...request, principal })) as RouteResponse;
  t.is(response.headers?.['content-type'], 'text/csv; charset=utf-8');
  t.is(
    response.body,
    'month,currency,invoices,net,tax,total,creditGranted,creditApplied,credited,refunded,disputed,collected\r\n2026-01,EUR,1,1512,287,1799,0,0,0,0,0,1799\r\n',
  );
});

test('CSV quotes special characters, omits nothing, and never lets a text run as a formula', (t) => {
  const rows = [
    { plan: 'a, "b"', total: -5 },
    { plan: '=SUM(A1)', total: null },
  ];
  t.is(csvOf(['plan', 'total'], rows), 'plan,total\r\n"a, ""b""",-5\r\n\'=SUM(A1),\r\n');
});
