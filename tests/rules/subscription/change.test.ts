import test from 'ava';
import { isCheaper } from '../../../actors/subscription/rules/pricing.ts';
import {
  basic,
  cancel,
  change,
  declined,
  monthly,
  paid,
  premium,
  type Step,
  start,
  terms,
  uncancel,
  utc,
  wake,
  yearly,
} from '../../support/subscription-life.ts';
import { decision, linesOf } from '../../support/subscription-table.ts';

const active: Step[] = [
  [start(), '2026-03-01'],
  [paid, '2026-03-01'],
];

const yearlyPremium = terms('plan_premium_year', 62_000, yearly);

const cheap = terms('plan_cheap', 1000);

test('an upgrade takes effect immediately: unused time is credited, and the rest of the period is charged', decision, {
  given: active,
  when: [change(premium), '2026-03-11 15:00'],
  happens: ['changed'],
  status: 'active',
  and: (t, outcome) => {
    t.deepEqual(linesOf(outcome), ['credit -2100 2026-03-11..2026-04-01', 'recurring 4200 2026-03-11..2026-04-01']);
    t.deepEqual([outcome.invoices[0]?.invoiceId, outcome.invoices[0]?.cause], ['inv_sub_1_c4', 'change']);
    t.deepEqual(outcome.state.period, { start: utc('2026-03-01'), end: utc('2026-04-01'), number: 1 });
  },
});

test('the payment of an upgrade is recorded, and the next renewal bills the whole period', decision, {
  given: [...active, [change(premium), '2026-03-11'], [paid, '2026-03-11']],
  when: [wake, '2026-04-01'],
  happens: ['renewal-due'],
  and: (t, outcome) => t.deepEqual(linesOf(outcome), ['recurring 6200 2026-04-01..2026-05-01']),
});

test('a second upgrade on the same day credits the whole charge of the first', decision, {
  given: [...active, [change(premium), '2026-03-11 10:00'], [paid, '2026-03-11 10:00']],
  when: [change(terms('plan_max', 9300)), '2026-03-11 18:00'],
  happens: ['changed'],
  and: (t, outcome) => t.deepEqual(linesOf(outcome), ['credit -4200 2026-03-11..2026-04-01', 'recurring 6300 2026-03-11..2026-04-01']),
});

test('a change that costs nothing is settled in the same turn', decision, {
  given: active,
  when: [change(cheap, { when: 'now' }), '2026-03-11'],
  happens: ['changed', 'payment-recorded'],
  and: (t, outcome) => {
    t.deepEqual(linesOf(outcome), ['credit -2100 2026-03-11..2026-04-01', 'recurring 677 2026-03-11..2026-04-01']);
    t.deepEqual(outcome.state.openInvoices, []);
  },
});

test('a downgrade waits for the end of the period', decision, {
  given: active,
  when: [change(cheap), '2026-03-11'],
  happens: ['change-scheduled'],
  and: (t, { state }) => t.is(state.scheduledChange?.at, utc('2026-04-01')),
});

test('a request for the current terms changes nothing', decision, { given: active, when: [change(basic), '2026-03-11'], happens: [] });

test('a higher quantity is an upgrade', decision, {
  given: active,
  when: [change({ ...basic, quantity: 2 }), '2026-03-11'],
  happens: ['changed'],
});

test('a lower quantity waits for the end of the period', decision, {
  given: [
    [start({ terms: { ...basic, quantity: 3 } }), '2026-03-01'],
    [paid, '2026-03-01'],
  ],
  when: [change({ ...basic, quantity: 2 }), '2026-03-11'],
  happens: ['change-scheduled'],
});

test('a year at the price of twelve months is neither dearer nor cheaper per day', (t) => {
  t.false(isCheaper(terms('a', 1000, monthly), terms('b', 12_000, yearly)));
  t.false(isCheaper(terms('b', 12_000, yearly), terms('a', 1000, monthly)));
  t.true(isCheaper(terms('a', 1000, monthly), terms('b', 11_999, yearly)));
  t.true(isCheaper(terms('a', 700, { unit: 'week', count: 1 }), terms('b', 99, { unit: 'day', count: 1 })));
});

test('a change of interval sets a new anchor by default', decision, {
  given: active,
  when: [change(yearlyPremium, { when: 'now' }), '2026-03-11 15:00'],
  happens: ['changed'],
  and: (t, outcome) => {
    t.deepEqual(linesOf(outcome), ['credit -2100 2026-03-11..2026-04-01', 'recurring 62000 2026-03-11..2027-03-11']);
    t.deepEqual(outcome.state.period, { start: utc('2026-03-11 15:00'), end: utc('2027-03-11 15:00'), number: 2 });
  },
});

test('a change of interval that keeps the anchor begins with a stub', decision, {
  given: active,
  when: [change(terms('plan_quarter', 9000, { unit: 'month', count: 3 }), { when: 'now', anchor: 'keep' }), '2026-03-11'],
  happens: ['changed'],
  and: (t, outcome) => {
    t.deepEqual(linesOf(outcome), ['credit -2100 2026-03-11..2026-04-01', 'recurring 8022 2026-03-11..2026-06-01']);
    t.is(outcome.state.period?.number, 2);
  },
});

test('after a change from a year to a month, the returned time counts as unpaid', decision, {
  given: [
    [start({ terms: yearlyPremium }), '2026-03-01'],
    [paid, '2026-03-01'],
  ],
  when: [change(cheap, { when: 'now', anchor: 'keep' }), '2026-03-11'],
  happens: ['changed', 'payment-recorded'],
  and: (t, { state }) => t.is(state.paidThrough, utc('2026-04-01')),
});

test('without proration the new terms apply immediately and are billed from the next period', decision, {
  given: [...active, [change(premium, { proration: 'none' }), '2026-03-11']],
  when: [wake, '2026-04-01'],
  happens: ['renewal-due'],
  and: (t, outcome) => t.deepEqual(linesOf(outcome), ['recurring 6200 2026-04-01..2026-05-01']),
});

test('without proration another interval begins where the paid period ends', decision, {
  given: [...active, [change(yearlyPremium, { when: 'now', proration: 'none' }), '2026-03-11']],
  when: [wake, '2026-04-01'],
  happens: ['renewal-due'],
  and: (t, outcome) => t.deepEqual(linesOf(outcome), ['recurring 62000 2026-04-01..2027-04-01']),
});

test('an immediate change is refused until the open invoice is paid', decision, {
  given: [...active, [wake, '2026-04-01'], [declined('hard'), '2026-04-01']],
  when: [change(premium), '2026-04-02'],
  refused: ['payment-outstanding'],
});

test('an immediate change that comes before the wake of the boundary is refused until that renewal is paid', decision, {
  given: active,
  when: [change(premium), '2026-04-01 00:00:01'],
  refused: ['payment-outstanding'],
});

test('a change to another currency is refused', decision, {
  given: active,
  when: [change(terms('plan_dollar', 1000, monthly, 1, 'USD')), '2026-03-11'],
  refused: ['currency-mismatch', '/planId'],
});

test('a change to a plan with another tax behaviour is refused after billing has started', decision, {
  given: active,
  when: [change({ ...premium, plan: { ...premium.plan, taxBehaviour: 'exclusive' } }), '2026-03-11'],
  refused: ['tax-behaviour-mismatch', '/planId'],
});

test('a quantity that the plan does not sell is refused', decision, {
  given: active,
  when: [change({ ...premium, quantity: 0 }), '2026-03-11'],
  refused: ['quantity-out-of-range', '/quantity'],
});

test('a change to a yearly interval may keep the billing day, and the year begins in this month', decision, {
  given: active,
  when: [change(yearlyPremium, { when: 'now', anchor: 'day' }), '2026-03-11'],
  happens: ['changed'],
  and: (t, outcome) => t.deepEqual(linesOf(outcome), ['credit -2100 2026-03-11..2026-04-01', 'recurring 60301 2026-03-11..2027-03-01']),
});

test('a change of an ended subscription is refused', decision, {
  given: [...active, [cancel('now'), '2026-03-05']],
  when: [change(premium), '2026-03-11'],
  refused: ['subscription-ended'],
});

test('a change in the last hours of the last day makes no invoice', decision, {
  given: [
    [start(), '2026-03-01 10:00'],
    [paid, '2026-03-01 10:00'],
  ],
  when: [change(premium), '2026-04-01 08:00'],
  happens: ['changed'],
  and: (t, { state, invoices }) => t.deepEqual([state.terms, invoices.length], [premium, 0]),
});

test('a start, a change and a cancellation on one day lose nothing', decision, {
  given: [...active, [change(premium), '2026-03-01 11:00'], [paid, '2026-03-01 11:00']],
  when: [cancel('now', 'prorate'), '2026-03-01 12:00'],
  happens: ['ended'],
  and: (t, outcome) => t.deepEqual(linesOf(outcome), ['credit -6200 2026-03-01..2026-04-01']),
});

test('a change keeps a cancellation at an instant', decision, {
  given: [...active, [cancel(utc('2026-05-10')), '2026-03-05'], [change(premium), '2026-03-06'], [paid, '2026-03-06']],
  when: [uncancel, '2026-03-07'],
  happens: ['cancellation-withdrawn'],
});
