import test from 'ava';
import { isCheaper } from '../../../actors/subscription/rules/pricing.ts';
import {
  basic,
  cancel,
  change,
  declined,
  monthly,
  paid,
  pause,
  premium,
  resume,
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

test('a scheduled change is billed from the boundary', decision, {
  given: [...active, [change(cheap), '2026-03-11']],
  when: [wake, '2026-04-01'],
  happens: ['changed', 'renewal-due'],
  and: (t, outcome) => {
    t.deepEqual(linesOf(outcome), ['recurring 1000 2026-04-01..2026-05-01']);
    t.is(outcome.state.scheduledChange, null);
  },
});

test('a second scheduled change replaces the first', decision, {
  given: [...active, [change(cheap), '2026-03-11']],
  when: [change(terms('plan_tiny', 100)), '2026-03-12'],
  happens: ['change-scheduled'],
  and: (t, { state }) => t.is(state.scheduledChange?.terms.plan.planId, 'plan_tiny'),
});

test('a request for the current terms withdraws a scheduled change', decision, {
  given: [...active, [change(cheap), '2026-03-11']],
  when: [change(basic), '2026-03-12'],
  happens: ['change-withdrawn'],
});

test('a request for the current terms changes nothing', decision, { given: active, when: [change(basic), '2026-03-11'], happens: [] });

test('an immediate change withdraws a scheduled one', decision, {
  given: [...active, [change(cheap), '2026-03-11']],
  when: [change(premium), '2026-03-12'],
  happens: ['changed'],
  and: (t, { state }) => t.is(state.scheduledChange, null),
});

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

test('a scheduled change of interval begins a full period at the boundary', decision, {
  given: [...active, [change(yearlyPremium, { when: 'period-end' }), '2026-03-11']],
  when: [wake, '2026-04-01'],
  happens: ['changed', 'renewal-due'],
  and: (t, outcome) => t.deepEqual(linesOf(outcome), ['recurring 62000 2026-04-01..2027-04-01']),
});

test('a change in a trial takes effect immediately and keeps the end of the trial', decision, {
  given: [[start({ trialDays: 14 }), '2026-03-01']],
  when: [change(yearlyPremium), '2026-03-05'],
  happens: ['changed'],
  status: 'trialing',
  and: (t, { state, invoices }) => t.deepEqual([state.trialEnd, invoices.length], [utc('2026-03-15'), 0]),
});

test('a change before a scheduled start takes effect immediately', decision, {
  given: [[start({ startAt: utc('2026-04-01') }), '2026-03-01']],
  when: [change(cheap), '2026-03-05'],
  happens: ['changed'],
  status: 'scheduled',
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

test('a change at the end of the period can be requested while a payment is overdue', decision, {
  given: [...active, [wake, '2026-04-01'], [declined('hard'), '2026-04-01']],
  when: [change(cheap), '2026-04-02'],
  happens: ['change-scheduled'],
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

test('a change may end a trial immediately, and is billed from then on', decision, {
  given: [[start({ trialDays: 14 }), '2026-03-01']],
  when: [change(premium, { when: 'now', trial: 'end' }), '2026-03-08'],
  happens: ['changed', 'started'],
  status: 'active',
  and: (t, outcome) => {
    t.deepEqual(linesOf(outcome), ['recurring 6200 2026-03-08..2026-04-08']);
    t.is(outcome.state.trialEnd, utc('2026-03-08'));
  },
});

test('a change cannot end a trial without a payment method', decision, {
  given: [[start({ trialDays: 14, hasPaymentMethod: false }), '2026-03-01']],
  when: [change(premium, { when: 'now', trial: 'end' }), '2026-03-08'],
  refused: ['payment-method-required'],
});

test('a scheduled change leaves a trial as it is', decision, {
  given: [[start({ trialDays: 14 }), '2026-03-01']],
  when: [change(premium, { when: utc('2026-03-10'), trial: 'end' }), '2026-03-08'],
  happens: ['change-scheduled'],
  status: 'trialing',
});

test('a change during a pause takes effect immediately and bills nothing', decision, {
  given: [...active, [pause(), '2026-03-05']],
  when: [change(premium), '2026-03-11'],
  happens: ['changed'],
  status: 'paused',
  and: (t, { invoices, state }) => {
    t.deepEqual(invoices, []);
    t.is(state.terms.plan.planId, 'plan_premium');
  },
});

test('a change during a pause is billed from the resume to the end of the period', decision, {
  given: [...active, [pause(), '2026-03-05'], [change(premium), '2026-03-11']],
  when: [resume(), '2026-03-17'],
  happens: ['resumed'],
  and: (t, outcome) => t.deepEqual(linesOf(outcome), ['credit -1500 2026-03-17..2026-04-01', 'recurring 3000 2026-03-17..2026-04-01']),
});

test('a change of interval during a pause ends the paid period at the resume, so that no time is charged twice', decision, {
  given: [...active, [pause(), '2026-03-05'], [change(yearlyPremium), '2026-03-11']],
  when: [resume(), '2026-03-17'],
  happens: ['resumed'],
  and: (t, outcome) => {
    t.deepEqual(linesOf(outcome), ['credit -1500 2026-03-17..2026-04-01', 'recurring 59282 2026-03-17..2027-03-01']);
    t.like(outcome.state.period, { end: utc('2027-03-01'), number: 2 });
  },
});

test('a change of an ended subscription is refused', decision, {
  given: [...active, [cancel('now'), '2026-03-05']],
  when: [change(premium), '2026-03-11'],
  refused: ['subscription-ended'],
});

test('a cancellation at the end of the period moves with that end', decision, {
  given: [...active, [cancel(), '2026-03-05']],
  when: [change(yearlyPremium, { when: 'now' }), '2026-03-11'],
  happens: ['changed', 'cancellation-scheduled'],
  and: (t, { state }) => t.is(state.cancelAt, utc('2027-03-11')),
});

test('a cancellation at an instant stays at that instant when the end of the period moves', decision, {
  given: [...active, [cancel(utc('2026-03-25')), '2026-03-05']],
  when: [change(yearlyPremium, { when: 'now' }), '2026-03-11'],
  happens: ['changed'],
  and: (t, { state }) => t.is(state.cancelAt, utc('2026-03-25')),
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

test('a pause at the end of the period moves with that end', decision, {
  given: [...active, [pause('period-end'), '2026-03-05']],
  when: [change(yearlyPremium, { when: 'now' }), '2026-03-11'],
  happens: ['changed', 'pause-scheduled'],
  and: (t, { state }) => t.is(state.scheduledPause?.at, utc('2027-03-11')),
});

test('a change that was scheduled before a pause is billed from the resume', decision, {
  given: [...active, [change(cheap), '2026-03-05'], [pause('period-end'), '2026-03-06'], [wake, '2026-04-01']],
  when: [resume(), '2026-04-16'],
  happens: ['changed', 'resumed'],
  and: (t, outcome) => t.deepEqual(linesOf(outcome), ['recurring 500 2026-04-16..2026-05-01']),
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
