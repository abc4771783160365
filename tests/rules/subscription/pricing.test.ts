import test from 'ava';
import fc from 'fast-check';
import { priceOf } from '../../../actors/subscription/rules/pricing.ts';
import type { Terms, Tier } from '../../../actors/subscription/rules/subscription.ts';
import { allocate } from '../../../services/shared/money.ts';
import { basic, cancel, change, paid, premium, type Step, start, terms, wake } from '../../support/subscription-life.ts';
import { decision, linesOf } from '../../support/subscription-table.ts';

const priced = (bought: Terms, plan: Partial<Terms['plan']>, quantity = 1): Terms => ({
  ...bought,
  plan: { ...bought.plan, ...plan },
  quantity,
});
const tiers: readonly Tier[] = [
  { upTo: 2, amount: 500 },
  { upTo: null, amount: 400 },
];

test('graduated tiers: each unit has the price of its own tier', (t) => {
  const costs = [1, 2, 3, 5].map((quantity) => priceOf(priced(basic, { tiers }, quantity), 0));
  t.deepEqual(costs, [500, 1000, 1400, 2200]);
});

test('law: a graduated price is the sum of the prices of its units, one by one', (t) => {
  const tierList = fc
    .uniqueArray(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 })
    .chain((ends) => fc.tuple(fc.constant(ends.sort((a, b) => a - b)), fc.array(fc.nat(10_000), { minLength: 6, maxLength: 6 })))
    .map(([ends, amounts]) => [...ends, null].map((upTo, index) => ({ upTo, amount: amounts[index] ?? 0 })));
  fc.assert(
    fc.property(tierList, fc.integer({ min: 1, max: 60 }), (list, quantity) => {
      const unit = (n: number) => list.find(({ upTo }) => upTo === null || n <= upTo)?.amount ?? 0;
      const oneByOne = Array.from({ length: quantity }, (_, index) => unit(index + 1)).reduce((sum, amount) => sum + amount, 0);
      return priceOf(priced(basic, { tiers: list }, quantity), 0) === oneByOne;
    }),
  );
  t.pass();
});

test('law: a split divides every minor unit, gives none to a part without weight, and each part is less than one unit from its exact share', (t) => {
  fc.assert(
    fc.property(fc.nat(1_000_000_000), fc.array(fc.nat(1_000_000_000), { minLength: 1, maxLength: 20 }), (total, weights) => {
      const sum = weights.reduce((all, weight) => all + weight, 0);
      const shares = allocate(sum === 0 ? 0 : total, weights);
      const isFair = shares.every((share, index) => {
        const exact = sum === 0 ? 0 : (total * (weights[index] ?? 0)) / sum;
        return Math.abs(share - exact) < 1.000001 && (weights[index] !== 0 || share === 0);
      });
      return isFair && shares.reduce((all, share) => all + share, 0) === (sum === 0 ? 0 : total);
    }),
  );
  t.pass();
});

const introduced = priced(basic, { phases: [{ periods: 3, amount: 499 }] });
const months: Step[] = [
  [start({ terms: introduced }), '2026-01-01'],
  [paid, '2026-01-01'],
  [wake, '2026-02-01'],
  [paid, '2026-02-01'],
];

test('an introductory price applies to its periods', decision, {
  given: months,
  when: [wake, '2026-03-01'],
  happens: ['renewal-due'],
  and: (t, outcome) => t.deepEqual(linesOf(outcome), ['recurring 499 2026-03-01..2026-04-01']),
});

test('after the introductory periods the list price is billed', decision, {
  given: [...months, [wake, '2026-03-01'], [paid, '2026-03-01']],
  when: [wake, '2026-04-01'],
  happens: ['renewal-due'],
  and: (t, outcome) => t.deepEqual(linesOf(outcome), ['recurring 3100 2026-04-01..2026-05-01']),
});

test('a higher quantity in an introductory period costs the introductory price', decision, {
  given: months,
  when: [change({ ...introduced, quantity: 2 }), '2026-02-15'],
  happens: ['changed'],
  and: (t, outcome) => t.deepEqual(linesOf(outcome), ['credit -250 2026-02-15..2026-03-01', 'recurring 499 2026-02-15..2026-03-01']),
});

test('another plan begins its own introductory periods', decision, {
  given: months,
  when: [change(priced(premium, { phases: [{ periods: 1, amount: 2800 }] })), '2026-02-15'],
  happens: ['changed'],
  and: (t, outcome) => t.deepEqual(linesOf(outcome), ['credit -250 2026-02-15..2026-03-01', 'recurring 1400 2026-02-15..2026-03-01']),
});

const committed = priced(basic, { commitment: { periods: 12, exitFee: 5000 } });

test('a customer who leaves a commitment early pays its fee', decision, {
  given: [
    [start({ terms: committed }), '2026-01-01'],
    [paid, '2026-01-01'],
  ],
  when: [cancel('now'), '2026-01-15'],
  happens: ['ended'],
  status: 'cancelled',
  and: (t, { invoices, state }) => {
    t.deepEqual(
      invoices[0]?.lines.map(({ kind, amount, explanation }) => [kind, amount, explanation.rule]),
      [['one-off', 5000, 'early-exit']],
    );
    t.deepEqual(
      state.openInvoices.map(({ invoiceId, pending }) => [invoiceId, pending]),
      [['inv_sub_1_c4', false]],
    );
  },
});

test('a cancellation at the end of the commitment costs no fee', decision, {
  given: [
    [start({ terms: priced(basic, { commitment: { periods: 1, exitFee: 5000 } }) }), '2026-01-01'],
    [paid, '2026-01-01'],
    [cancel('period-end'), '2026-01-10'],
  ],
  when: [wake, '2026-02-01'],
  happens: ['ended'],
  and: (t, { invoices }) => t.deepEqual(invoices, []),
});

test('a subscription that was never paid owes no fee', decision, {
  given: [[start({ terms: committed }), '2026-01-01']],
  when: [cancel('now'), '2026-01-01 10:00'],
  happens: ['ended'],
  and: (t, { invoices }) => t.deepEqual(invoices, []),
});

test('a fixed term bills its last period only up to its end, and then expires', decision, {
  given: [
    [start({ terms: terms('plan_two', 4000, { unit: 'year', count: 2 }), endsAt: '2024-12-01T00:00:00.000Z' }), '2021-12-01'],
    [paid, '2021-12-01'],
  ],
  when: [wake, '2023-12-01'],
  happens: ['renewal-due'],
  and: (t, outcome) => t.deepEqual(linesOf(outcome), ['recurring 2003 2023-12-01..2024-12-01']),
});

test('at the end of a fixed term nothing more is billed', decision, {
  given: [
    [start({ endsAt: '2026-02-01T00:00:00.000Z' }), '2026-01-01'],
    [paid, '2026-01-01'],
  ],
  when: [wake, '2026-02-01'],
  happens: ['ended'],
  status: 'expired',
  and: (t, { state }) => t.is(state.endReason, 'term-over'),
});

test('a fixed term that ends before it starts is refused', decision, {
  when: [start({ endsAt: '2025-12-31T00:00:00.000Z' }), '2026-01-01'],
  refused: ['ends-too-early', '/endsAt'],
});
