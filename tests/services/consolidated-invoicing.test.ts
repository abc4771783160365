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

const consolidationId = 'con_cus_1_EUR_inclusive_2026-01-31';
const evening = '2026-01-31T20:00:00.000Z';

/**
 * Invoicing for a customer with consolidated invoices, and a function that starts another process
 * on the same documents. The first sweep of each process has ended and no other follows.
 */
async function invoicing(t: ExecutionContext, renewals: Readonly<Record<string, string | null>> = { sub_1: null, sub_2: null }) {
  const documents = await startDocuments(t);
  const published: MarqueeEvent[] = [];
  const setting = { now: noon, renewals, failing: false };
  const begin = async (connection: Connection): Promise<Service> => {
    const publish = async (events: readonly MarqueeEvent[]) => {
      if (setting.failing) throw new Error('the broker is unavailable');
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
const finalised = (published: readonly MarqueeEvent[]) => published.map((event) => event as MarqueeEvent<'invoice.*'>);
const numbersOf = async (documents: Connection) => {
  const series = await documents.collection('invoice_numbers').findOne({ _id: 'MQ-2026' } as never);
  return { next: series?.next, assigned: series?.assigned, free: series?.free };
};

test('two renewals of one day receive one number and name each other once the last has arrived', async (t) => {
  const { service, published, documents } = await invoicing(t);

  t.deepEqual(await deliver(service, renewalEvent({ subscriptionId: 'sub_1', amount: 1000 })), []);
  t.is((await request(service, 'get', '/v1/invoices/inv_sub_1_1')).status, 404, 'it waits');
  const follows = await deliver(service, renewalEvent({ subscriptionId: 'sub_2', amount: 500, time: evening }));

  t.deepEqual(follows, ['inv_sub_1_1:1', 'inv_sub_2_1:1']);
  const members = [
    { invoiceId: 'inv_sub_1_1', subscriptionId: 'sub_1', amountDue: 1000 },
    { invoiceId: 'inv_sub_2_1', subscriptionId: 'sub_2', amountDue: 500 },
  ];
  const consolidation = { id: consolidationId, number: 'MQ-2026-000001', members };
  t.like(finalised(published), {
    length: 2,
    0: { type: 'invoice.finalised', time: evening, data: { number: 'MQ-2026-000001', status: 'open', amountDue: 1000, consolidation } },
    1: { type: 'invoice.finalised', time: evening, data: { number: 'MQ-2026-000001', status: 'open', amountDue: 500, consolidation } },
  });
  t.like(await invoice(service, 'inv_sub_1_1'), { consolidationId: consolidationId, issuedAt: noon });
  t.deepEqual(await numbersOf(documents), { next: 2, assigned: [], free: [] });
  await deliver(service, renewalDue({ subscriptionId: 'sub_3', lines: [{ amount: 100 }], cause: 'c9' }));
  const listed = (await request(service, 'get', '/v1/invoices', { query: { consolidationId: consolidationId } })).body
    .data as InvoiceResource[];
  t.deepEqual(listed.map(({ id }) => id).sort(), ['inv_sub_1_1', 'inv_sub_2_1']);
});

test('the members of a consolidated invoice are stored once, in its consolidation', async (t) => {
  const { service, published, documents } = await invoicing(t);

  await deliver(service, renewalEvent({ subscriptionId: 'sub_1' }), renewalEvent({ subscriptionId: 'sub_2' }));
  await deliver(service, renewalEvent({ subscriptionId: 'sub_2' }));

  const stored = await documents.collection('invoices').find({}).toArray();
  t.deepEqual(
    stored.map(({ consolidation }) => Object.keys(consolidation as object)),
    [
      ['id', 'number', 'position'],
      ['id', 'number', 'position'],
    ],
  );
  t.true(
    finalised(published).every(({ data }) => data.consolidation?.members.length === 2),
    'each event names all of them',
  );
});

test('a renewal alone on its day is invoiced immediately and remains alone', async (t) => {
  const { service, published, setting } = await invoicing(t, { sub_1: null });

  t.deepEqual(await deliver(service, renewalEvent({ subscriptionId: 'sub_1' })), ['inv_sub_1_1:1']);
  setting.renewals = { sub_1: 'inv_sub_1_1', sub_2: null };
  t.deepEqual(await deliver(service, renewalEvent({ subscriptionId: 'sub_1' })), ['inv_sub_1_1:1']);
  t.deepEqual(await deliver(service, renewalEvent({ subscriptionId: 'sub_2' })), ['inv_sub_2_1:1']);

  t.like(await invoice(service, 'inv_sub_1_1'), { number: 'MQ-2026-000001', consolidationId: null });
  t.like(await invoice(service, 'inv_sub_2_1'), { number: 'MQ-2026-000002', consolidationId: null });
  t.false(published.some(({ data }) => 'consolidation' in (data as object)));
});

test('only renewals wait: other invoices of that day are made immediately', async (t) => {
  const { service } = await invoicing(t);
  const { data, ...change } = renewalEvent({ subscriptionId: 'sub_1', cause: 7 });

  const follows = await deliver(service, { ...change, data: { ...data, invoice: { ...data.invoice, cause: 'change' } } });

  t.deepEqual(follows, ['inv_sub_1_7:1']);
});

test('renewals of a customer with separate invoices never wait, and no other service is called', async (t) => {
  const { service } = await invoicing(t);
  await deliver(service, customerCreated('cus_1', { invoiceGrouping: 'separate' }, 2));

  t.deepEqual(await deliver(service, renewalEvent({ subscriptionId: 'sub_1' })), ['inv_sub_1_1:1']);
});

test('repeats in any order and by many concurrent processes make the same invoices once', async (t) => {
  const { service, published, documents, anotherProcess } = await invoicing(t);
  const other = await anotherProcess();
  const events = [renewalEvent({ subscriptionId: 'sub_2', amount: 500 }), renewalEvent({ subscriptionId: 'sub_1' })];

  await Promise.all([...events, ...events, ...events].map((event, index) => deliver(index % 2 ? service : other, event)));
  const follows = await deliver(service, events[1] as MarqueeEvent);

  t.deepEqual([...follows].sort(), ['inv_sub_1_1:1', 'inv_sub_2_1:1']);
  const eventsById = Map.groupBy(published, ({ id }) => id);
  t.deepEqual([...eventsById.keys()].sort(), ['inv_sub_1_1:1', 'inv_sub_2_1:1']);
  for (const repeats of eventsById.values()) for (const repeat of repeats) t.deepEqual(repeat, repeats[0]);
  t.deepEqual((await numbersOf(documents)).assigned, []);
  await deliver(service, renewalEvent({ subscriptionId: 'sub_3' }));
  t.like(await invoice(service, 'inv_sub_3_1'), { number: 'MQ-2026-000002' }, 'a number that a race left unused is assigned next');
});

test('two renewals at one instant find each other, even when the read model is ahead of one of them', async (t) => {
  const { service, setting } = await invoicing(t);
  setting.renewals = { sub_1: 'inv_sub_1_1', sub_2: 'inv_sub_2_1' };

  t.deepEqual(await deliver(service, renewalEvent({ subscriptionId: 'sub_2' })), [], 'sub_1 has renewed, and its request is on its way');
  t.is((await deliver(service, renewalEvent({ subscriptionId: 'sub_1' }))).length, 2);
});

test('two renewals in one delivery are one document', async (t) => {
  const { service } = await invoicing(t);

  const follows = await deliver(service, renewalEvent({ subscriptionId: 'sub_1' }), renewalEvent({ subscriptionId: 'sub_2' }));

  t.deepEqual([...follows].sort(), ['inv_sub_1_1:1', 'inv_sub_2_1:1']);
  t.like(await invoice(service, 'inv_sub_2_1'), { number: 'MQ-2026-000001' });
});

for (const [change, now] of [
  ['has ended', { status: 'cancelled' }],
  ['is paused', { status: 'paused', nextBillingAt: null }],
  ['will bill on another day', { status: 'active', nextBillingAt: '2026-02-15T12:00:00.000Z' }],
  ['has a failed payment', { status: 'past-due', nextBillingAt: noon }],
] as const)
  test(`a subscription that ${change} is no longer expected, and a repeat publishes the same events`, async (t) => {
    const { service, published } = await invoicing(t);
    await deliver(service, renewalEvent({ subscriptionId: 'sub_1' }));

    const follows = await deliver(service, subscriptionChanged('sub_2', now, { time: evening }));
    const again = await deliver(service, subscriptionChanged('sub_2', now, { time: evening }));

    t.deepEqual(follows, ['inv_sub_1_1:1']);
    t.deepEqual(again, follows);
    t.like(await invoice(service, 'inv_sub_1_1'), { number: 'MQ-2026-000001', consolidationId: null });
    t.like(published[0], { time: evening });
  });

test('an event that closes a held invoice ends the waiting, so that the invoice can be closed', async (t) => {
  const { service } = await invoicing(t, { sub_1: null, sub_2: null, sub_3: null });
  await deliver(service, renewalEvent({ subscriptionId: 'sub_1' }), renewalEvent({ subscriptionId: 'sub_2' }));
  const closes = [{ invoiceId: 'inv_sub_1_1', as: 'void' } as const];
  const previous = { status: 'active', currentPeriod: { start: noon, end: '2026-02-28T12:00:00.000Z' } } as const;

  await deliver(service, subscriptionChanged('sub_1', { status: 'cancelled' }, { closes, previous }));

  t.like(await invoice(service, 'inv_sub_1_1'), { status: 'void', consolidationId: consolidationId });
  t.like(await invoice(service, 'inv_sub_2_1'), { status: 'open', consolidationId: consolidationId });
});

test('a customer who changes to separate invoices ends the waiting', async (t) => {
  const { service } = await invoicing(t);
  await deliver(service, renewalEvent({ subscriptionId: 'sub_1' }));
  const { data, ...event } = customerCreated('cus_1', { invoiceGrouping: 'separate' }, 2);
  const updated = { ...event, type: 'customer.updated', data: { ...data, previous: { invoiceGrouping: 'consolidated' } } } as const;

  const follows = await deliver(service, updated);

  t.deepEqual(follows, ['inv_sub_1_1:1']);
});

test('account credit is drawn for each invoice in turn, and the rest is published as the amount to charge', async (t) => {
  const { service, published } = await invoicing(t);
  await request(service, 'post', '/v1/customers/cus_1/credits', { body: { amount: 1200, currency: 'EUR', reason: 'gift' } });

  await deliver(service, renewalEvent({ subscriptionId: 'sub_1' }), renewalEvent({ subscriptionId: 'sub_2', amount: 500 }));

  t.like(await invoice(service, 'inv_sub_1_1'), { creditApplied: 1000, amountDue: 0, status: 'paid' });
  t.like(await invoice(service, 'inv_sub_2_1'), { creditApplied: 200, amountDue: 300, status: 'open' });
  t.like(finalised(published)[0]?.data.consolidation, { members: [{ amountDue: 0 }, { amountDue: 300 }] });
});

test('after an outage of the broker, redelivered events publish the same invoices and lose no number', async (t) => {
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

test('after a crash between two invoices, the next process makes the missing one from the stored basis', async (t) => {
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
    'published at the start, without any event',
  );
});

test('after a crash behind the number, the next start confirms it', async (t) => {
  const { service, documents, anotherProcess } = await invoicing(t);
  await deliver(service, renewalEvent({ subscriptionId: 'sub_1' }), renewalEvent({ subscriptionId: 'sub_2' }));
  const left = { $push: { assigned: { invoiceId: consolidationId, number: 1 } }, $inc: { revision: 1 } } as never;
  await documents.collection('invoice_numbers').updateOne({ _id: 'MQ-2026' } as never, left);

  await anotherProcess();

  t.deepEqual(await numbersOf(documents), { next: 2, assigned: [], free: [] });
});

test('two hours after the day, renewals are invoiced without a subscription that never renewed', async (t) => {
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
  t.like(await invoice(service, 'inv_sub_1_1'), { consolidationId: consolidationId });
});

test('the sweep ends the waiting for a subscription whose event came before the waiting began', async (t) => {
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

test('an installation with the unique number index of an earlier version can share numbers after its next start', async (t) => {
  const { service, documents, anotherProcess } = await invoicing(t);
  await documents.collection('invoices').createIndex({ number: 1 }, { unique: true });
  await anotherProcess();

  await deliver(service, renewalEvent({ subscriptionId: 'sub_1' }), renewalEvent({ subscriptionId: 'sub_2' }));

  t.like(await invoice(service, 'inv_sub_2_1'), { number: 'MQ-2026-000001' });
});

test('a number that is not shared belongs to one invoice', async (t) => {
  const { service, documents } = await invoicing(t, { sub_1: null });
  await deliver(service, renewalEvent({ subscriptionId: 'sub_1' }));
  const other = { _id: 'inv_other', number: 'MQ-2026-000001' } as never;

  await t.throwsAsync(documents.collection('invoices').insertOne(other), { message: /duplicate key/i });
});

test('the document has the lines of all members, their sums and one number, whichever id it is requested by', async (t) => {
  const { service } = await invoicing(t);
  const entity = { name: 'Strom GmbH', country: 'DE', vatId: 'DE136695976', registrations: ['DE'], numberPrefix: 'ST' };
  await request(service, 'put', '/v1/legal-entities/default', { body: entity });
  await deliver(service, renewalEvent({ subscriptionId: 'sub_1' }), renewalEvent({ subscriptionId: 'sub_2', amount: 500 }));
  await deliver(service, paymentSettled('inv_sub_1_1', 'succeeded', { amount: 1000 }));

  t.like((await request(service, 'get', `/v1/consolidated-invoices/${consolidationId}`)).body, {
    ...{ id: consolidationId, number: 'ST-2026-000001', status: 'open', total: 1500, tax: 240, amountDue: 1500, amountPaid: 1000 },
    invoices: [{ id: 'inv_sub_1_1', status: 'paid' }, { id: 'inv_sub_2_1' }],
  });
  for (const ending of ['html', 'xml', 'pdf']) {
    const whole = await request(service, 'get', `/v1/consolidated-invoices/${consolidationId}.${ending}`);
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
