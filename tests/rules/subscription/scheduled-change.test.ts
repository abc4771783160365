import test from 'ava';
import {
  basic,
  cancel,
  change,
  declined,
  paid,
  pause,
  premium,
  resume,
  type Step,
  start,
  terms,
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

test('an immediate change withdraws a scheduled one', decision, {
  given: [...active, [change(cheap), '2026-03-11']],
  when: [change(premium), '2026-03-12'],
  happens: ['changed'],
  and: (t, { state }) => t.is(state.scheduledChange, null),
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

test('a change at the end of the period can be requested while a payment is overdue', decision, {
  given: [...active, [wake, '2026-04-01'], [declined('hard'), '2026-04-01']],
  when: [change(cheap), '2026-04-02'],
  happens: ['change-scheduled'],
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
