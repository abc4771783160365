import test from 'ava';
import { cancel, declined, paid, pause, type Step, start, utc, wake } from '../../support/subscription-life.ts';
import { decision, linesOf } from '../../support/subscription-table.ts';

const active: Step[] = [
  [start(), '2026-03-01'],
  [paid, '2026-03-01'],
];

const paused = (credit: 'none' | 'prorate' | 'extend', until: string | null = null): Step[] => [
  ...active,
  [pause('now', { credit, until: until === null ? null : utc(until) }), '2026-03-11'],
];

test('a pause at the end of the period is scheduled', decision, {
  given: active,
  when: [pause('period-end'), '2026-03-11'],
  happens: ['pause-scheduled'],
  status: 'active',
});

test('at the boundary the pause comes before the renewal', decision, {
  given: [...active, [pause('period-end'), '2026-03-11']],
  when: [wake, '2026-04-01'],
  happens: ['paused'],
  status: 'paused',
  and: (t, { state, invoices }) => t.deepEqual([state.pausedAt, invoices.length], [utc('2026-04-01'), 0]),
});

test('a paused subscription is not billed', decision, {
  given: paused('none'),
  when: [wake, '2027-01-01'],
  happens: [],
  status: 'paused',
});

test('an immediate pause can credit the unused days', decision, {
  given: active,
  when: [pause('now', { credit: 'prorate' }), '2026-03-11'],
  happens: ['paused'],
  and: (t, outcome) => {
    t.deepEqual(linesOf(outcome), ['credit -2100 2026-03-11..2026-04-01']);
    t.deepEqual(outcome.state.openInvoices, []);
    t.is(outcome.state.paidThrough, utc('2026-03-11'));
  },
});

test('a pause cannot end before it begins', decision, {
  given: active,
  when: [pause('period-end', { until: utc('2026-04-01') }), '2026-03-11'],
  refused: ['until-too-early', '/until'],
});

test('a repeated pause changes nothing', decision, { given: paused('none'), when: [pause(), '2026-03-12'], happens: [] });

test('a pause with another end is refused during a pause', decision, {
  given: paused('none'),
  when: [pause('now', { until: utc('2026-06-01') }), '2026-03-12'],
  refused: ['wrong-status'],
});

test('a scheduled pause can be replaced', decision, {
  given: [...active, [pause('period-end'), '2026-03-11']],
  when: [pause('period-end', { until: utc('2026-06-01') }), '2026-03-12'],
  happens: ['pause-scheduled'],
});

test('a trial cannot be paused', decision, {
  given: [[start({ trialDays: 7 }), '2026-03-01']],
  when: [pause(), '2026-03-02'],
  refused: ['wrong-status'],
});

test('a subscription with an overdue payment cannot be paused', decision, {
  given: [...active, [wake, '2026-04-01'], [declined(), '2026-04-01']],
  when: [pause('period-end'), '2026-04-02'],
  refused: ['payment-outstanding'],
});

test('an immediate pause is refused while a payment is under way', decision, {
  given: [...active, [wake, '2026-04-01']],
  when: [pause(), '2026-04-01'],
  refused: ['payment-outstanding'],
});

test('a scheduled pause waits for the payment of an overdue invoice', decision, {
  given: [...active, [wake, '2026-04-01'], [pause('period-end'), '2026-04-01'], [declined('hard'), '2026-04-01']],
  when: [wake, '2026-04-07'],
  happens: [],
  status: 'past-due',
});

const suspendedOverPause: Step[] = [
  [start({ policy: { ...start().policy, graceDays: 60 } }), '2026-03-01'],
  [paid, '2026-03-01'],
  [wake, '2026-04-01'],
  [pause('period-end'), '2026-04-01'],
  [declined('hard'), '2026-04-01'],
  [wake, '2026-04-08'],
];

test('a recovery after the instant of a scheduled pause bills no stub, and pauses the subscription', decision, {
  given: suspendedOverPause,
  when: [paid, '2026-05-10'],
  happens: ['recovered', 'paused'],
  status: 'paused',
  and: (t, outcome) => t.deepEqual(linesOf(outcome), ['credit -2377 2026-04-08..2026-05-01']),
});

test('a cancellation ends a pause', decision, {
  given: [...paused('none'), [cancel(utc('2026-06-01')), '2026-04-01']],
  when: [wake, '2026-06-01'],
  happens: ['ended'],
  status: 'cancelled',
});
