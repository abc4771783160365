import test from 'ava';
import { discountsOn } from '../../../actors/subscription/rules/discount.ts';
import type { AppliedCoupon, Terms } from '../../../actors/subscription/rules/subscription.ts';
import type { Outcome } from '../../support/subscription-life.ts';
import { basic, cancel, change, paid, pause, premium, resume, type Step, start, terms, wake } from '../../support/subscription-life.ts';
import { decision } from '../../support/subscription-table.ts';

const coupon = (couponId: string, changes: Partial<AppliedCoupon>): AppliedCoupon => ({
  couponId,
  name: couponId,
  kind: changes.amount === undefined ? 'percent' : 'amount',
  percent: null,
  amount: null,
  periodsLeft: null,
  endsAt: null,
  planIds: null,
  ...changes,
});
const fifth = coupon('cpn_fifth', { percent: 20 });
const fiver = coupon('cpn_fiver', { amount: 500 });

/** `amount - discount` of each line. */
const chargesOf = ({ invoices }: Outcome) =>
  invoices.flatMap(({ lines }) => lines.map(({ amount, discount }) => `${amount} - ${discount}`));

const startWith = (...coupons: AppliedCoupon[]): Step => [start({ coupons }), '2026-03-01'];

test('percentage coupons apply first, then amounts, whatever the order of redemption', decision, {
  when: startWith(fiver, fifth),
  happens: ['created', 'started'],
  and: (t, outcome) => {
    t.deepEqual(chargesOf(outcome), ['3100 - 1120']);
    t.deepEqual(
      outcome.invoices[0]?.discounts.map(({ couponId, base, amount }) => [couponId, base, amount]),
      [
        ['cpn_fifth', 3100, 620],
        ['cpn_fiver', 2480, 500],
      ],
    );
  },
});

test('two percentage coupons apply one after the other, each to the remaining amount', decision, {
  when: startWith(coupon('cpn_half', { percent: 50 }), fifth),
  happens: ['created', 'started'],
  and: (t, outcome) => t.deepEqual(chargesOf(outcome), ['3100 - 1860']),
});

test('a coupon worth more than the invoice makes it free, and the rest of a single use is lost', decision, {
  when: startWith(coupon('cpn_big', { amount: 10_000, periodsLeft: 1 })),
  happens: ['created', 'started', 'activated'],
  status: 'active',
  and: (t, outcome) => {
    t.deepEqual(chargesOf(outcome), ['3100 - 3100']);
    t.deepEqual(outcome.state.coupons, []);
  },
});

test('a repeating coupon counts only invoices with something to discount', decision, {
  given: [startWith(coupon('cpn_two', { percent: 10, periodsLeft: 2 })), [paid, '2026-03-01'], [wake, '2026-04-01'], [paid, '2026-04-01']],
  when: [wake, '2026-05-01'],
  happens: ['renewal-due'],
  and: (t, outcome) => t.deepEqual(chargesOf(outcome), ['3100 - 0']),
});

test('a repeating coupon does not run during a pause', decision, {
  given: [
    startWith(coupon('cpn_two', { percent: 10, periodsLeft: 2 })),
    [paid, '2026-03-01'],
    [pause('now'), '2026-03-10'],
    [resume('keep'), '2026-06-01'],
  ],
  when: [paid, '2026-06-01'],
  happens: ['payment-recorded'],
  and: (t, { state }) => t.deepEqual(state.coupons, []),
});

test('a coupon that ends by the calendar ends in a pause too', decision, {
  given: [
    startWith(coupon('cpn_months', { percent: 20, endsAt: '2026-06-01T00:00:00.000Z' })),
    [paid, '2026-03-01'],
    [pause('now'), '2026-03-10'],
  ],
  when: [resume('keep'), '2026-06-15'],
  happens: ['resumed'],
  and: (t, { invoices }) => t.deepEqual(invoices[0]?.discounts, []),
});

test('a coupon for some plans discounts only those', decision, {
  when: [
    start({
      terms: { ...basic, addOns: [{ plan: terms('plan_sports', 1000).plan, quantity: 1 }] },
      coupons: [coupon('cpn_sports', { percent: 50, planIds: ['plan_sports'] })],
    }),
    '2026-03-01',
  ],
  happens: ['created', 'started'],
  and: (t, outcome) => t.deepEqual(chargesOf(outcome), ['3100 - 0', '1000 - 500']),
});

test('a coupon that finds nothing to discount is not used up', decision, {
  when: [start({ coupons: [coupon('cpn_other', { percent: 50, periodsLeft: 1, planIds: ['plan_other'] })] }), '2026-03-01'],
  happens: ['created', 'started'],
  and: (t, { state }) => t.is(state.coupons.length, 1),
});

test('a credit returns the price that was really charged, after the discount', decision, {
  given: [startWith(fifth), [paid, '2026-03-01']],
  when: [cancel('now', 'prorate'), '2026-03-17'],
  happens: ['ended'],
  and: (t, { invoices }) =>
    t.deepEqual(
      invoices[0]?.lines.map(({ amount }) => amount),
      [-1200],
    ),
});

test('a change credits the discounted charge and discounts the new one', decision, {
  given: [startWith(fifth), [paid, '2026-03-01']],
  when: [change(premium), '2026-03-17'],
  happens: ['changed'],
  and: (t, outcome) => t.deepEqual(chargesOf(outcome), ['-1200 - 0', '3000 - 600']),
});

test('a coupon that is applied later discounts from the next invoice on, and a second application counts once', decision, {
  given: [
    [start(), '2026-03-01'],
    [paid, '2026-03-01'],
    [{ type: 'applyCoupon', coupon: fifth }, '2026-03-10'],
  ],
  when: [wake, '2026-04-01'],
  happens: ['renewal-due'],
  and: (t, outcome) => t.deepEqual(chargesOf(outcome), ['3100 - 620']),
});

test('a coupon that was removed discounts nothing more', decision, {
  given: [startWith(fifth), [paid, '2026-03-01'], [{ type: 'removeCoupon', couponId: 'cpn_fifth' }, '2026-03-10']],
  when: [wake, '2026-04-01'],
  happens: ['renewal-due'],
  and: (t, outcome) => t.deepEqual(chargesOf(outcome), ['3100 - 0']),
});

test('a discount is spread over the lines by amount, and the remaining cents go to the largest remainders', (t) => {
  const line = (planId: string, amount: number) => {
    const bought: Terms = terms(planId, amount);
    return {
      kind: 'recurring' as const,
      planId: bought.plan.planId,
      planVersion: 1,
      name: {},
      quantity: 1,
      amount,
      discount: 0,
      period: { start: '', end: '' },
      explanation: { rule: 'full-period' as const, unit: 'day' as const, numerator: 1, denominator: 1, base: amount },
      creditedInvoiceId: null,
    };
  };
  const [discount] = discountsOn(
    [line('plan_a', 1000), line('plan_b', 1000), line('plan_c', 1000)],
    [coupon('cpn_one', { amount: 100 })],
    '',
  );
  t.deepEqual(discount?.shares, [34, 33, 33]);
});

for (const [former, step] of [
  ['used up', [wake, '2026-04-01']],
  ['removed', [{ type: 'removeCoupon', couponId: 'cpn_once' }, '2026-03-10']],
] as const)
  test(`a coupon that was ${former} is not applied a second time`, decision, {
    given: [startWith(coupon('cpn_once', { percent: 50, periodsLeft: former === 'used up' ? 1 : 3 })), [paid, '2026-03-01'], step as Step],
    when: [{ type: 'applyCoupon', coupon: coupon('cpn_once', { percent: 50, periodsLeft: 1 }) }, '2026-04-02'],
    refused: ['coupon-used', '/couponId'],
  });
