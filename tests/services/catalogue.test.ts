import test, { type ExecutionContext } from 'ava';
import type { Service } from '../../services/shared/service.ts';
import { planRoutes } from '../../services/subscription/catalogue/plan-routes.ts';
import { openPlans } from '../../services/subscription/catalogue/plan-store.ts';
import { openProducts } from '../../services/subscription/catalogue/product-store.ts';
import { productRoutes } from '../../services/subscription/catalogue/product-routes.ts';
import { addOnsOf, changedTerms, type TermsQuestion } from '../../services/subscription/change.ts';
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

const bought = (changes: Partial<TermsQuestion> = {}): TermsQuestion => ({
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

test('the same creation answers the same plan, and another one under its id is refused', async (t) => {
  const { post } = await catalogue(t, basic);

  t.like(await post('/v1/plans', basic), { status: 200, body: { id: 'plan_basic', version: 1, addOn: false, archivedAt: null } });
  t.like(await post('/v1/plans', { ...basic, trialDays: 3 }), { status: 409, body: { code: 'already-exists' } });
});

test('how a plan is billed stays with the version, and comes with what is bought of it', async (t) => {
  const { platform, post, get, store } = await catalogue(t, basic);
  const { id: _, ...content } = basic;
  t.like(await post('/v1/plans/plan_basic/versions', { ...content, billing: 'arrears' }), { status: 201, body: { version: 2 } });

  t.is((await get('/v1/plans/plan_basic', { version: 1 })).body.billing, 'advance');
  t.is((await get('/v1/plans/plan_basic')).body.billing, 'arrears');
  const terms = await changedTerms(platform, store, bought({ wish: { planId: 'plan_basic' } }));
  t.is(terms.ok && terms.value.plan.billing, 'arrears');
});

test('a new version is what is sold from then on, and the former one can still be read', async (t) => {
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

test('versions that are made at once are numbered without a gap, and one that is asked for twice is made once', async (t) => {
  const { post, get } = await catalogue(t, basic);
  const { id: _, ...content } = basic;

  const asked = Array.from({ length: 12 }, (_, n) =>
    post('/v1/plans/plan_basic/versions', { ...content, prices: [priced(1000 + (n % 6))] }),
  );
  await Promise.all(asked);

  const versions = (await get('/v1/plans/plan_basic/versions')).body.data as { version: number; prices: { amount: number }[] }[];
  const made = versions.map(({ version }) => version).sort((a, b) => a - b);
  t.deepEqual(
    made,
    made.map((_, index) => index + 1),
  );
  t.deepEqual(
    versions.map(({ prices }) => prices[0]?.amount ?? 0).sort((a, b) => a - b),
    [999, 1000, 1001, 1002, 1003, 1004, 1005],
  );
  t.is((await get('/v1/plans/plan_basic')).body.version, Math.max(...made));
});

for (const [what, tiers, pointer] of [
  [
    'that overlap',
    [
      { upTo: 5, amount: 1 },
      { upTo: 5, amount: 2 },
      { upTo: null, amount: 3 },
    ],
    '/prices/0/tiers/1/upTo',
  ],
  ['without an end', [{ upTo: 5, amount: 1 }], '/prices/0/tiers/0/upTo'],
  [
    'with two ends',
    [
      { upTo: null, amount: 1 },
      { upTo: null, amount: 2 },
    ],
    '/prices/0/tiers/0/upTo',
  ],
] as const)
  test(`tiers ${what} are refused with a pointer, and nothing is stored`, async (t) => {
    const { post, get } = await catalogue(t);
    const answer = await post('/v1/plans', { ...basic, prices: [priced(999, { tiers })] });
    t.is(answer.status, 422);
    t.is((answer.body.errors as { pointer: string }[])[0]?.pointer, pointer);
    t.is((await get('/v1/plans/plan_basic')).status, 404);
  });

test('an add-on has neither a trial nor introductory periods', async (t) => {
  const { post } = await catalogue(t);
  t.is((await post('/v1/plans', { ...sports, trialDays: 7 })).status, 422);
  t.is((await post('/v1/plans', { ...sports, prices: [priced(500, { phases: [{ periods: 1, amount: 1 }] })] })).status, 422);
});

test('who has a version keeps it when the quantity or the add-ons change, and takes the current one by naming the plan', async (t) => {
  const { post, store, platform } = await catalogue(t, basic, sports);
  const { id: _, ...content } = basic;
  await post('/v1/plans/plan_basic/versions', { ...content, prices: [priced(1099)] });

  const more = await changedTerms(platform, store, bought({ wish: { quantity: 2, addOns: [{ planId: 'plan_sports', quantity: 1 }] } }));
  const anew = await changedTerms(platform, store, bought({ wish: { planId: 'plan_basic' } }));
  const named = await changedTerms(platform, store, bought({ planVersion: 2, wish: { planVersion: 1 } }));

  t.like(more, { value: { quantity: 2, plan: { version: 1, price: { amount: 999 } }, addOns: [{ plan: { planId: 'plan_sports' } }] } });
  t.like(anew, { value: { plan: { version: 2, price: { amount: 1099 } } } });
  t.like(named, { value: { plan: { version: 1 } } });
});

test('add-ons that are not named stay, and those that are named are all there are', async (t) => {
  const { store, platform } = await catalogue(t, basic, sports);
  const addOns = [{ planId: 'plan_sports', planVersion: 1, quantity: 2 }];

  t.like(await changedTerms(platform, store, bought({ addOns, wish: { quantity: 3 } })), { value: { addOns: [{ quantity: 2 }] } });
  t.like(await changedTerms(platform, store, bought({ addOns, wish: { addOns: [] } })), { value: { addOns: [] } });
});

for (const [what, wish, code, pointer] of [
  ['an unknown version', { planVersion: 9 }, 'plan-version-not-found', '/planVersion'],
  ['an unknown plan', { planId: 'plan_none' }, 'plan-not-found', '/planId'],
  ['an add-on as the plan', { planId: 'plan_sports' }, 'is-an-add-on', '/planId'],
  ['a plan as an add-on', { addOns: [{ planId: 'plan_basic', quantity: 1 }] }, 'not-an-add-on', '/addOns/0/planId'],
  ['an unknown add-on', { addOns: [{ planId: 'plan_none', quantity: 1 }] }, 'add-on-not-found', '/addOns/0/planId'],
  [
    'an add-on that has no price at the interval',
    { interval: year, addOns: [{ planId: 'plan_sports', quantity: 1 }] },
    'price-missing',
    '/addOns/0/planId',
  ],
] as const)
  test(`${what} is refused, with a pointer to it`, async (t) => {
    const { store, platform } = await catalogue(t, basic, sports);
    t.like(await changedTerms(platform, store, bought({ wish: wish as never })), { ok: false, rejection: { code, pointer } });
  });

test('an archived plan is sold to nobody new and kept by who has it, until it is sold again', async (t) => {
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

test('a product has its words in every language, and the plans that sell it share one trial', async (t) => {
  const { service, post, get } = await catalogue(t);
  const product = { id: 'prod_cinema', name: { en: 'Cinema', de: 'Kino' } };
  t.like(await post('/v1/products', product), { status: 201, body: { name: { de: 'Kino' }, description: null, archivedAt: null } });
  t.is((await post('/v1/products', product)).status, 200);
  t.like(await post('/v1/products', { ...product, name: { en: 'Other' } }), { status: 409, body: { code: 'already-exists' } });
  await post('/v1/plans', { ...basic, productId: 'prod_cinema' });
  await post('/v1/plans', { ...basic, id: 'plan_family', productId: 'prod_cinema' });

  const more = await request(service, 'put', '/v1/products/prod_cinema', { body: { name: { ...product.name, fr: 'Cinéma' } } });
  t.like(more.body, { name: { en: 'Cinema', fr: 'Cinéma' } });
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
