import test, { type ExecutionContext } from 'ava';
import { createInvoicingService } from '../../services/invoicing/index.ts';
import type { MarqueeEvent } from '../../services/shared/events.ts';
import type { Service } from '../../services/shared/service.ts';
import { indexesReady, startDocuments } from '../support/documents.ts';
import { customerCreated, noon, paymentSettled, type RenewalRequest, renewalDue, subscriptionEnded } from '../support/money-events.ts';
import { testPlatform } from '../support/platform.ts';
import { deliver, request } from '../support/service.ts';

async function invoicing(t: ExecutionContext, ...given: readonly MarqueeEvent[]) {
  const documents = await startDocuments(t);
  const published: MarqueeEvent[] = [];
  const platform = testPlatform({ documents, published, now: () => '2026-02-01T00:00:00.000Z' });
  const service = createInvoicingService(platform);
  await indexesReady(documents);
  await service.start?.();
  await deliver(service, customerCreated());
  for (const event of given) await deliver(service, event);
  published.length = 0;
  return { service, published, documents, platform };
}

const invoice = async (service: Service, id = 'inv_sub_1_1') => (await request(service, 'get', `/v1/invoices/${id}`)).body;
const balance = async (service: Service, query = {}) =>
  (await request(service, 'get', '/v1/customers/cus_1/credit-balance', { query })).body;

test('an invoice is finalised, numbered and published in the language of the customer', async (t) => {
  const { service, published } = await invoicing(t);

  const follows = await deliver(service, renewalDue());

  t.deepEqual(follows, ['inv_sub_1_1:1']);
  t.like(published[0], { id: 'inv_sub_1_1:1', type: 'invoice.finalised', time: noon, customerId: 'cus_1', testClock: null });
  const { data } = published[0] as MarqueeEvent<'invoice.*'>;
  t.like(data, { id: 'inv_sub_1_1', number: 'MQ-2026-000001', status: 'open', issuedAt: noon, dueAt: noon, currency: 'EUR' });
  t.like(data, { subtotal: 1799, discount: 0, tax: 0, total: 1799, creditApplied: 0, amountDue: 1799, amountPaid: 0 });
  t.like(data.lines[0], { kind: 'recurring', description: 'Premium auf Deutsch', amount: 1799, taxRate: '0', tax: 0 });
  t.deepEqual(await invoice(service), data as never);
});

test('a repeated event publishes the same event again and creates no second invoice', async (t) => {
  const { service, published, documents } = await invoicing(t);

  await deliver(service, renewalDue());
  const follows = await deliver(service, renewalDue());

  t.deepEqual(follows, ['inv_sub_1_1:1']);
  t.is(published.length, 2);
  t.deepEqual(published[1], published[0]);
  t.is(await documents.collection('invoices').countDocuments(), 1);
});

test('a repeat after the payment publishes the invoice as it was finalised', async (t) => {
  const { service, published } = await invoicing(t, renewalDue(), paymentSettled('inv_sub_1_1', 'succeeded'));

  await deliver(service, renewalDue());

  t.like(published[0], { id: 'inv_sub_1_1:1', data: { status: 'open', amountPaid: 0, attempts: [] } });
  t.like(await invoice(service), { status: 'paid' });
});

test('an event of an unknown customer fails, and succeeds when it is redelivered after the customer', async (t) => {
  const { service } = await invoicing(t);
  const event = renewalDue({ customerId: 'cus_2', subscriptionId: 'sub_2' });

  await t.throwsAsync(deliver(service, event), { message: /cus_2 is not known yet/ });
  await deliver(service, customerCreated('cus_2'));
  await deliver(service, event);

  t.like(await invoice(service, 'inv_sub_2_1'), { customerId: 'cus_2', number: 'MQ-2026-000001' });
});

test('an older customer event changes nothing', async (t) => {
  const { service } = await invoicing(t);

  await deliver(service, customerCreated('cus_1', { locale: 'en' }, 3));
  await deliver(service, customerCreated('cus_1', { locale: 'de' }, 2));
  await deliver(service, renewalDue());

  t.like(await invoice(service), { lines: [{ description: 'Premium' }] });
});

test('an invoice of 0 is paid immediately', async (t) => {
  const { service, published } = await invoicing(t);

  await deliver(service, renewalDue({ lines: [{ amount: 1799 }, { amount: -1799 }] }));

  t.like(published[0], { data: { status: 'paid', total: 0, amountDue: 0 } });
});

const spring = { couponId: 'cpn_spring', name: 'Spring', percent: 25, base: 1000, amount: 250, shares: [250] };

test('a discount lowers the total and is shown as a line of its own', async (t) => {
  const { service } = await invoicing(t);

  await deliver(service, renewalDue({ lines: [{ amount: 1000, discount: 250 }], discounts: [spring] }));

  t.like(await invoice(service), {
    subtotal: 1000,
    discount: 250,
    total: 750,
    amountDue: 750,
    lines: [
      { amount: 1000, discount: 250 },
      { kind: 'discount', description: 'Spring', amount: -250 },
    ],
  });
});

test('a negative sum becomes account credit once, and the invoice is 0', async (t) => {
  const { service } = await invoicing(t);
  const event = renewalDue({ lines: [{ amount: -1200 }] });

  await deliver(service, event);
  await deliver(service, event);

  t.like(await invoice(service), { status: 'paid', subtotal: -1200, total: 0, amountDue: 0, creditGranted: 1200 });
  t.deepEqual(await balance(service), { customerId: 'cus_1', amount: 1200, currency: 'EUR', data: [{ amount: 1200, currency: 'EUR' }] });
});

test('account credit pays before the payment method, and a repeat draws nothing more', async (t) => {
  const { service } = await invoicing(t, renewalDue({ lines: [{ amount: -1200 }] }));
  const event = renewalDue({ cause: 2 });

  await deliver(service, event);
  await deliver(service, event);

  t.like(await invoice(service, 'inv_sub_1_2'), { total: 1799, creditApplied: 1200, amountDue: 599, status: 'open' });
  t.like(await balance(service), { amount: 0 });
});

test('credit of one currency does not pay an invoice of another', async (t) => {
  const { service } = await invoicing(t, renewalDue({ lines: [{ amount: -1200 }] }));

  await deliver(service, renewalDue({ cause: 2, currency: 'USD' }));

  t.like(await invoice(service, 'inv_sub_1_2'), { creditApplied: 0, amountDue: 1799 });
  t.deepEqual((await balance(service, { currency: 'USD' })).amount, 0);
});

test('two invoices of one batch share the credit and never use it twice', async (t) => {
  const { service } = await invoicing(t, renewalDue({ lines: [{ amount: -2000 }] }));

  await deliver(service, renewalDue({ cause: 2 }), renewalDue({ cause: 3 }));

  const [second, third] = [await invoice(service, 'inv_sub_1_2'), await invoice(service, 'inv_sub_1_3')];
  t.is(Number(second.creditApplied) + Number(third.creditApplied), 2000);
});

test('a payment makes the invoice paid, and its repeat publishes the same event again', async (t) => {
  const { service, published } = await invoicing(t, renewalDue());

  const follows = await deliver(service, paymentSettled('inv_sub_1_1', 'succeeded'));
  await deliver(service, paymentSettled('inv_sub_1_1', 'succeeded'));

  t.deepEqual(follows, ['inv_sub_1_1:2']);
  t.deepEqual(published[1], published[0]);
  t.like(published[0], { id: 'inv_sub_1_1:2', type: 'invoice.paid', data: { status: 'paid', amountPaid: 1799 } });
  t.deepEqual((await invoice(service)).attempts, [{ at: noon, outcome: 'succeeded', declineCode: null }]);
});

test('failed attempts are listed once each and publish nothing', async (t) => {
  const { service, published } = await invoicing(t, renewalDue());
  const declined = paymentSettled('inv_sub_1_1', 'declined');

  await deliver(service, declined, paymentSettled('inv_sub_1_1', 'action-required', { attempt: 2 }));
  await deliver(service, declined);

  t.deepEqual(published, []);
  t.like(await invoice(service), {
    status: 'open',
    attempts: [{ outcome: 'declined', declineCode: 'insufficient_funds' }, { outcome: 'action-required' }],
  });
});

test('a success that overtakes an earlier decline leaves the invoice paid', async (t) => {
  const { service } = await invoicing(t, renewalDue());

  await deliver(service, paymentSettled('inv_sub_1_1', 'succeeded', { attempt: 2 }));
  await deliver(service, paymentSettled('inv_sub_1_1', 'declined', { attempt: 1 }));

  t.like(await invoice(service), { status: 'paid', amountPaid: 1799 });
});

test('a payment that overtakes its invoice fails and is redelivered', async (t) => {
  const { service } = await invoicing(t);

  await t.throwsAsync(deliver(service, paymentSettled('inv_sub_1_1', 'succeeded')), { message: /not known yet/ });
});

test('the end of a subscription closes its unpaid invoices', async (t) => {
  const { service, published } = await invoicing(t, renewalDue(), renewalDue({ cause: 2 }));

  const follows = await deliver(
    service,
    subscriptionEnded('inv_sub_1_1', 'uncollectible'),
    subscriptionEnded('inv_sub_1_2', 'void', 'sub_2'),
  );
  await deliver(service, subscriptionEnded('inv_sub_1_1', 'uncollectible'));

  t.deepEqual([...follows].sort(), ['inv_sub_1_1:2', 'inv_sub_1_2:2']);
  t.deepEqual(published.map(({ type }) => type).sort(), ['invoice.marked-uncollectible', 'invoice.marked-uncollectible', 'invoice.voided']);
  t.like(await invoice(service), { status: 'uncollectible' });
  t.like(await invoice(service, 'inv_sub_1_2'), { status: 'void' });
});

test('an invoice already paid stays paid when its subscription ends', async (t) => {
  const { service, published } = await invoicing(t, renewalDue(), paymentSettled('inv_sub_1_1', 'succeeded'));

  t.deepEqual(await deliver(service, subscriptionEnded('inv_sub_1_1', 'void')), []);

  t.deepEqual(published, []);
  t.like(await invoice(service), { status: 'paid' });
});

test('a late payment makes an uncollectible invoice paid', async (t) => {
  const { service } = await invoicing(t, renewalDue(), subscriptionEnded('inv_sub_1_1', 'uncollectible'));

  t.deepEqual(await deliver(service, paymentSettled('inv_sub_1_1', 'succeeded')), ['inv_sub_1_1:3']);

  t.like(await invoice(service), { status: 'paid', amountPaid: 1799 });
});

test('money for a void invoice becomes account credit, once', async (t) => {
  const { service } = await invoicing(t, renewalDue(), subscriptionEnded('inv_sub_1_1', 'void'));

  for (let times = 0; times < 2; times += 1) await deliver(service, paymentSettled('inv_sub_1_1', 'succeeded'));

  t.like(await invoice(service), { status: 'void', amountPaid: 1799 });
  t.like(await balance(service), { amount: 1799 });
});

test('a void returns the account credit that the invoice had used', async (t) => {
  const { service, published } = await invoicing(t, renewalDue({ lines: [{ amount: -1200 }] }), renewalDue({ cause: 2 }));

  const response = await request(service, 'post', '/v1/invoices/inv_sub_1_2/void');

  t.like(response, { status: 200, body: { status: 'void' } });
  t.like(published[0], { id: 'inv_sub_1_2:2', type: 'invoice.voided' });
  t.like(await balance(service), { amount: 1200 });
});

test('a paid invoice is refused a void with 409, an unknown one is 404', async (t) => {
  const { service } = await invoicing(t, renewalDue(), paymentSettled('inv_sub_1_1', 'succeeded'));

  t.like(await request(service, 'post', '/v1/invoices/inv_sub_1_1/void'), { status: 409, body: { code: 'invoice-not-open' } });
  t.like(await request(service, 'post', '/v1/invoices/inv_sub_1_1/mark-uncollectible'), { status: 409 });
  t.like(await request(service, 'post', '/v1/invoices/inv_none/void'), { status: 404, body: { code: 'invoice-not-found' } });
});

test('a void whose event could not be published is published at the next start', async (t) => {
  const { documents, published, service } = await invoicing(t, renewalDue());
  const away = createInvoicingService(
    testPlatform({
      documents: documents.useDb(documents.name),
      published,
      publish: () => Promise.reject(new Error('the broker is unavailable')),
    }),
  );

  await t.throwsAsync(request(away, 'post', '/v1/invoices/inv_sub_1_1/void'), { message: /broker is unavailable/ });
  await service.start?.();
  await service.start?.();

  t.deepEqual(
    published.map(({ id, type }) => [id, type]),
    [['inv_sub_1_1:2', 'invoice.voided']],
  );
});

test('lists filter by customer, subscription and status, newest first, in pages', async (t) => {
  const at = (day: number): RenewalRequest => ({ cause: day, time: `2026-01-0${day}T00:00:00.000Z` });
  const { service } = await invoicing(
    t,
    renewalDue(at(1)),
    renewalDue(at(2)),
    renewalDue(at(3)),
    paymentSettled('inv_sub_1_2', 'succeeded'),
  );
  const list = async (query: object) =>
    (await request(service, 'get', '/v1/invoices', { query })).body as { data: { id: string }[]; nextCursor: string | null };

  const first = await list({ subscriptionId: 'sub_1', limit: '2' });
  const second = await list({ subscriptionId: 'sub_1', limit: '2', cursor: first.nextCursor });

  t.deepEqual(
    [...first.data, ...second.data].map(({ id }) => id),
    ['inv_sub_1_3', 'inv_sub_1_2', 'inv_sub_1_1'],
  );
  t.is(second.nextCursor, null);
  t.deepEqual(
    (await list({ customerId: 'cus_1', status: 'paid' })).data.map(({ id }) => id),
    ['inv_sub_1_2'],
  );
  t.like(await request(service, 'get', '/v1/invoices', { query: { state: 'paid' } }), { status: 422 });
});

test('explain names the event and the numbers behind each line', async (t) => {
  const { service } = await invoicing(t, renewalDue());

  const { body } = await request(service, 'get', '/v1/invoices/inv_sub_1_1/explain');

  t.like(body, { event: 'sub_1:1', seller: 'default', tax: { totals: [{ reason: 'seller-not-registered' }] } });
  t.like((body.lines as unknown[])[0], { rule: 'full-period', unit: 'day', numerator: 28, denominator: 28, base: 1799, planVersion: 1 });
});

test('granted credit is available immediately, and one key grants it once', async (t) => {
  const { service } = await invoicing(t);
  const give = () =>
    request(service, 'post', '/v1/customers/cus_1/credits', {
      body: { amount: 500, currency: 'EUR', reason: 'sorry' },
      idempotencyKey: 'k1',
    });

  t.like(await give(), { status: 201, body: { amount: 500, balance: { amount: 500, currency: 'EUR' } } });
  await give();

  t.like(await balance(service), { amount: 500 });
});

for (const [fault, body, pointer] of [
  ['a fraction', { amount: 1.5, currency: 'EUR', reason: 'x' }, '/amount'],
  ['nothing', { amount: 0, currency: 'EUR', reason: 'x' }, '/amount'],
  ['an unknown currency', { amount: 1, currency: 'EUX', reason: 'x' }, '/currency'],
  ['an impossible date', { amount: 1, currency: 'EUR', reason: 'x', expiresAt: '2026-02-30T00:00:00Z' }, '/expiresAt'],
  ['an unknown field', { amount: 1, currency: 'EUR', reason: 'x', note: 'x' }, '/note'],
] as const)
  test(`credit of ${fault} is refused with a pointer, and nothing is stored`, async (t) => {
    const { service, documents } = await invoicing(t);

    const response = await request(service, 'post', '/v1/customers/cus_1/credits', { body });

    t.like(response, { status: 422, body: { errors: [{ pointer }] } });
    t.is(await documents.collection('account_credit').countDocuments(), 0);
  });
