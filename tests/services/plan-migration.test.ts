import test, { type ExecutionContext } from 'ava';
import { collectionOf } from '../../services/shared/mongo.ts';
import type { Service } from '../../services/shared/service.ts';
import { planRoutes } from '../../services/subscription/catalogue/plan-routes.ts';
import { hasOtherChange } from '../../services/subscription/migration/migration.ts';
import { migrationRoutes } from '../../services/subscription/migration/routes.ts';
import { createMigrationRunner } from '../../services/subscription/migration/run.ts';
import { openMigrations } from '../../services/subscription/migration/store.ts';
import { openStore } from '../../services/subscription/store.ts';
import { termsFor } from '../../services/subscription/terms.ts';
import { indexesReady, startDocuments } from '../support/documents.ts';
import { testPlatform } from '../support/platform.ts';
import { request } from '../support/service.ts';
import { terms } from '../support/subscription-life.ts';
import { subscriptionsInMemory } from '../support/subscriptions-in-memory.ts';
import { until } from '../support/wait-until.ts';

const month = { unit: 'month', count: 1 } as const;
const content = (amount: number, more: object = {}) => ({
  name: { en: 'Basic' },
  prices: [{ currency: 'EUR', amount, interval: month, ...more }],
});
const now = () => '2026-03-16T00:00:00.000Z';

/**
 * `plan_basic` at 31.00 and, as version 2, at 62.00, with `count` subscriptions of version 1. All
 * runners share documents and subscriptions.
 */
async function sold(t: ExecutionContext, count: number) {
  const documents = await startDocuments(t);
  const customer = { customer: { id: 'cus_1', country: 'DE', currency: 'EUR' }, paymentMethods: [] };
  const platform = testPlatform({ documents, published: [], invoke: async () => customer, now });
  const [store, migrations] = [openStore(documents), openMigrations(documents)];
  await indexesReady(documents);
  const client = subscriptionsInMemory(now);
  const newRunner = () => createMigrationRunner(platform, store, migrations, client);
  const runner = newRunner();
  t.teardown(runner.stop);
  const routes = [...planRoutes(store.plans, store.products, platform), ...migrationRoutes(platform, store, migrations, runner)];
  const service = { name: 'subscription', routes } as unknown as Service;
  const post = (path: string, body: object, idempotencyKey?: string) =>
    request(service, 'post', path, { body, ...(idempotencyKey && { idempotencyKey }) });
  const get = (path: string) => request(service, 'get', path);
  await post('/v1/plans', { id: 'plan_basic', ...content(3100) });
  await post('/v1/plans/plan_basic/versions', content(6200));
  const first = await store.plans.at('plan_basic', 1);
  const terms1 = first.ok && termsFor(first.value, { currency: 'EUR', country: 'DE', quantity: 1 });
  if (terms1 === false || !terms1.ok) throw new Error('not sold');
  const ids = Array.from({ length: count }, (_, index) => `sub_${String(index).padStart(3, '0')}`);
  const addToReadModel = async (id: string) => {
    const { id: _id, ...row } = client.add(id, terms1.value, '2026-03-01');
    await collectionOf(store.subscriptions).insertOne({ _id, ...row, nextWakeAt: null, waiting: false });
  };
  for (const id of ids) await addToReadModel(id);
  const done = (id: string) => until(async () => (await get(`/v1/plans/plan_basic/migrations/${id}`)).body.status === 'done');
  const versions = async () => (await Promise.all(ids.map((id) => client.get(id)))).map((subscription) => subscription?.planVersion);
  return { post, get, done, store, migrations, client, newRunner, ids, versions };
}

const toSecond = { fromVersion: 1, toVersion: 2, effective: 'now' };
const migrations = '/v1/plans/plan_basic/migrations';

test('a migration changes each subscription once, and the same key is the same migration', async (t) => {
  const { post, get, done, client, versions } = await sold(t, 90);

  const response = await post(migrations, toSecond, 'key');
  t.like(response, { status: 202, body: { planId: 'plan_basic', fromVersion: 1, toVersion: 2, proration: 'prorate' } });
  const id = String(response.body.id);
  await done(id);
  t.is((await post(migrations, toSecond, 'key')).body.id, id);

  t.deepEqual([...new Set(await versions())], [2]);
  t.like((await get(`${migrations}/${id}`)).body, { counts: { migrated: 90, unchanged: 0, refused: 0 } });
  t.is(client.turns(), 90);
});

test('a migration at the next period charges nothing now and schedules each subscription', async (t) => {
  const { post, done, client } = await sold(t, 2);
  await done(String((await post(migrations, { ...toSecond, effective: 'next-period' }, 'key')).body.id));
  t.like(await client.get('sub_000'), { planVersion: 1, scheduledChange: { planVersion: 2, at: '2026-04-01T00:00:00.000Z' } });
});

test('concurrent runners of one migration change no subscription twice', async (t) => {
  const { post, get, done, client, newRunner, migrations: store, versions } = await sold(t, 120);
  const { body } = await post(migrations, toSecond, 'key');
  const id = String(body.id);
  const others = [newRunner(), newRunner()];
  for (const other of others) other.begin(id);
  await done(id);
  for (const other of others) await other.stop();

  await store.recordOutcomes(
    id,
    [{ subscriptionId: 'sub_000', outcome: 'refused', code: 'late', message: 'a runner that came second' }],
    now(),
  );
  t.like((await get(`${migrations}/${id}`)).body, { counts: { migrated: 120, unchanged: 0, refused: 0 } });
  t.deepEqual([...new Set(await versions())], [2]);
  t.is(client.turns(), 120);
});

test('a migration whose process ended continues from its cursor', async (t) => {
  const { done, store, migrations: stored, newRunner, versions, client } = await sold(t, 60);
  const migration = { id: 'mig_1', planId: 'plan_basic', ...toSecond, effective: 'now', proration: 'prorate' } as const;
  await stored.create({ ...migration, status: 'running', createdAt: now(), finishedAt: null }, toSecond);
  await stored.moveCursor('mig_1', '', 'sub_039');

  const runner = newRunner();
  await runner.resume();
  await done('mig_1');
  await runner.stop();

  t.is(client.turns(), 20);
  t.deepEqual((await versions()).slice(38, 42), [1, 1, 2, 2]);
  t.is(await store.subscriptions.countDocuments({}), 60);
});

test('a subscription with another scheduled change keeps it and is listed with the reason', async (t) => {
  const { post, get, done, client } = await sold(t, 3);
  const premium = terms('plan_premium', 9900);
  await client.command('sub_001', 'change', { terms: premium, when: 'period-end', proration: 'prorate' });

  const id = String((await post(migrations, { ...toSecond, effective: 'next-period' }, 'key')).body.id);
  await done(id);

  t.like(await client.get('sub_001'), { scheduledChange: { planId: 'plan_premium' } });
  t.deepEqual((await get(`${migrations}/${id}/refusals`)).body.data, [
    {
      subscriptionId: 'sub_001',
      outcome: 'refused',
      code: 'change-scheduled',
      message: 'The subscription has another scheduled change, which is kept.',
    },
  ]);
  t.false(hasOtherChange({ scheduledChange: null }, 'plan_basic', 2));
});

test('a preview predicts the number of subscriptions and the amounts of the migration', async (t) => {
  const { post, done, client, ids } = await sold(t, 25);

  const preview = await post(`${migrations}/dry-run`, toSecond);
  t.like(preview.body, { subscriptions: 25, refused: [] });
  t.deepEqual(preview.body.byCurrency, [
    { currency: 'EUR', subscriptions: 25, recurringBefore: 77_500, recurringAfter: 155_000, monthlyDifference: 77_500, difference: 77_500 },
  ]);
  t.is((preview.body.sample as unknown[]).length, 10);
  t.is(client.turns(), 0, 'a preview calls no actor');

  await done(String((await post(migrations, toSecond, 'key')).body.id));
  const after = await Promise.all(ids.map((id) => client.get(id)));
  t.is(
    after.reduce((sum, subscription) => sum + (subscription?.recurringAmount.amount ?? 0), 0),
    155_000,
  );
});

test('a version without a fitting price refuses each subscription, as the preview predicts', async (t) => {
  const { post, get, done } = await sold(t, 2);
  await post('/v1/plans/plan_basic/versions', content(100, { currency: 'USD' }));
  const body = { ...toSecond, toVersion: 3 };

  t.deepEqual((await post(`${migrations}/dry-run`, body)).body.refused, [{ code: 'price-missing', subscriptions: 2 }]);
  const id = String((await post(migrations, body, 'key')).body.id);
  await done(id);
  t.like((await get(`${migrations}/${id}`)).body, { counts: { migrated: 0, refused: 2 } });
});

test('a version billed in arrears refuses subscriptions billed in advance, as the preview predicts', async (t) => {
  const { post, get, done } = await sold(t, 2);
  await post('/v1/plans/plan_basic/versions', { ...content(3100), billing: 'arrears' });
  const body = { ...toSecond, toVersion: 3 };
  t.deepEqual((await post(`${migrations}/dry-run`, body)).body.refused, [{ code: 'billing-mode-mismatch', subscriptions: 2 }]);
  const id = String((await post(migrations, body, 'key')).body.id);
  await done(id);
  t.like((await get(`${migrations}/${id}`)).body, { counts: { migrated: 0, refused: 2 } });
});

test('a migration between versions that do not exist or do not differ is refused with a pointer', async (t) => {
  const { post, get } = await sold(t, 0);
  for (const [body, code, pointer] of [
    [{ ...toSecond, fromVersion: 9 }, 'plan-version-not-found', '/fromVersion'],
    [{ ...toSecond, toVersion: 9 }, 'plan-version-not-found', '/toVersion'],
    [{ ...toSecond, toVersion: 1 }, 'invalid-field', '/toVersion'],
    [{ ...toSecond, effective: 'soon' }, 'invalid-field', '/effective'],
  ] as const)
    for (const path of [migrations, `${migrations}/dry-run`])
      t.like(await post(path, body), { status: 422, body: { code, errors: [{ pointer }] } });
  t.is((await post('/v1/plans/plan_none/migrations', toSecond)).status, 404);
  t.deepEqual((await get(migrations)).body.data, []);
});
