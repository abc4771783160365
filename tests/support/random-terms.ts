import fc from 'fast-check';
import type { AppliedCoupon, BillingInterval, Commitment, Phase, Terms, Tier } from '../../actors/subscription/rules/subscription.ts';
import { type Instant, instantOfMillis, millisOf } from '../../services/shared/time.ts';
import { terms } from './subscription-life.ts';

const minute = 60_000;

/**
 * Zones with unusual clock changes: half-hour daylight saving time, a missing day, midnight
 * changes, odd offsets, Ramadan.
 */
export const zoneArbitrary = fc.constantFrom(
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'Pacific/Apia',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  'America/Sao_Paulo',
  'America/Nuuk',
  'Asia/Beirut',
  'Africa/Casablanca',
);

export const cadenceArbitrary: fc.Arbitrary<BillingInterval> = fc.record({
  unit: fc.constantFrom<BillingInterval['unit']>('day', 'week', 'month', 'year'),
  count: fc.integer({ min: 1, max: 14 }),
});

export const instantArbitrary = (from: string, to: string): fc.Arbitrary<Instant> =>
  fc
    .integer({ min: millisOf(`${from}T00:00:00.000Z`) / minute, max: millisOf(`${to}T00:00:00.000Z`) / minute })
    .map((at) => instantOfMillis(at * minute));

const amountArbitrary = fc.oneof(fc.constantFrom(0, 1), fc.integer({ min: 2, max: 100_000 }));
/** The value in a quarter of all cases, else the other one. */
export const rarely = <Value>(value: fc.Arbitrary<Value>, otherwise: Value) =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(otherwise) }, { weight: 1, arbitrary: value });

const tiersArbitrary: fc.Arbitrary<readonly Tier[]> = fc
  .record({ first: amountArbitrary, second: amountArbitrary, upTo: fc.integer({ min: 1, max: 9 }) })
  .map(({ first, second, upTo }) => [
    { upTo, amount: first },
    { upTo: null, amount: second },
  ]);

const phasesArbitrary: fc.Arbitrary<readonly Phase[]> = fc.array(
  fc.record({ periods: fc.integer({ min: 1, max: 3 }), amount: amountArbitrary }),
  { minLength: 1, maxLength: 2 },
);

const commitmentArbitrary = fc.record({ periods: fc.integer({ min: 1, max: 12 }), exitFee: amountArbitrary });

const addOnArbitrary = fc.record({
  id: fc.constantFrom('plan_sports', 'plan_kids', 'plan_news'),
  amount: amountArbitrary,
  quantity: fc.integer({ min: 1, max: 3 }),
});

export const termsArbitrary: fc.Arbitrary<Terms> = fc
  .record({
    plan: fc.constantFrom('plan_a', 'plan_b', 'plan_c'),
    amount: amountArbitrary,
    cadence: fc.oneof(fc.constantFrom<BillingInterval>({ unit: 'month', count: 1 }, { unit: 'year', count: 1 }), cadenceArbitrary),
    quantity: fc.integer({ min: 1, max: 10 }),
    tiers: rarely(tiersArbitrary, []),
    phases: rarely(phasesArbitrary, []),
    commitment: rarely<Commitment | null>(commitmentArbitrary, null),
    addOns: rarely(fc.uniqueArray(addOnArbitrary, { selector: ({ id }) => id, maxLength: 2 }), []),
  })
  .map(({ plan, amount, cadence, quantity, tiers, phases, commitment, addOns }) => {
    const bought = terms(plan, amount, cadence, quantity);
    return {
      ...bought,
      plan: { ...bought.plan, tiers, phases, commitment },
      addOns: addOns
        .map((addOn) => terms(addOn.id, addOn.amount, cadence, addOn.quantity))
        .map(({ plan, quantity }) => ({ plan, quantity })),
    };
  });

export const couponArbitrary: fc.Arbitrary<AppliedCoupon> = fc
  .record({
    couponId: fc.constantFrom('cpn_a', 'cpn_b', 'cpn_c'),
    percent: fc.option(fc.integer({ min: 1, max: 10_000 }).map((hundredths) => hundredths / 100)),
    amount: fc.integer({ min: 0, max: 50_000 }),
    periodsLeft: fc.option(fc.integer({ min: 1, max: 4 })),
    endsAt: fc.option(instantArbitrary('2024-03-01', '2026-01-01'), { freq: 1 }),
    planIds: fc.option(fc.constantFrom(['plan_a'], ['plan_sports', 'plan_b'])),
  })
  .map(({ percent, amount, ...coupon }) => ({
    ...coupon,
    name: coupon.couponId,
    kind: percent === null ? 'amount' : 'percent',
    percent,
    amount: percent === null ? amount : null,
  }));
