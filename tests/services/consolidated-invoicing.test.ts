import test, { type ExecutionContext } from 'ava';
import type { Connection } from 'mongoose';
import { createInvoicingService } from '../../services/invoicing/index.ts';
import type { InvoiceResource } from '../../services/shared/contracts/invoice-resource.ts';
import type { MarqueeEvent } from '../../services/shared/events.ts';
import type { Service } from '../../services/shared/service.ts';
import { indexesReady, startDocuments } from '../support/documents.ts';
import { customerCreated, noon, paymentSettled, renewalDue } from '../support/money-events.ts';
import { testPlatform } from '../support/platform.ts';
import { invokeRenewals, renewalEvent, subscriptionChanged } from '../support/renewal-events.ts';
import { deliver, request } from '../support/service.ts';

const group = 'con_cus_1_EUR_inclusive_2026-01-31';
const evening = '2026-01-31T20:00:00.000Z';

/**
 * Invoicing for a customer who wants consolidated invoices, and how to start another process of it on the same documents. Each has ended its
 * first sweep, and has no other: what a test sees is what it caused.
 */
async function invoicing(t: ExecutionContext, renewals: Readonly<Record<string, string | null>> = { sub_1: null, sub_2: null }) {
  const documents = await startDocuments(t);
  const published: MarqueeEvent[] = [];
  const setting = { now: noon, renewals, failing: false };
  const begin = async (connection: Connection): Promise<Service> => {
    const publish = async (events: readonly MarqueeEvent[]) => {
      if (setting.failing) throw new Error('the broker is away');
      published.push(...events);
    };
    const invoke = invokeRenewals(() => setting.renewals);
    const service = createInvoicingService(testPlatform({ documents: connection, published, publish, invoke, now: () => setting.now }));
    await indexesReady(connection);
    await service.start?.();
    await service.stop?.();
    return service;
  };
  const service = await begin(documents);
  await deliver(service, customerCreated('cus_1', { invoiceGrouping: 'consolidated' }));
  return { service, published, documents, setting, anotherProcess: () => begin(documents.useDb(documents.name)) };
}

const invoice = async (service: Service, id: string) => (await request(service, 'get', `/v1/invoices/${id}`)).body;
const finalised = (published: readonly MarqueeEvent[]) => published.map((event) => event as MarqueeEvent<InvoiceResource>);
const numbersOf = async (documents: Connection) => {
  const series = await documents.collection('invoice_numbers').findOne({ _id: 'MQ-2026' } as never);
  return { next: series?.next, assigned: series?.assigned, free: series?.free };
};

test('given two that renew on one day, when the last has asked, then both bear one number and tell of each other', async (t) => {
  const { service, published, documents } = await invoicing(t);

  t.deepEqual(await deliver(service, renewalEvent({ subscriptionId: 'sub_1', amount: 1000 })), []);
  t.is((await request(service, 'get', '/v1/invoices/inv_sub_1_1')).status, 404, 'it waits');
  const follows = await deliver(service, renewalEvent({ subscriptionId: 'sub_2', amount: 500, time: evening }));

  t.deepEqual(follows, ['inv_sub_1_1:1', 'inv_sub_2_1:1']);
  const members = [
    { invoiceId: 'inv_sub_1_1', subscriptionId: 'sub_1', amountDue: 1000 },
    { invoiceId: 'inv_sub_2_1', subscriptionId: 'sub_2', amountDue: 500 },
  ];
  const consolidation = { id: group, number: 'MQ-2026-000001', members };
  t.like(finalised(published), {
    length: 2,
    0: { type: 'invoice.finalised', time: evening, data: { number: 'MQ-2026-000001', status: 'open', amountDue: 1000, consolidation } },
    1: { type: 'invoice.finalised', time: evening, data: { number: 'MQ-2026-000001', status: 'open', amountDue: 500, consolidation } },
  });
  t.like(await invoice(service, 'inv_sub_1_1'), { consolidationId: group, issuedAt: noon });
  t.deepEqual(await numbersOf(documents), { next: 2, assigned: [], free: [] });
  await deliver(service, renewalDue({ subscriptionId: 'sub_3', lines: [{ amount: 100 }], cause: 'c9' }));
  const listed = (await request(service, 'get', '/v1/invoices', { query: { consolidationId: group } })).body.data as InvoiceResource[];
  t.deepEqual(listed.map(({ id }) => id).sort(), ['inv_sub_1_1', 'inv_sub_2_1']);
});

test('a renewal that nobody shares the day with is invoiced at once, alone, and stays so', async (t) => {
  const { service, published, setting } = await invoicing(t, { sub_1: null });

  t.deepEqual(await deliver(service, renewalEvent({ subscriptionId: 'sub_1' })), ['inv_sub_1_1:1']);
  setting.renewals = { sub_1: 'inv_sub_1_1', sub_2: null };
  t.deepEqual(await deliver(service, renewalEvent({ subscriptionId: 'sub_1' })), ['inv_sub_1_1:1']);
  t.deepEqual(await deliver(service, renewalEvent({ subscriptionId: 'sub_2' })), ['inv_sub_2_1:1']);

  t.like(await invoice(service, 'inv_sub_1_1'), { number: 'MQ-2026-000001', consolidationId: null });
  t.like(await invoice(service, 'inv_sub_2_1'), { number: 'MQ-2026-000002', consolidationId: null });
  t.false(published.some(({ data }) => 'consolidation' in (data as object)));
});

test('only renewals wait: what else is billed that day is invoiced at once', async (t) => {
  const { service } = await invoicing(t);
  const change = renewalEvent({ subscriptionId: 'sub_1', cause: 7 });
  const data = change.data as { invoice: object };

  const follows = await deliver(service, { ...change, data: { ...data, invoice: { ...data.invoice, cause: 'change' } } });

  t.deepEqual(follows, ['inv_sub_1_7:1']);
});

test('a customer who wants separate invoices never waits, and nobody is asked', async (t) => {
  const { service } = await invoicing(t);
  await deliver(service, customerCreated('cus_1', { invoiceGrouping: 'separate' }, 2));

  t.deepEqual(await deliver(service, renewalEvent({ subscriptionId: 'sub_1' })), ['inv_sub_1_1:1']);
});

test('repeats, in any order and by many processes at once, make the same invoices once', async (t) => {
  const { service, published, documents, anotherProcess } = await invoicing(t);
  const other = await anotherProcess();
  const events = [renewalEvent({ subscriptionId: 'sub_2', amount: 500 }), renewalEvent({ subscriptionId: 'sub_1' })];

  await Promise.all([...events, ...events, ...events].map((event, index) => deliver(index % 2 ? service : other, event)));
  const follows = await deliver(service, events[1] as MarqueeEvent);

  t.deepEqual([...follows].sort(), ['inv_sub_1_1:1', 'inv_sub_2_1:1']);
  const told = Map.groupBy(published, ({ id }) => id);
  t.deepEqual([...told.keys()].sort(), ['inv_sub_1_1:1', 'inv_sub_2_1:1']);
  for (const repeats of told.values()) for (const repeat of repeats) t.deepEqual(repeat, repeats[0]);
  t.deepEqual((await numbersOf(documents)).assigned, []);
  await deliver(service, renewalEvent({ subscriptionId: 'sub_3' }));
  t.like(await invoice(service, 'inv_sub_3_1'), { number: 'MQ-2026-000002' }, 'what a race took for nothing is given next');
});

test('two that renew at one instant find each other, also when the read model is ahead of one of them', async (t) => {
  const { service, setting } = await invoicing(t);
  setting.renewals = { sub_1: 'inv_sub_1_1', sub_2: 'inv_sub_2_1' };

  t.deepEqual(await deliver(service, renewalEvent({ subscriptionId: 'sub_2' })), [], 'sub_1 has renewed, and its request is on its way');
  t.is((await deliver(service, renewalEvent({ subscriptionId: 'sub_1' }))).length, 2);
});

test('both in one delivery are one document', async (t) => {
  const { service } = await invoicing(t);

  const follows = await deliver(service, renewalEvent({ subscriptionId: 'sub_1' }), renewalEvent({ subscriptionId: 'sub_2' }));

  t.deepEqual([...follows].sort(), ['inv_sub_1_1:1', 'inv_sub_2_1:1']);
  t.like(await invoice(service, 'inv_sub_2_1'), { number: 'MQ-2026-000001' });
});

for (const [what, now] of [
  ['has ended', { status: 'cancelled' }],
  ['is paused', { status: 'paused', nextBillingAt: null }],
  ['will bill on another day', { status: 'active', nextBillingAt: '2026-02-15T12:00:00.000Z' }],
  ['has a payment that failed', { status: 'past-due', nextBillingAt: noon }],
] as const)
  test(`one that ${what} is waited for no longer, and a repeat of that tells the same`, async (t) => {
    const { service, published } = await invoicing(t);
    await deliver(service, renewalEvent({ subscriptionId: 'sub_1' }));

    const follows = await deliver(service, subscriptionChanged('sub_2', now, { time: evening }));
    const again = await deliver(service, subscriptionChanged('sub_2', now, { time: evening }));

    t.deepEqual(follows, ['inv_sub_1_1:1']);
    t.deepEqual(again, follows);
    t.like(await invoice(service, 'inv_sub_1_1'), { number: 'MQ-2026-000001', consolidationId: null });
    t.like(published[0], { time: evening });
  });

test('what closes an invoice that waits ends the waiting, so that it can be closed', async (t) => {
  const { service } = await invoicing(t, { sub_1: null, sub_2: null, sub_3: null });
  await deliver(service, renewalEvent({ subscriptionId: 'sub_1' }), renewalEvent({ subscriptionId: 'sub_2' }));
  const closes = [{ invoiceId: 'inv_sub_1_1', as: 'void' }];
  const previous = { status: 'active', currentPeriod: { start: noon, end: '2026-02-28T12:00:00.000Z' } };

  await deliver(service, subscriptionChanged('sub_1', { status: 'cancelled' }, { closes, previous }));

  t.like(await invoice(service, 'inv_sub_1_1'), { status: 'void', consolidationId: group });
  t.like(await invoice(service, 'inv_sub_2_1'), { status: 'open', consolidationId: group });
});

test('a customer who wants separate invoices from now on is waited for no longer', async (t) => {
  const { service } = await invoicing(t);
  await deliver(service, renewalEvent({ subscriptionId: 'sub_1' }));
  const updated = customerCreated('cus_1', { invoiceGrouping: 'separate' }, 2);

  const follows = await deliver(service, { ...updated, data: { ...updated.data, previous: { invoiceGrouping: 'consolidated' } } });

  t.deepEqual(follows, ['inv_sub_1_1:1']);
});

test('credit is drawn for each in turn, and what is left is what they tell to be charged', async (t) => {
  const { service, published } = await invoicing(t);
  await request(service, 'post', '/v1/customers/cus_1/credits', { body: { amount: 1200, currency: 'EUR', reason: 'gift' } });

  await deliver(service, renewalEvent({ subscriptionId: 'sub_1' }), renewalEvent({ subscriptionId: 'sub_2', amount: 500 }));

  t.like(await invoice(service, 'inv_sub_1_1'), { creditApplied: 1000, amountDue: 0, status: 'paid' });
  t.like(await invoice(service, 'inv_sub_2_1'), { creditApplied: 200, amountDue: 300, status: 'open' });
  t.like(finalised(published)[0]?.data.consolidation, { members: [{ amountDue: 0 }, { amountDue: 300 }] });
});

test('given a broker that is away, when the events come again, then the same invoices are told and no number is lost', async (t) => {
  const { service, published, documents, setting } = await invoicing(t);
  await deliver(service, renewalEvent({ subscriptionId: 'sub_1' }));
  setting.failing = true;
  await t.throwsAsync(deliver(service, renewalEvent({ subscriptionId: 'sub_2' })));
  t.is(published.length, 0);

  setting.failing = false;
  await deliver(service, renewalEvent({ subscriptionId: 'sub_2' }));

  t.deepEqual(
    published.map(({ id }) => id),
    ['inv_sub_1_1:1', 'inv_sub_2_1:1'],
  );
  t.deepEqual(await numbersOf(documents), { next: 2, assigned: [], free: [] });
});

test('given a crash between the invoices, when another process begins, then it makes the missing one from what was decided', async (t) => {
  const { service, documents, published, setting, anotherProcess } = await invoicing(t);
  await deliver(service, renewalEvent({ subscriptionId: 'sub_1' }));
  setting.failing = true;
  await t.throwsAsync(deliver(service, renewalEvent({ subscriptionId: 'sub_2' })));
  const before = await invoice(service, 'inv_sub_2_1');
  await documents.collection('invoices').deleteOne({ _id: 'inv_sub_2_1' } as never);
  await documents.collection('invoicing_customers').updateOne({ _id: 'cus_1' } as never, { $set: { name: 'Another' } });

  setting.failing = false;
  const other = await anotherProcess();

  t.deepEqual(await invoice(other, 'inv_sub_2_1'), before);
  t.deepEqual(
    published.map(({ id }) => id),
    ['inv_sub_1_1:1', 'inv_sub_2_1:1'],
    'told at the start, without any event',
  );
});

test('given a crash after the number was noted, when a process begins, then the number is on its way no longer', async (t) => {
  const { service, documents, anotherProcess } = await invoicing(t);
  await deliver(service, renewalEvent({ subscriptionId: 'sub_1' }), renewalEvent({ subscriptionId: 'sub_2' }));
  const left = { $push: { assigned: { invoiceId: group, number: 1 } }, $inc: { revision: 1 } } as never;
  await documents.collection('invoice_numbers').updateOne({ _id: 'MQ-2026' } as never, left);

  await anotherProcess();

  t.deepEqual(await numbersOf(documents), { next: 2, assigned: [], free: [] });
});

test('given one that never renews, when its day has been over for two hours, then the others are invoiced', async (t) => {
  const { service, published, setting, anotherProcess } = await invoicing(t, { sub_1: null, sub_2: null, sub_3: null });
  await deliver(service, renewalEvent({ subscriptionId: 'sub_1' }), renewalEvent({ subscriptionId: 'sub_2' }));
  const sweepAt = async (now: string) => {
    setting.now = now;
    await anotherProcess();
  };

  await sweepAt('2026-02-01T00:59:00.000Z');
  t.is(published.length, 0);
  await sweepAt('2026-02-01T01:01:00.000Z');

  t.deepEqual(
    published.map(({ id }) => id),
    ['inv_sub_1_1:1', 'inv_sub_2_1:1'],
  );
  t.like(await invoice(service, 'inv_sub_1_1'), { consolidationId: group });
});

test('given an event that came before anybody waited for it, when the sweep asks again, then nobody waits', async (t) => {
  const { service, published, setting, anotherProcess } = await invoicing(t);
  await deliver(service, renewalEvent({ subscriptionId: 'sub_1' }));
  setting.renewals = { sub_1: 'inv_sub_1_1' };

  await anotherProcess();

  t.deepEqual(
    published.map(({ id }) => id),
    ['inv_sub_1_1:1'],
  );
});

test('on a test clock no timer ends the waiting', async (t) => {
  const { service, published, setting, anotherProcess } = await invoicing(t);
  await deliver(service, renewalEvent({ subscriptionId: 'sub_1', testClock: 'tc_1' }));
  setting.now = '2026-03-01T00:00:00.000Z';

  await anotherProcess();

  t.is(published.length, 0);
});

test('an installation whose numbers were each of one invoice lets them be shared after its next start', async (t) => {
  const { service, documents, anotherProcess } = await invoicing(t);
  await documents.collection('invoices').createIndex({ number: 1 }, { unique: true });
  await anotherProcess();

  await deliver(service, renewalEvent({ subscriptionId: 'sub_1' }), renewalEvent({ subscriptionId: 'sub_2' }));

  t.like(await invoice(service, 'inv_sub_2_1'), { number: 'MQ-2026-000001' });
});

test('a number that is not shared is still one invoice’s alone', async (t) => {
  const { service, documents } = await invoicing(t, { sub_1: null });
  await deliver(service, renewalEvent({ subscriptionId: 'sub_1' }));
  const other = { _id: 'inv_other', number: 'MQ-2026-000001' } as never;

  await t.throwsAsync(documents.collection('invoices').insertOne(other), { message: /duplicate key/i });
});

test('the document has the lines of all, their sums and one number, whichever it is asked by', async (t) => {
  const { service } = await invoicing(t);
  const entity = { name: 'Strom GmbH', country: 'DE', vatId: 'DE136695976', registrations: ['DE'], numberPrefix: 'ST' };
  await request(service, 'put', '/v1/legal-entities/default', { body: entity });
  await deliver(service, renewalEvent({ subscriptionId: 'sub_1' }), renewalEvent({ subscriptionId: 'sub_2', amount: 500 }));
  await deliver(service, paymentSettled('inv_sub_1_1', 'succeeded', { amount: 1000 }));

  t.like((await request(service, 'get', `/v1/consolidated-invoices/${group}`)).body, {
    ...{ id: group, number: 'ST-2026-000001', status: 'open', total: 1500, tax: 240, amountDue: 1500, amountPaid: 1000 },
    invoices: [{ id: 'inv_sub_1_1', status: 'paid' }, { id: 'inv_sub_2_1' }],
  });
  for (const ending of ['html', 'xml', 'pdf']) {
    const whole = await request(service, 'get', `/v1/consolidated-invoices/${group}.${ending}`);
    const member = await request(service, 'get', `/v1/invoices/inv_sub_2_1.${ending}`);
    t.is(whole.status, 200);
    t.is(member.headers?.['content-disposition'], `inline; filename="ST-2026-000001.${ending}"`);
    if (ending !== 'pdf') t.is(String(member.body), String(whole.body));
  }
  const html = String((await request(service, 'get', '/v1/invoices/inv_sub_1_1.html')).body);
  t.is(html.split('Premium auf Deutsch').length - 1, 2);
  t.regex(html, /15,00\s€/);
  t.is((await request(service, 'get', '/v1/consolidated-invoices/con_none')).status, 404);
});
