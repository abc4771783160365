import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import type { Service } from '../../services/shared/service.ts';
import { appliedTo, type Coupon } from '../../services/subscription/coupons/coupon.ts';
import { couponRoutes } from '../../services/subscription/coupons/coupon-routes.ts';
import { promotionCodeRoutes } from '../../services/subscription/coupons/promotion-code-routes.ts';
import { type CouponReference, redeemCoupons } from '../../services/subscription/coupons/redeem-coupons.ts';
import { openStore } from '../../services/subscription/store.ts';
import { indexesReady, startDocuments } from '../support/documents.ts';
import { testPlatform } from '../support/platform.ts';
import { request } from '../support/service.ts';

const redeemer = {
  customerId: 'cus_1',
  hasHadSubscription: async () => false,
  currency: 'EUR',
  planIds: ['plan_basic'],
  timezone: 'Europe/Berlin',
  now: '2026-01-31T10:00:00.000Z',
};
const spring = { id: 'cpn_spring', kind: 'percent', percent: 20, duration: 'repeating', cycles: 3 };

async function coupons(t: ExecutionContext, ...given: readonly object[]) {
  const documents = await startDocuments(t);
  const store = openStore(documents);
  const platform = testPlatform({ documents, published: [] });
  await indexesReady(documents);
  const service = {
    name: 'subscription',
    routes: [...couponRoutes(store.coupons, platform), ...promotionCodeRoutes(store.promotionCodes, store.coupons, platform)],
  } as unknown as Service;
  const post = (path: string, body: object = {}) => request(service, 'post', path, { body });
  for (const coupon of given) await post('/v1/coupons', coupon);
  const redeem = (ids: readonly string[], subscription: string, at = redeemer) =>
    redeemCoupons(
      store,
      ids.map((couponId, index) => ({ couponId, pointer: `/coupons/${index}` })),
      subscription,
      at,
    );
  const use = (code: string, subscription: string, at = redeemer, more: readonly CouponReference[] = []) =>
    redeemCoupons(store, [{ code, pointer: '/promotionCodes/0' }, ...more], subscription, at);
  const used = async (code: string) => (await request(service, 'get', `/v1/promotion-codes/${code}`)).body.redeemed;
  const redeemed = async (id = 'cpn_spring') => (await request(service, 'get', `/v1/coupons/${id}`)).body.redeemed;
  return { store: store.coupons, post, redeem, redeemed, use, used };
}

test('a repeating coupon applies for its cycles, a single one for one invoice, and a permanent one without an end', async (t) => {
  const { cycles: _, ...unrepeated } = spring;
  const once = { ...unrepeated, id: 'cpn_once', duration: 'once' };
  const forever = { ...unrepeated, id: 'cpn_forever', duration: 'forever' };
  const { redeem } = await coupons(t, spring, once, forever);

  const redemption = await redeem(['cpn_spring', 'cpn_once', 'cpn_forever'], 'sub_1');

  t.deepEqual(redemption.ok && redemption.value.applied.map(({ couponId, periodsLeft }) => [couponId, periodsLeft]), [
    ['cpn_spring', 3],
    ['cpn_once', 1],
    ['cpn_forever', null],
  ]);
});

test('the months of a coupon count by the calendar of the subscription from its application', (t) => {
  const coupon: Coupon = {
    id: 'cpn_m',
    name: 'M',
    kind: 'percent',
    percent: 20,
    duration: 'repeating',
    months: 1,
    archivedAt: null,
    createdAt: '',
  };
  t.like(appliedTo(coupon, redeemer, ''), { value: { periodsLeft: null, endsAt: '2026-02-28T10:00:00.000Z' } });
});

for (const [fault, body, pointer] of [
  ['A percent coupon without a percent', { kind: 'percent', duration: 'once' }, '/percent'],
  ['An amount coupon without amounts', { kind: 'amount', duration: 'once' }, '/amounts'],
  [
    'A second amount of one currency',
    {
      kind: 'amount',
      amounts: [
        { amount: 1, currency: 'EUR' },
        { amount: 2, currency: 'EUR' },
      ],
      duration: 'once',
    },
    '/amounts',
  ],
  ['A repeating coupon without a length', { kind: 'percent', percent: 5, duration: 'repeating' }, '/cycles'],
  ['A single coupon with cycles', { kind: 'percent', percent: 5, duration: 'once', cycles: 2 }, '/cycles'],
  ['A percent above 100', { kind: 'percent', percent: 101, duration: 'once' }, '/percent'],
] as const)
  test(`${fault} is refused with a pointer`, async (t) => {
    const { post } = await coupons(t);
    const response = await post('/v1/coupons', body);
    t.is(response.status, 422);
    t.is((response.body.errors as { pointer: string }[])[0]?.pointer, pointer);
  });

test('a coupon that cannot be redeemed is refused with its own code and a pointer', async (t) => {
  const fiver = { id: 'cpn_fiver', kind: 'amount', amounts: [{ amount: 500, currency: 'USD' }], duration: 'once' };
  const late = { ...spring, id: 'cpn_late', redeemBy: '2026-01-31T10:00:00Z' };
  const { post, redeem, redeemed } = await coupons(
    t,
    spring,
    fiver,
    late,
    { ...spring, id: 'cpn_gone' },
    { ...spring, id: 'cpn_other', plans: ['plan_other'] },
  );
  await post('/v1/coupons/cpn_gone/archive');

  for (const [id, code] of [
    ['cpn_none', 'coupon-not-found'],
    ['cpn_gone', 'coupon-archived'],
    ['cpn_late', 'coupon-expired'],
    ['cpn_fiver', 'coupon-currency-mismatch'],
    ['cpn_other', 'coupon-plan-mismatch'],
  ] as const)
    t.like(await redeem(['cpn_spring', id], 'sub_1'), { rejection: { code, pointer: '/coupons/1' } });
  t.is(await redeemed(), 0, 'a refused list redeems none of its coupons');
});

test('a repeated start keeps its coupons, even when they are archived or expired since', async (t) => {
  const { post, redeem } = await coupons(t, spring, { ...spring, id: 'cpn_late', redeemBy: '2026-02-15T00:00:00Z' });
  t.true((await redeem(['cpn_spring', 'cpn_late'], 'sub_1')).ok);
  await post('/v1/coupons/cpn_spring/archive');

  t.true((await redeem(['cpn_spring', 'cpn_late'], 'sub_1', { ...redeemer, now: '2026-03-01T00:00:00.000Z' })).ok);
});

test('a failed redemption releases only the slots that it claimed itself', async (t) => {
  const { redeem, redeemed } = await coupons(t, spring, { ...spring, id: 'cpn_more' });
  t.true((await redeem(['cpn_spring'], 'sub_1')).ok);

  t.false((await redeem(['cpn_spring', 'cpn_more', 'cpn_none'], 'sub_1')).ok);

  t.deepEqual([await redeemed(), await redeemed('cpn_more')], [1, 0]);
});

test('of fifty subscriptions that race for ten slots, ten redeem the coupon', async (t) => {
  const { redeem, redeemed } = await coupons(t, { ...spring, maxRedemptions: 10 });

  const results = await Promise.all(Array.from({ length: 50 }, (_, n) => redeem(['cpn_spring'], `sub_${n}`)));

  t.is(results.filter(({ ok }) => ok).length, 10);
  t.true(results.every((result) => result.ok || result.rejection.code === 'coupon-exhausted'));
  t.is(await redeemed(), 10);
});

test('a subscription that requests a coupon many times concurrently claims one slot', async (t) => {
  const { redeem, redeemed } = await coupons(t, spring);

  for (let round = 1; round <= 15; round += 1) {
    const results = await Promise.all(Array.from({ length: 12 }, (_, n) => redeem(['cpn_spring'], `sub_${round}_${n % 2}`)));

    t.true(results.every(({ ok }) => ok));
    t.is(await redeemed(), round * 2);
  }
});

test('law: in any order of redemptions, repeats and releases, the count equals the holders and stays within the limit', async (t) => {
  const { post, redeem, store } = await coupons(t);
  let run = 0;
  const step = fc.record({ subscription: fc.integer({ min: 1, max: 6 }), isRelease: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      const id = `cpn_law${run++}`;
      await post('/v1/coupons', { ...spring, id, maxRedemptions: 3 });
      const holders = new Set<number>();
      for (const { subscription, isRelease } of steps) {
        if (isRelease) {
          await store.release(id, `sub_${subscription}`);
          holders.delete(subscription);
        } else {
          const { ok } = await redeem([id], `sub_${subscription}`);
          if (ok !== (holders.has(subscription) || holders.size < 3)) throw new Error(`${subscription} received ${ok}`);
          if (ok) holders.add(subscription);
        }
      }
      const coupon = await store.findCounted(id);
      if (coupon?.redeemed !== holders.size) throw new Error(`${coupon?.redeemed} counted, ${holders.size} hold it`);
    }),
    { numRuns: 30 },
  );
  t.pass();
});

test('a promotion code obtains its coupon, and both count a repeated redemption once', async (t) => {
  const { post, use, used, redeemed } = await coupons(t, spring);
  t.like(await post('/v1/promotion-codes', { code: 'spring25', couponId: 'cpn_spring' }), {
    status: 201,
    body: { code: 'SPRING25', redeemed: 0 },
  });
  t.is((await post('/v1/promotion-codes', { code: 'Spring25', couponId: 'cpn_spring' })).status, 200);

  for (let repeat = 0; repeat < 2; repeat += 1)
    t.like(await use('SPRING25', 'sub_1'), { ok: true, value: { applied: [{ couponId: 'cpn_spring', periodsLeft: 3 }] } });

  t.deepEqual([await used('SPRING25'), await redeemed()], [1, 1]);
});

test('of fifty subscriptions that race for ten uses of a code, ten obtain the coupon, and it counts ten', async (t) => {
  const { post, use, used, redeemed } = await coupons(t, spring);
  await post('/v1/promotion-codes', { code: 'TEN', couponId: 'cpn_spring', maxRedemptions: 10 });

  const results = await Promise.all(Array.from({ length: 50 }, (_, n) => use('TEN', `sub_${n}`)));

  t.is(results.filter(({ ok }) => ok).length, 10);
  t.true(results.every((result) => result.ok || result.rejection.code === 'promotion-code-exhausted'));
  t.deepEqual([await used('TEN'), await redeemed()], [10, 10]);
});

test('a code that cannot be used is refused with a pointer, and claims no slot of code or coupon', async (t) => {
  const { post, use, used, redeemed } = await coupons(
    t,
    spring,
    { ...spring, id: 'cpn_two' },
    { ...spring, id: 'cpn_usd', plans: ['plan_other'] },
  );
  const make = (code: string, more: object = {}) => post('/v1/promotion-codes', { code, couponId: 'cpn_spring', ...more });
  await make('MINE', { customerId: 'cus_2' });
  await make('FIRST', { firstTimeOnly: true });
  await make('LATE', { expiresAt: '2026-01-31T10:00:00Z' });
  await make('GONE');
  await make('OTHER-PLAN', { couponId: 'cpn_usd' });
  await make('TWICE');
  await post('/v1/promotion-codes/gone/archive');

  const known = { ...redeemer, hasHadSubscription: async () => true };
  for (const [code, rejection, user, more] of [
    ['NONE', 'promotion-code-not-found', redeemer, []],
    ['MINE', 'promotion-code-of-another', redeemer, []],
    ['FIRST', 'promotion-code-first-time-only', known, []],
    ['LATE', 'promotion-code-expired', redeemer, []],
    ['GONE', 'promotion-code-archived', redeemer, []],
    ['OTHER-PLAN', 'coupon-plan-mismatch', redeemer, []],
    ['TWICE', 'coupon-not-found', redeemer, [{ couponId: 'cpn_none', pointer: '/promotionCodes/0' }]],
    ['TWICE', 'coupon-repeated', redeemer, [{ couponId: 'cpn_spring', pointer: '/promotionCodes/0' }]],
  ] as const)
    t.like(await use(code, 'sub_9', user, more), { ok: false, rejection: { code: rejection, pointer: '/promotionCodes/0' } }, code);

  t.true((await use('FIRST', 'sub_1')).ok, 'a new customer may use it');
  t.deepEqual([await used('TWICE'), await used('OTHER-PLAN'), await redeemed()], [0, 0, 1]);
  t.like(await make('!'), { status: 422, body: { errors: [{ pointer: '/code' }] } });
  t.like(await make('LOST', { couponId: 'cpn_none' }), {
    status: 422,
    body: { code: 'coupon-not-found', errors: [{ pointer: '/couponId' }] },
  });
});
