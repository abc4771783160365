import test from 'ava';
import { advance, bodyOf, type Client } from '../support/api-client.ts';
import { makeCustomer, runMarquee } from '../support/marquee.ts';

type Invoice = Readonly<Record<string, unknown>> & { readonly id: string; readonly issuedAt: string };

const money = ({ id, lines, taxes, subtotal, discount, tax, total, creditApplied, amountDue, currency, issuedAt, period }: Invoice) => ({
  ...{ id, lines, taxes, subtotal, discount, tax, total, creditApplied, amountDue, currency, issuedAt, period },
});

const invoicesOf = async (client: Client): Promise<Invoice[]> =>
  bodyOf(await client.get('/v1/invoices?subscriptionId=sub_1&limit=200')).data.sort((one: Invoice, other: Invoice) =>
    one.issuedAt < other.issuedAt ? -1 : 1,
  );

const month = { unit: 'month', count: 1 };

/**
 * A taxed plan with an introductory price, an add-on, a coupon for three invoices, and some account
 * credit, on a test clock.
 */
async function living(client: Client) {
  const entity = { name: 'Strom GmbH', country: 'DE', vatId: 'DE136695976', registrations: ['DE'], numberPrefix: 'ST' };
  bodyOf(await client.send('PUT', '/v1/legal-entities/default', entity));
  const price = { currency: 'EUR', amount: 1799, interval: month, phases: [{ periods: 2, amount: 999 }] };
  bodyOf(await client.post('/v1/plans', { id: 'plan_premium', name: { en: 'Premium' }, taxBehaviour: 'inclusive', prices: [price] }));
  for (const [id, amount] of [['plan_sports', 499] as const, ['plan_kids', 299] as const])
    bodyOf(await client.post('/v1/plans', { id, name: { en: id }, addOn: true, prices: [{ currency: 'EUR', amount, interval: month }] }));
  bodyOf(await client.post('/v1/coupons', { id: 'cpn_third', kind: 'percent', percent: 33.33, duration: 'repeating', cycles: 3 }));
  bodyOf(await client.post('/v1/test-clocks', { id: 'tc_1', now: '2026-01-31T10:00:00Z' }));
  await makeCustomer(client, 'cus_1', { testClock: 'tc_1' });
  bodyOf(await client.post('/v1/customers/cus_1/credits', { amount: 1000, currency: 'EUR', reason: 'a failed film' }));
  const addOns = [{ planId: 'plan_sports', quantity: 1 }];
  const body = { id: 'sub_1', customerId: 'cus_1', planId: 'plan_premium', addOns, coupons: ['cpn_third'] };
  return bodyOf(await client.post('/v1/subscriptions', body));
}

test('given a discounted, taxed subscription with an add-on, when it is previewed and forecast, then the preview equals the invoice, the forecast equals the later events, and verification finds no difference', async (t) => {
  const { client } = await runMarquee(t);
  const started = await living(client);
  t.like(started, { status: 'active', price: { amount: 999 }, recurringAmount: { amount: 1498 }, coupons: ['cpn_third'] });
  t.like((await invoicesOf(client))[0], {
    subtotal: 1498,
    discount: 499,
    total: 999,
    tax: 160,
    creditApplied: 999,
    amountDue: 0,
    number: 'ST-2026-000001',
  });

  for (const [ending, type, begins] of [
    ['pdf', 'application/pdf', '%PDF-'],
    ['html', 'text/html; charset=utf-8', '<!doctype html>'],
    ['xml', 'application/xml; charset=utf-8', '<?xml'],
  ] as const) {
    const written = await client.get(`/v1/invoices/inv_sub_1_1.${ending}`);
    t.like({ ...written, type: written.headers.get('content-type') }, { status: 200, type });
    t.true(written.body.startsWith(begins), ending);
  }

  await advance(client, 'tc_1', '2026-02-10T10:00:00Z');
  const change = { addOns: [{ planId: 'plan_sports', quantity: 2 }, { planId: 'plan_kids' }], when: 'now' };
  const preview = bodyOf(await client.post('/v1/subscriptions/sub_1/change/preview', change));
  t.deepEqual(bodyOf(await client.get('/v1/subscriptions/sub_1')).addOns, started.addOns, 'a preview changes nothing');
  bodyOf(await client.post('/v1/subscriptions/sub_1/change', change));
  const changed = (await invoicesOf(client)).at(-1) as Invoice;
  t.deepEqual(money(preview), money(changed));
  t.deepEqual(
    (changed.lines as { kind: string }[]).map(({ kind }) => kind),
    ['credit', 'add-on', 'add-on', 'discount'],
  );

  const until = '2026-08-01T00:00:00Z';
  const known = (await invoicesOf(client)).length;
  const forecast = bodyOf(await client.get(`/v1/subscriptions/sub_1/forecast?until=${until}`));
  t.is(forecast.invoices.length, 6);
  t.is((await invoicesOf(client)).length, known, 'a forecast makes no invoice');
  const dunning = bodyOf(await client.get(`/v1/subscriptions/sub_1/forecast?until=${until}&assume=declined`));
  t.deepEqual(
    dunning.states.map(({ status }: { status: string }) => status),
    ['active', 'past-due', 'suspended', 'cancelled'],
  );
  const script = [{ at: '2026-03-15T00:00:00Z', command: { type: 'cancel', when: 'now', credit: 'prorate' } }];
  const ended = bodyOf(await client.post('/v1/subscriptions/sub_1/what-if', { until, script }));
  t.like(ended.subscription, { status: 'cancelled' });

  await advance(client, 'tc_1', until);
  const happened = (await invoicesOf(client)).slice(known);
  t.deepEqual(forecast.invoices.map(money), happened.map(money));
  const { data: history } = bodyOf(await client.get('/v1/subscriptions/sub_1/events?limit=200'));
  t.deepEqual(
    forecast.events.map(({ type, at }: { type: string; at: string }) => [type, at]),
    history.slice(-forecast.events.length).map(({ type, at }: { type: string; at: string }) => [type, at]),
  );

  t.like(bodyOf(await client.get('/v1/subscriptions/sub_1?asOf=2026-02-05T00:00:00Z')), {
    addOns: [{ planId: 'plan_sports', quantity: 1 }],
  });
  t.deepEqual(bodyOf(await client.post('/v1/subscriptions/sub_1/verify', {})), {
    verified: true,
    invoices: 8,
    complaints: [],
    differences: [],
  });
  const explained = bodyOf(await client.get(`/v1/invoices/${changed.id}/explain`));
  t.like(explained.lines[1], {
    rule: 'partial-period',
    unit: 'day',
    planId: 'plan_sports',
    taxRate: '0.19',
    discounts: [{ couponId: 'cpn_third' }],
  });
});

test('given impossible requests, when they are sent for a subscription, then each is refused with a pointer and nothing has changed', async (t) => {
  const { client } = await runMarquee(t);
  await living(client);
  const before = bodyOf(await client.get('/v1/subscriptions/sub_1'));
  const refused = async (path: string, body: object, code: string, pointer: string) => {
    const answer = await client.post(`/v1/subscriptions/sub_1/${path}`, body);
    t.is(answer.status, 422, path);
    const { errors } = answer.body as { errors: { code: string; pointer: string }[] };
    t.like(errors[0], { code, pointer }, path);
  };

  await refused('change', { planVersion: 7 }, 'plan-version-not-found', '/planVersion');
  await refused('change', { addOns: [{ planId: 'plan_none' }] }, 'add-on-not-found', '/addOns/0/planId');
  await refused('change/preview', { planId: 'plan_sports' }, 'is-an-add-on', '/planId');
  await refused('coupons', { couponId: 'cpn_none' }, 'coupon-not-found', '/couponId');
  t.is((await client.post('/v1/subscriptions/sub_1/charges', { description: 'x', amount: -1 })).status, 422);
  t.is(
    (await client.post('/v1/subscriptions/sub_1/what-if', { until: '2026-03-01T00:00:00Z', script: [{ command: 'explode' }] })).status,
    422,
  );
  t.is((await client.get('/v1/subscriptions/sub_1/forecast?until=2090-01-01T00:00:00Z')).status, 422);
  t.is((await client.post('/v1/subscriptions/sub_1/change/withdraw', {})).status, 409);
  t.deepEqual(bodyOf(await client.get('/v1/subscriptions/sub_1')), before);
});
