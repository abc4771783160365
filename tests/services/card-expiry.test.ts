import test, { type ExecutionContext } from 'ava';
import { createAnnouncements } from '../../services/account/announcements.ts';
import { createCardExpiryWatch } from '../../services/account/card-expiry-watch.ts';
import { createCustomers } from '../../services/account/customers.ts';
import { createMethodChecks } from '../../services/account/method-checks.ts';
import { admitMethods } from '../../services/account/method-risk.ts';
import { paymentMethodRoutes } from '../../services/account/payment-method-routes.ts';
import { customerRoutes } from '../../services/account/routes.ts';
import { createAccountStore } from '../../services/account/store.ts';
import { allowed } from '../../services/shared/contracts/risk-check.ts';
import type { MarqueeEvent } from '../../services/shared/events.ts';
import { nextBillingOf, nextBillingQuery } from '../../services/subscription/next-billing.ts';
import { recordInReadModel } from '../../services/subscription/read-model.ts';
import { openStore } from '../../services/subscription/store.ts';
import { callRoutes } from '../support/call-route.ts';
import { indexesReady, startDocuments } from '../support/documents.ts';
import { testPlatform } from '../support/platform.ts';
import { start } from '../support/subscription-life.ts';
import { publishedBy } from '../support/subscription-story.ts';

/** Customers, each with cards, and the read model of their subscriptions, on 1 February 2026. */
async function startWatch(t: ExecutionContext) {
  const documents = await startDocuments(t);
  const clock = { now: '2026-02-01T00:00:00.000Z' };
  const broker = { isUnavailable: false };
  const published: MarqueeEvent[] = [];
  const subscriptions = openStore(documents);
  const platform = testPlatform({
    documents,
    published,
    now: () => clock.now,
    invoke: async (_, __, path, body) => {
      if (path === 'test-clocks/tc_1') return { id: 'tc_1', now: clock.now };
      const { customerIds } = nextBillingQuery.parse(body);
      return { nextBilling: await nextBillingOf(subscriptions, customerIds) };
    },
    publish: async (events) => {
      if (broker.isUnavailable) throw new Error('the broker is unavailable');
      published.push(...events);
    },
  });
  const store = createAccountStore(documents);
  const customers = createCustomers(store, createAnnouncements(store, platform), platform);
  const checks = createMethodChecks(platform);
  const admit = admitMethods(checks, { check: async () => allowed });
  const callApi = callRoutes([...customerRoutes(customers, store, async () => {}), ...paymentMethodRoutes(customers, checks, admit)]);
  const watch = createCardExpiryWatch(platform, store);
  await indexesReady(documents);
  const patch = (customer: string, method: string, card: object) =>
    callApi('patch', `/v1/customers/${customer}/payment-methods/${method}`, { body: { card } });
  /** A customer with cards, the default first, that expire in these months. */
  const customer = async (id: string, expiries: readonly (readonly [year: number, month: number])[], testClock: string | null = null) => {
    await callApi('post', '/v1/customers', {
      body: { id, email: 'ada@example.com', name: 'Ada', country: 'DE', currency: 'EUR', testClock },
    });
    for (const [index, [expYear, expMonth]] of expiries.entries()) {
      await callApi('post', `/v1/customers/${id}/payment-methods`, { body: { id: `pm_${index}`, gateway: 'simulated', token: 'tok_ok' } });
      await patch(id, `pm_${index}`, { expYear, expMonth });
    }
  };
  const subscribe = (customerId: string) =>
    recordInReadModel(subscriptions, publishedBy([[start({ id: `sub_${customerId}`, customerId }), '2026-01-15']], '2026-02-01') as never);
  const notices = () => published.filter(({ type }) => type === 'customer.payment-method-expiring').map(({ id }) => id);
  return { callApi, watch, clock, broker, published, patch, customer, subscribe, notices };
}

test('a card that expires within 30 days and has a coming bill gets one notice', async (t) => {
  const { watch, customer, subscribe, published, notices } = await startWatch(t);
  await customer('cus_soon', [[2026, 2]]);
  await customer('cus_later', [[2026, 4]]);
  await subscribe('cus_soon');
  await subscribe('cus_later');

  t.deepEqual([await watch.sweep(), await watch.sweep()], [1, 0]);

  t.deepEqual(notices(), ['cus_soon.pm_0.2026-03:1']);
  t.like(published.at(-1), {
    customerId: 'cus_soon',
    time: '2026-02-01T00:00:00.000Z',
    data: {
      customerId: 'cus_soon',
      paymentMethodId: 'pm_0',
      card: { brand: 'visa', expMonth: 2, expYear: 2026 },
      expiresAt: '2026-03-01T00:00:00.000Z',
      nextBillingAt: '2026-02-15T00:00:00.000Z',
    },
  });
  t.false(JSON.stringify(published.at(-1)).includes('tok_ok'));
});

test('only the default card gets a notice, also when it has already expired', async (t) => {
  const { watch, customer, subscribe, notices } = await startWatch(t);
  await customer('cus_backup', [
    [2030, 1],
    [2026, 2],
  ]);
  await customer('cus_expired', [
    [2025, 12],
    [2030, 1],
  ]);
  for (const id of ['cus_backup', 'cus_expired']) await subscribe(id);
  await watch.sweep();
  t.deepEqual(notices(), ['cus_expired.pm_0.2026-01:1']);
});

test('a customer without a coming bill gets no notice before the first subscription', async (t) => {
  const { watch, customer, subscribe, notices } = await startWatch(t);
  await customer('cus_1', [[2026, 2]]);
  t.is(await watch.sweep(), 0);
  await subscribe('cus_1');
  t.is(await watch.sweep(), 1);
  t.is(notices().length, 1);
});

test('customers on a test clock and erased customers get no notice', async (t) => {
  const { callApi, watch, customer, subscribe } = await startWatch(t);
  await customer('cus_clock', [[2026, 2]], 'tc_1');
  await customer('cus_gone', [[2026, 2]]);
  for (const id of ['cus_clock', 'cus_gone']) await subscribe(id);
  await callApi('delete', '/v1/customers/cus_gone');
  t.is(await watch.sweep(), 0);
});

test('a renewed card gets another notice only when it expires itself', async (t) => {
  const { watch, clock, patch, customer, subscribe, notices } = await startWatch(t);
  await customer('cus_1', [[2026, 2]]);
  await subscribe('cus_1');
  await watch.sweep();
  await patch('cus_1', 'pm_0', { expYear: 2026, expMonth: 8, last4: '1111' });
  t.is(await watch.sweep(), 0);
  clock.now = '2026-08-15T00:00:00.000Z';
  t.is(await watch.sweep(), 1);
  t.deepEqual(notices(), ['cus_1.pm_0.2026-03:1', 'cus_1.pm_0.2026-09:1']);
});

test('a notice that the broker did not accept is published by the next sweep', async (t) => {
  const { watch, broker, customer, subscribe, notices } = await startWatch(t);
  await customer('cus_1', [[2026, 2]]);
  await subscribe('cus_1');
  broker.isUnavailable = true;
  await t.throwsAsync(watch.sweep());
  broker.isUnavailable = false;
  t.is(await watch.sweep(), 1);
  t.is(notices().length, 1);
});

test('a card update publishes all methods, and an update without a change publishes nothing', async (t) => {
  const { patch, customer, published } = await startWatch(t);
  await customer('cus_1', [
    [2030, 1],
    [2031, 1],
  ]);
  const before = published.length;
  const { status, body } = await patch('cus_1', 'pm_0', { expYear: 2032, last4: '1111' });
  t.is(status, 200);
  t.like(body, { id: 'pm_0', default: true, card: { brand: 'visa', last4: '1111', expYear: 2032, expMonth: 1 } });
  t.is((await patch('cus_1', 'pm_0', { expYear: 2032 })).status, 200);
  t.is(published.length, before + 1);
  t.like(published.at(-1), {
    type: 'customer.payment-method-updated',
    data: { customerId: 'cus_1', paymentMethods: [{ id: 'pm_0', card: { last4: '1111' } }, { id: 'pm_1' }] },
  });
});

test('an update of an unknown method or with an invalid card is refused', async (t) => {
  const { patch, customer } = await startWatch(t);
  await customer('cus_1', [[2030, 1]]);
  t.is((await patch('cus_1', 'pm_9', { expYear: 2032 })).status, 404);
  t.is((await patch('cus_9', 'pm_0', { expYear: 2032 })).status, 404);
  t.is((await patch('cus_1', 'pm_0', { expMonth: 13 })).status, 422);
  t.is((await patch('cus_1', 'pm_0', { last4: '123' })).status, 422);
});
