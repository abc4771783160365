import test from 'ava';
import {
  basic,
  cancel,
  change,
  paid,
  pause,
  premium,
  resume,
  type Step,
  start,
  terms,
  utc,
  wake,
} from '../../support/subscription-life.ts';
import { decision, linesOf } from '../../support/subscription-table.ts';

const active: Step[] = [
  [start(), '2026-03-01'],
  [paid, '2026-03-01'],
];

const paused = (credit: 'none' | 'prorate' | 'extend', until: string | null = null): Step[] => [
  ...active,
  [pause('now', { credit, until: until === null ? null : utc(until) }), '2026-03-11'],
];

test('after a pause with credit, the time from the resume to the boundary is billed', decision, {
  given: paused('prorate'),
  when: [resume(), '2026-03-21'],
  happens: ['resumed'],
  status: 'active',
  and: (t, outcome) => t.deepEqual(linesOf(outcome), ['recurring 1100 2026-03-21..2026-04-01']),
});

test('a paid period that has not ended continues after the resume', decision, {
  given: paused('none'),
  when: [resume(), '2026-03-21'],
  happens: ['resumed'],
  and: (t, { state, invoices }) => t.deepEqual([state.period?.end, state.period?.number, invoices.length], [utc('2026-04-01'), 1, 0]),
});

test('a resume after the period is billed up to the former boundary', decision, {
  given: paused('none'),
  when: [resume(), '2026-05-11'],
  happens: ['resumed'],
  and: (t, outcome) => {
    t.deepEqual(linesOf(outcome), ['recurring 2100 2026-05-11..2026-06-01']);
    t.is(outcome.state.period?.number, 2);
  },
});

test('a resume exactly at a boundary bills the whole period', decision, {
  given: paused('none'),
  when: [resume(), '2026-05-01'],
  happens: ['resumed'],
  and: (t, outcome) => t.is(outcome.invoices[0]?.lines[0]?.explanation.rule, 'full-period'),
});

test('a resume can set a new anchor', decision, {
  given: paused('prorate'),
  when: [resume('reset'), '2026-05-11 08:00'],
  happens: ['resumed'],
  and: (t, outcome) => t.deepEqual(linesOf(outcome), ['recurring 3100 2026-05-11..2026-06-11']),
});

test('a resume with a new anchor within a paid period credits the rest of that period', decision, {
  given: paused('none'),
  when: [resume('reset'), '2026-03-21'],
  happens: ['resumed'],
  and: (t, outcome) => t.deepEqual(linesOf(outcome), ['credit -1100 2026-03-21..2026-04-01', 'recurring 3100 2026-03-21..2026-04-21']),
});

test('the extended time comes first after the resume, and the boundary moves to its end', decision, {
  given: paused('extend'),
  when: [resume(), '2026-05-01 06:00'],
  happens: ['resumed'],
  and: (t, { state, invoices }) => {
    t.deepEqual(state.period, { start: utc('2026-05-01 06:00'), end: utc('2026-05-22 06:00'), number: 2 });
    t.deepEqual([state.paidThrough, invoices.length], [utc('2026-05-22 06:00'), 0]);
  },
});

test('after the extended time the renewal bills the whole period', decision, {
  given: [...paused('extend'), [resume(), '2026-05-01 06:00']],
  when: [wake, '2026-05-22 06:00'],
  happens: ['renewal-due'],
  and: (t, outcome) => t.deepEqual(linesOf(outcome), ['recurring 3100 2026-05-22..2026-06-22']),
});

test('extended time within one single day is still credited by a change', decision, {
  given: [
    [start({ terms: terms('plan_day', 200, { unit: 'day', count: 1 }), anchor: { day: 1, month: null } }), '2026-03-01 12:00'],
    [paid, '2026-03-01 12:00'],
    [pause('now', { credit: 'extend' }), '2026-03-01 12:00'],
    [resume(), '2026-03-02 10:00'],
  ],
  when: [change(basic, { when: 'now' }), '2026-03-02 16:00'],
  happens: ['changed'],
  and: (t, outcome) => t.deepEqual(linesOf(outcome), ['credit -100 2026-03-02..2026-03-02', 'recurring 3100 2026-03-02..2026-04-02']),
});

test('a pause with an end is resumed automatically', decision, {
  given: paused('none', '2026-05-01'),
  when: [wake, '2026-05-01'],
  happens: ['resumed'],
  status: 'active',
});

test('a resume withdraws a scheduled pause', decision, {
  given: [...active, [pause('period-end'), '2026-03-11']],
  when: [resume(), '2026-03-12'],
  happens: ['pause-withdrawn'],
});

test('the resume of a subscription that is not paused is refused', decision, {
  given: active,
  when: [resume(), '2026-03-12'],
  refused: ['wrong-status'],
});

test('a scheduled cancellation moves with the time that a pause extended', decision, {
  given: [...active, [cancel(), '2026-03-05'], [pause('now', { credit: 'extend' }), '2026-03-11']],
  when: [resume(), '2026-03-21'],
  happens: ['resumed', 'cancellation-scheduled'],
  and: (t, { state }) => t.is(state.cancelAt, utc('2026-04-11')),
});

test('a scheduled change moves with the time that a pause extended', decision, {
  given: [...active, [change(terms('plan_cheap', 1000)), '2026-03-05'], [pause('now', { credit: 'extend' }), '2026-03-11']],
  when: [resume(), '2026-03-21'],
  happens: ['resumed', 'change-scheduled'],
  and: (t, { state }) => t.is(state.scheduledChange?.at, utc('2026-04-11')),
});

test('a free plan resumes without a payment', decision, {
  given: [
    [start({ terms: terms('plan_free', 0) }), '2026-03-01'],
    [pause(), '2026-03-11'],
  ],
  when: [resume(), '2026-04-11'],
  happens: ['resumed', 'payment-recorded'],
  status: 'active',
});

test('an upgrade after a resumed period credits the charge of that period', decision, {
  given: [...paused('none'), [resume(), '2026-03-21']],
  when: [change(premium), '2026-03-22'],
  happens: ['changed'],
  and: (t, outcome) => {
    t.deepEqual(linesOf(outcome), ['credit -1000 2026-03-22..2026-04-01', 'recurring 2000 2026-03-22..2026-04-01']);
    t.not(outcome.state.terms, basic);
  },
});
