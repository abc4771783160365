import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import type { Service } from '../../services/shared/service.ts';
import { appliedTo, type Coupon } from '../../services/subscription/coupons/coupon.ts';
import { couponRoutes } from '../../services/subscription/coupons/coupon-routes.ts';
import { type Named, redeemAll } from '../../services/subscription/coupons/coupons.ts';
import { promotionCodeRoutes } from '../../services/subscription/coupons/promotion-code-routes.ts';
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
    redeemAll(
      store,
      ids.map((couponId, index) => ({ couponId, pointer: `/coupons/${index}` })),
      subscription,
      at,
    );
  const use = (code: string, subscription: string, at = redeemer, more: readonly Named[] = []) =>
    redeemAll(store, [{ code, pointer: '/promotionCodes/0' }, ...more], subscription, at);
  const used = async (code: string) => (await request(service, 'get', `/v1/promotion-codes/${code}`)).body.redeemed;
  const redeemed = async (id = 'cpn_spring') => (await request(service, 'get', `/v1/coupons/${id}`)).body.redeemed;
  return { store: store.coupons, post, redeem, redeemed, use, used };
}

test('a repeating coupon is applied for its cycles, a single one for one invoice, another one for ever', async (t) => {
  const once = { ...spring, id: 'cpn_once', duration: 'once', cycles: undefined };
  const forever = { ...spring, id: 'cpn_forever', duration: 'forever', cycles: undefined };
  const { redeem } = await coupons(t, spring, once, forever);

  const redemption = await redeem(['cpn_spring', 'cpn_once', 'cpn_forever'], 'sub_1');

  t.deepEqual(redemption.ok && redemption.value.applied.map(({ couponId, periodsLeft }) => [couponId, periodsLeft]), [
    ['cpn_spring', 3],
    ['cpn_once', 1],
    ['cpn_forever', null],
  ]);
});

test('months count by the calendar of the subscription, from its application on', (t) => {
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

for (const [what, body, pointer] of [
  ['a percent coupon without a percent', { kind: 'percent', duration: 'once' }, '/percent'],
  ['an amount coupon without amounts', { kind: 'amount', duration: 'once' }, '/amounts'],
  [
    'two amounts of one currency',
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
  ['a repeating coupon that does not say how often', { kind: 'percent', percent: 5, duration: 'repeating' }, '/cycles'],
  ['a single coupon that repeats', { kind: 'percent', percent: 5, duration: 'once', cycles: 2 }, '/cycles'],
  ['more than all', { kind: 'percent', percent: 101, duration: 'once' }, '/percent'],
] as const)
  test(`${what} is refused with a pointer`, async (t) => {
    const { post } = await coupons(t);
    const answer = await post('/v1/coupons', body);
    t.is(answer.status, 422);
    t.is((answer.body.errors as { pointer: string }[])[0]?.pointer, pointer);
  });

test('what cannot be redeemed is refused with a code of its own and a pointer to it', async (t) => {
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

test('who has redeemed a coupon has it at the same start again, also when it is not given any more', async (t) => {
  const { post, redeem } = await coupons(t, spring, { ...spring, id: 'cpn_late', redeemBy: '2026-02-15T00:00:00Z' });
  t.true((await redeem(['cpn_spring', 'cpn_late'], 'sub_1')).ok);
  await post('/v1/coupons/cpn_spring/archive');

  t.true((await redeem(['cpn_spring', 'cpn_late'], 'sub_1', { ...redeemer, now: '2026-03-01T00:00:00.000Z' })).ok);
});

test('a redemption that fails gives back only the places it took itself', async (t) => {
  const { redeem, redeemed } = await coupons(t, spring, { ...spring, id: 'cpn_more' });
  t.true((await redeem(['cpn_spring'], 'sub_1')).ok);

  t.false((await redeem(['cpn_spring', 'cpn_more', 'cpn_none'], 'sub_1')).ok);

  t.deepEqual([await redeemed(), await redeemed('cpn_more')], [1, 0]);
});

test('of fifty that race for ten places ten get one, and each place is taken once', async (t) => {
  const { redeem, redeemed } = await coupons(t, { ...spring, maxRedemptions: 10 });

  const answers = await Promise.all(Array.from({ length: 50 }, (_, n) => redeem(['cpn_spring'], `sub_${n}`)));

  t.is(answers.filter(({ ok }) => ok).length, 10);
  t.true(answers.every((answer) => answer.ok || answer.rejection.code === 'coupon-exhausted'));
  t.is(await redeemed(), 10);
});

test('subscriptions that ask many times at once take one place each', async (t) => {
  const { redeem, redeemed } = await coupons(t, spring);

  for (let round = 1; round <= 15; round += 1) {
    const answers = await Promise.all(Array.from({ length: 12 }, (_, n) => redeem(['cpn_spring'], `sub_${round}_${n % 2}`)));

    t.true(answers.every(({ ok }) => ok));
    t.is(await redeemed(), round * 2);
  }
});

test('law: however subscriptions redeem, ask again and give back, the count is of those that have it and within the limit', async (t) => {
  const { post, redeem, store } = await coupons(t);
  let run = 0;
  const step = fc.record({ who: fc.integer({ min: 1, max: 6 }), back: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      const id = `cpn_law${run++}`;
      await post('/v1/coupons', { ...spring, id, maxRedemptions: 3 });
      const holders = new Set<number>();
      for (const { who, back } of steps) {
        if (back) {
          await store.giveBack(id, `sub_${who}`);
          holders.delete(who);
        } else {
          const { ok } = await redeem([id], `sub_${who}`);
          if (ok !== (holders.has(who) || holders.size < 3)) throw new Error(`${who} was answered ${ok}`);
          if (ok) holders.add(who);
        }
      }
      const row = await store.coupons.findById(id).lean();
      if (row?.redeemed !== holders.size) throw new Error(`${row?.redeemed} counted, ${holders.size} have it`);
    }),
    { numRuns: 30 },
  );
  t.pass();
});

test('a promotion code gives its coupon, and both count the redemption once, however often it is asked for', async (t) => {
  const { post, use, used, redeemed } = await coupons(t, spring);
  t.like(await post('/v1/promotion-codes', { code: 'spring25', couponId: 'cpn_spring' }), {
    status: 201,
    body: { code: 'SPRING25', redeemed: 0 },
  });
  t.is((await post('/v1/promotion-codes', { code: 'Spring25', couponId: 'cpn_spring' })).status, 200);

  for (let again = 0; again < 2; again += 1)
    t.like(await use('SPRING25', 'sub_1'), { ok: true, value: { applied: [{ couponId: 'cpn_spring', periodsLeft: 3 }] } });

  t.deepEqual([await used('SPRING25'), await redeemed()], [1, 1]);
});

test('of fifty who race for a code of ten places ten have it, and its coupon counts ten', async (t) => {
  const { post, use, used, redeemed } = await coupons(t, spring);
  await post('/v1/promotion-codes', { code: 'TEN', couponId: 'cpn_spring', maxRedemptions: 10 });

  const answers = await Promise.all(Array.from({ length: 50 }, (_, n) => use('TEN', `sub_${n}`)));

  t.is(answers.filter(({ ok }) => ok).length, 10);
  t.true(answers.every((answer) => answer.ok || answer.rejection.code === 'promotion-code-exhausted'));
  t.deepEqual([await used('TEN'), await redeemed()], [10, 10]);
});

test('a code that cannot be used is refused at its place, and takes no place of code or coupon', async (t) => {
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
  for (const [code, rejection, who, more] of [
    ['NONE', 'promotion-code-not-found', redeemer, []],
    ['MINE', 'promotion-code-of-another', redeemer, []],
    ['FIRST', 'promotion-code-first-time-only', known, []],
    ['LATE', 'promotion-code-expired', redeemer, []],
    ['GONE', 'promotion-code-archived', redeemer, []],
    ['OTHER-PLAN', 'coupon-plan-mismatch', redeemer, []],
    ['TWICE', 'coupon-not-found', redeemer, [{ couponId: 'cpn_none', pointer: '/promotionCodes/0' }]],
    ['TWICE', 'coupon-repeated', redeemer, [{ couponId: 'cpn_spring', pointer: '/promotionCodes/0' }]],
  ] as const)
    t.like(await use(code, 'sub_9', who, more), { ok: false, rejection: { code: rejection, pointer: '/promotionCodes/0' } }, code);

  t.true((await use('FIRST', 'sub_1')).ok, 'who is new may use it');
  t.deepEqual([await used('TWICE'), await used('OTHER-PLAN'), await redeemed()], [0, 0, 1]);
  t.like(await make('!'), { status: 422, body: { errors: [{ pointer: '/code' }] } });
  t.like(await make('LOST', { couponId: 'cpn_none' }), {
    status: 422,
    body: { code: 'coupon-not-found', errors: [{ pointer: '/couponId' }] },
  });
});
