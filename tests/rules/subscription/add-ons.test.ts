import test from 'ava';
import { entitlementsOf } from '../../../actors/subscription/rules/pricing.ts';
import type { Item, Terms } from '../../../actors/subscription/rules/subscription.ts';
import { basic, cancel, change, paid, premium, type Step, start, terms, wake, yearly } from '../../support/subscription-life.ts';
import { decision, linesOf } from '../../support/subscription-table.ts';

const addOn = (planId: string, amount: number, quantity = 1): Item => {
  const { plan } = terms(planId, amount);
  return { plan, quantity };
};
const sports = addOn('plan_sports', 1550);
const kids = addOn('plan_kids', 620);
const withAddOns = (bought: Terms, ...addOns: Item[]): Terms => ({ ...bought, addOns });

const active: Step[] = [
  [start({ terms: withAddOns(basic, sports) }), '2026-03-01'],
  [paid, '2026-03-01'],
];

test('an add-on is billed on the invoice of its plan', decision, {
  when: [start({ terms: withAddOns(basic, sports) }), '2026-03-01'],
  happens: ['created', 'started'],
  and: (t, outcome) => t.deepEqual(linesOf(outcome), ['recurring 3100 2026-03-01..2026-04-01', 'add-on 1550 2026-03-01..2026-04-01']),
});

test('an add-on that is added within the period is charged alone, for the rest of the period', decision, {
  given: active,
  when: [change(withAddOns(basic, sports, kids), { when: 'now' }), '2026-03-17'],
  happens: ['changed'],
  and: (t, outcome) => t.deepEqual(linesOf(outcome), ['add-on 300 2026-03-17..2026-04-01']),
});

test('an add-on that is removed immediately is credited alone', decision, {
  given: active,
  when: [change(basic, { when: 'now' }), '2026-03-17'],
  happens: ['changed'],
  and: (t, outcome) => t.deepEqual(linesOf(outcome), ['credit -750 2026-03-17..2026-04-01']),
});

test('the removal of an add-on waits for the end of the period, because it lowers the price', decision, {
  given: active,
  when: [change(basic), '2026-03-17'],
  happens: ['change-scheduled'],
});

test('a change of plan leaves an add-on unchanged that is charged to the same end', decision, {
  given: active,
  when: [change(withAddOns(premium, sports)), '2026-03-17'],
  happens: ['changed'],
  and: (t, outcome) => t.deepEqual(linesOf(outcome), ['credit -1500 2026-03-17..2026-04-01', 'recurring 3000 2026-03-17..2026-04-01']),
});

test('a higher quantity of an add-on credits the former quantity and charges the new one', decision, {
  given: active,
  when: [change(withAddOns(basic, { ...sports, quantity: 2 })), '2026-03-17'],
  happens: ['changed'],
  and: (t, outcome) => t.deepEqual(linesOf(outcome), ['credit -750 2026-03-17..2026-04-01', 'add-on 1500 2026-03-17..2026-04-01']),
});

test('an add-on that is added and removed on one day costs nothing', decision, {
  given: [...active, [change(withAddOns(basic, sports, kids), { when: 'now' }), '2026-03-17'], [paid, '2026-03-17']],
  when: [change(withAddOns(basic, sports), { when: 'now' }), '2026-03-17 12:00'],
  happens: ['changed'],
  and: (t, outcome) => t.deepEqual(linesOf(outcome), ['credit -300 2026-03-17..2026-04-01']),
});

test('the renewal bills the plan and every add-on', decision, {
  given: [...active, [change(withAddOns(basic, sports, kids), { when: 'now' }), '2026-03-17'], [paid, '2026-03-17']],
  when: [wake, '2026-04-01'],
  happens: ['renewal-due'],
  and: (t, outcome) =>
    t.deepEqual(linesOf(outcome), [
      'recurring 3100 2026-04-01..2026-05-01',
      'add-on 1550 2026-04-01..2026-05-01',
      'add-on 620 2026-04-01..2026-05-01',
    ]),
});

test('a cancellation with credit returns the unused time of the plan and of each add-on', decision, {
  given: active,
  when: [cancel('now', 'prorate'), '2026-03-17'],
  happens: ['ended'],
  and: (t, outcome) => t.deepEqual(linesOf(outcome), ['credit -1500 2026-03-17..2026-04-01', 'credit -750 2026-03-17..2026-04-01']),
});

test('an add-on that is named twice is refused', decision, {
  when: [start({ terms: withAddOns(basic, sports, sports) }), '2026-03-01'],
  refused: ['add-on-repeated', '/addOns/1/planId'],
});

test('an add-on with another interval than its plan is refused', decision, {
  when: [start({ terms: withAddOns(terms('plan_year', 30_000, yearly), sports) }), '2026-03-01'],
  refused: ['interval-mismatch', '/addOns/0/planId'],
});

test('an add-on in another currency is refused', decision, {
  given: active,
  when: [change(withAddOns(basic, { plan: terms('plan_us', 500, undefined, 1, 'USD').plan, quantity: 1 })), '2026-03-17'],
  refused: ['currency-mismatch', '/addOns/0/planId'],
});

test('a quantity of an add-on above its maximum is refused, with a pointer to it', decision, {
  given: active,
  when: [change(withAddOns(basic, kids, { ...sports, quantity: 11 })), '2026-03-17'],
  refused: ['quantity-out-of-range', '/addOns/1/quantity'],
});

test('an add-on extends the entitlements of the plan: lists are joined, and its other values replace those of the plan', (t) => {
  const plan = { ...basic.plan, entitlements: { maxStreams: 2, catalogues: ['core'], ads: true } };
  const added = { ...sports, plan: { ...sports.plan, entitlements: { catalogues: ['sports', 'core'], ads: false } } };
  t.deepEqual(entitlementsOf({ plan, quantity: 1, addOns: [added] }), { maxStreams: 2, catalogues: ['core', 'sports'], ads: false });
});
