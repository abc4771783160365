import test, { type ExecutionContext } from 'ava';
import { etagOf } from '../../services/shared/etag.ts';
import type { Service } from '../../services/shared/service.ts';
import { planRoutes } from '../../services/subscription/catalogue/plan-routes.ts';
import { openPlans } from '../../services/subscription/catalogue/plan-store.ts';
import { productRoutes } from '../../services/subscription/catalogue/product-routes.ts';
import { openProducts } from '../../services/subscription/catalogue/product-store.ts';
import { addOnsOf, changedTerms, type TermsQuery } from '../../services/subscription/change.ts';
import { indexesReady, startDocuments } from '../support/documents.ts';
import { testPlatform } from '../support/platform.ts';
import { request } from '../support/service.ts';

const month = { unit: 'month', count: 1 } as const;
const year = { unit: 'year', count: 1 } as const;
const priced = (amount: number, more: object = {}) => ({ currency: 'EUR', amount, interval: month, ...more });
const basic = { id: 'plan_basic', name: { en: 'Basic' }, prices: [priced(999), priced(9990, { interval: year })] };
const sports = { id: 'plan_sports', name: { en: 'Sports' }, addOn: true, prices: [priced(500)] };

async function catalogue(t: ExecutionContext, ...plans: readonly object[]) {
  const documents = await startDocuments(t);
  const customer = { customer: { id: 'cus_1', country: 'DE', currency: 'EUR' }, paymentMethods: [] };
  const platform = testPlatform({ documents, published: [], invoke: async () => customer });
  const [store, products] = [openPlans(documents), openProducts(documents)];
  await indexesReady(documents);
  const service = {
    name: 'subscription',
    routes: [...planRoutes(store, products, platform), ...productRoutes(products, store, platform)],
  } as unknown as Service;
  const post = (path: string, body: object = {}) => request(service, 'post', path, { body });
  for (const plan of plans) await post('/v1/plans', plan);
  return { service, store, platform, post, get: (path: string, query = {}) => request(service, 'get', path, { query }) };
}

const bought = (changes: Partial<TermsQuery> = {}): TermsQuery => ({
  customerId: 'cus_1',
  planId: 'plan_basic',
  planVersion: 1,
  currency: 'EUR',
  interval: month,
  quantity: 1,
  addOns: [],
  wish: {},
  ...changes,
});

test('a repeated creation returns the same plan, and other content under its id is refused', async (t) => {
  const { post } = await catalogue(t, basic);

  t.like(await post('/v1/plans', basic), { status: 200, body: { id: 'plan_basic', version: 1, addOn: false, archivedAt: null } });
  t.like(await post('/v1/plans', { ...basic, trialDays: 3 }), { status: 409, body: { code: 'already-exists' } });
});

test('billing in advance or in arrears belongs to the version, and to the terms that are sold', async (t) => {
  const { platform, post, get, store } = await catalogue(t, basic);
  const { id: _, ...content } = basic;
  t.like(await post('/v1/plans/plan_basic/versions', { ...content, billing: 'arrears' }), { status: 201, body: { version: 2 } });

  t.is((await get('/v1/plans/plan_basic', { version: 1 })).body.billing, 'advance');
  t.is((await get('/v1/plans/plan_basic')).body.billing, 'arrears');
  const terms = await changedTerms(platform, store, bought({ wish: { planId: 'plan_basic' } }));
  t.is(terms.ok && terms.value.plan.billing, 'arrears');
});

test('a new version is sold from then on, and the former one can still be retrieved', async (t) => {
  const { post, get } = await catalogue(t, basic);
  const { id: _, ...content } = basic;

  t.like(await post('/v1/plans/plan_basic/versions', { ...content, prices: [priced(1099)] }), { status: 201, body: { version: 2 } });

  t.like((await get('/v1/plans/plan_basic')).body, { version: 2, prices: [{ amount: 1099 }] });
  t.like((await get('/v1/plans/plan_basic', { version: 1 })).body, { version: 1, prices: [{ amount: 999 }, { amount: 9990 }] });
  t.is((await get('/v1/plans/plan_basic', { version: 3 })).status, 404);
  t.deepEqual(
    ((await get('/v1/plans/plan_basic/versions')).body.data as { version: number }[]).map(({ version }) => version),
    [2, 1],
  );
});

test('versions that are created concurrently are numbered without a gap, and equal content is one version', async (t) => {
  const { post, get } = await catalogue(t, basic);
  const { id: _, ...content } = basic;

  const requests = Array.from({ length: 12 }, (_, n) =>
    post('/v1/plans/plan_basic/versions', { ...content, prices: [priced(1000 + (n % 6))] }),
  );
  await Promise.all(requests);

  const versions = (await get('/v1/plans/plan_basic/versions')).body.data as { version: number; prices: { amount: number }[] }[];
  const numbers = versions.map(({ version }) => version).sort((a, b) => a - b);
  t.deepEqual(
    numbers,
    numbers.map((_, index) => index + 1),
  );
  t.deepEqual(
    versions.map(({ prices }) => prices[0]?.amount ?? 0).sort((a, b) => a - b),
    [999, 1000, 1001, 1002, 1003, 1004, 1005],
  );
  t.is((await get('/v1/plans/plan_basic')).body.version, Math.max(...numbers));
});

for (const [fault, tiers, pointer] of [
  [
    'Overlapping tiers',
    [
      { upTo: 5, amount: 1 },
      { upTo: 5, amount: 2 },
      { upTo: null, amount: 3 },
    ],
    '/prices/0/tiers/1/upTo',
  ],
  ['Tiers without an open end', [{ upTo: 5, amount: 1 }], '/prices/0/tiers/0/upTo'],
  [
    'Tiers with two open ends',
    [
      { upTo: null, amount: 1 },
      { upTo: null, amount: 2 },
    ],
    '/prices/0/tiers/0/upTo',
  ],
] as const)
  test(`${fault} are refused with a pointer, and nothing is stored`, async (t) => {
    const { post, get } = await catalogue(t);
    const response = await post('/v1/plans', { ...basic, prices: [priced(999, { tiers })] });
    t.is(response.status, 422);
    t.is((response.body.errors as { pointer: string }[])[0]?.pointer, pointer);
    t.is((await get('/v1/plans/plan_basic')).status, 404);
  });

test('an add-on can have neither a trial nor introductory periods', async (t) => {
  const { post } = await catalogue(t);
  t.is((await post('/v1/plans', { ...sports, trialDays: 7 })).status, 422);
  t.is((await post('/v1/plans', { ...sports, prices: [priced(500, { phases: [{ periods: 1, amount: 1 }] })] })).status, 422);
});

test('a subscriber keeps the version when quantity or add-ons change, and changes to the current one by naming the plan', async (t) => {
  const { post, store, platform } = await catalogue(t, basic, sports);
  const { id: _, ...content } = basic;
  await post('/v1/plans/plan_basic/versions', { ...content, prices: [priced(1099)] });

  const more = await changedTerms(platform, store, bought({ wish: { quantity: 2, addOns: [{ planId: 'plan_sports', quantity: 1 }] } }));
  const renamed = await changedTerms(platform, store, bought({ wish: { planId: 'plan_basic' } }));
  const named = await changedTerms(platform, store, bought({ planVersion: 2, wish: { planVersion: 1 } }));

  t.like(more, { value: { quantity: 2, plan: { version: 1, price: { amount: 999 } }, addOns: [{ plan: { planId: 'plan_sports' } }] } });
  t.like(renamed, { value: { plan: { version: 2, price: { amount: 1099 } } } });
  t.like(named, { value: { plan: { version: 1 } } });
});

test('add-ons stay when the request names none, and a list of add-ons replaces all of them', async (t) => {
  const { store, platform } = await catalogue(t, basic, sports);
  const addOns = [{ planId: 'plan_sports', planVersion: 1, quantity: 2 }];

  t.like(await changedTerms(platform, store, bought({ addOns, wish: { quantity: 3 } })), { value: { addOns: [{ quantity: 2 }] } });
  t.like(await changedTerms(platform, store, bought({ addOns, wish: { addOns: [] } })), { value: { addOns: [] } });
});

for (const [fault, wish, code, pointer] of [
  ['An unknown version', { planVersion: 9 }, 'plan-version-not-found', '/planVersion'],
  ['An unknown plan', { planId: 'plan_none' }, 'plan-not-found', '/planId'],
  ['An add-on in place of the plan', { planId: 'plan_sports' }, 'is-an-add-on', '/planId'],
  ['A plan in place of an add-on', { addOns: [{ planId: 'plan_basic', quantity: 1 }] }, 'not-an-add-on', '/addOns/0/planId'],
  ['An unknown add-on', { addOns: [{ planId: 'plan_none', quantity: 1 }] }, 'add-on-not-found', '/addOns/0/planId'],
  [
    'An add-on without a price at the interval',
    { interval: year, addOns: [{ planId: 'plan_sports', quantity: 1 }] },
    'price-missing',
    '/addOns/0/planId',
  ],
] as const)
  test(`${fault} is refused with a pointer`, async (t) => {
    const { store, platform } = await catalogue(t, basic, sports);
    t.like(await changedTerms(platform, store, bought({ wish: wish as never })), { ok: false, rejection: { code, pointer } });
  });

test('an archived plan cannot be bought until it is unarchived, and subscribers keep it', async (t) => {
  const { post, store, platform } = await catalogue(t, basic, { ...basic, id: 'plan_old' }, sports);
  await post('/v1/plans/plan_old/archive');
  await post('/v1/plans/plan_sports/archive');

  t.like(await changedTerms(platform, store, bought({ wish: { planId: 'plan_old' } })), {
    rejection: { code: 'plan-archived', pointer: '/planId' },
  });
  t.like(await changedTerms(platform, store, bought({ planId: 'plan_old', wish: { quantity: 2 } })), { ok: true });
  t.like(await addOnsOf(store, [{ planId: 'plan_sports', quantity: 1 }]), {
    rejection: { code: 'plan-archived', pointer: '/addOns/0/planId' },
  });
  await post('/v1/plans/plan_old/unarchive');
  t.like(await changedTerms(platform, store, bought({ wish: { planId: 'plan_old' } })), { ok: true });
});

test('a product has texts in several languages, and the plans that sell it share one trial', async (t) => {
  const { service, post, get } = await catalogue(t);
  const product = { id: 'prod_cinema', name: { en: 'Cinema', de: 'Kino' } };
  t.like(await post('/v1/products', product), { status: 201, body: { name: { de: 'Kino' }, description: null, archivedAt: null } });
  t.is((await post('/v1/products', product)).status, 200);
  t.like(await post('/v1/products', { ...product, name: { en: 'Other' } }), { status: 409, body: { code: 'already-exists' } });
  await post('/v1/plans', { ...basic, productId: 'prod_cinema' });
  await post('/v1/plans', { ...basic, id: 'plan_family', productId: 'prod_cinema' });

  const updated = await request(service, 'put', '/v1/products/prod_cinema', { body: { name: { ...product.name, fr: 'Cinéma' } } });
  t.like(updated.body, { name: { en: 'Cinema', fr: 'Cinéma' } });
  t.like((await get('/v1/products/prod_cinema')).body, {
    plans: [
      { id: 'plan_basic', family: 'prod_cinema' },
      { id: 'plan_family', family: 'prod_cinema' },
    ],
  });
  t.truthy((await post('/v1/products/prod_cinema/archive')).body.archivedAt);
  t.is((await post('/v1/products/prod_cinema/unarchive')).body.archivedAt, null);

  t.like(await post('/v1/products', { name: {} }), { status: 422, body: { errors: [{ pointer: '/name' }] } });
  t.like(await post('/v1/plans', { ...basic, id: 'plan_lost', productId: 'prod_none' }), {
    status: 422,
    body: { code: 'product-not-found', errors: [{ pointer: '/productId' }] },
  });
  t.is((await get('/v1/products/prod_none')).status, 404);
});

test('of two editors who read the same product one updates it, and the other is refused because it has changed', async (t) => {
  const { service, post, get } = await catalogue(t);
  await post('/v1/products', { id: 'prod_cinema', name: { en: 'Cinema' } });
  const etag = etagOf((await get('/v1/products/prod_cinema')).body);
  const edit = (name: string, ifMatch: string) =>
    request(service, 'put', '/v1/products/prod_cinema', { body: { name: { en: name } }, headers: { 'if-match': ifMatch } });

  const edits = await Promise.all([edit('Films', etag), edit('Movies', etag)]);

  t.deepEqual(edits.map(({ status }) => status).sort(), [200, 412]);
  t.like(await edit('Late', etag), { status: 412, body: { code: 'precondition-failed' } });
  t.is((await edit('Any', '*')).status, 200);
  t.is(
    (await request(service, 'put', '/v1/products/prod_none', { body: { name: { en: 'None' } }, headers: { 'if-match': '*' } })).status,
    404,
  );
});
