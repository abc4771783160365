import test from 'ava';
import type { SubscriptionEvent } from '../../../actors/subscription/rules/subscription.ts';
import { cancel, declined, paid, type Step, start, uncancel, utc, wake } from '../../support/subscription-life.ts';
import { decision, linesOf } from '../../support/subscription-table.ts';

const active: Step[] = [
  [start(), '2026-03-01'],
  [paid, '2026-03-01'],
];

const closesOf = ([event]: readonly SubscriptionEvent[]) => (event?.type === 'subscription.ended' ? event.closes : undefined);

test('a cancellation without an instant ends the subscription with its paid period', decision, {
  given: active,
  when: [cancel(), '2026-03-11'],
  happens: ['cancellation-scheduled'],
  status: 'active',
  and: (t, { state }) => t.is(state.cancelAt, utc('2026-04-01')),
});

test('at the boundary the cancellation comes before the renewal', decision, {
  given: [...active, [cancel(), '2026-03-11']],
  when: [wake, '2026-04-01'],
  happens: ['ended'],
  status: 'cancelled',
  and: (t, { invoices }) => t.is(invoices.length, 0),
});

test('a late wake still ends the subscription at the scheduled instant', decision, {
  given: [...active, [cancel(), '2026-03-11']],
  when: [wake, '2026-04-09'],
  happens: ['ended'],
  and: (t, { state }) => t.is(state.endedAt, utc('2026-04-01')),
});

test('a cancellation that comes just before the wake of the boundary prevents the renewal', decision, {
  given: active,
  when: [cancel(), '2026-04-01 00:00:01'],
  happens: ['ended'],
  status: 'cancelled',
  and: (t, { invoices }) => t.is(invoices.length, 0),
});

test('a cancellation at the instant of the renewal voids an unpaid invoice', decision, {
  given: [...active, [wake, '2026-04-01']],
  when: [cancel('now'), '2026-04-01'],
  happens: ['ended'],
  and: (t, { events }) => t.deepEqual(closesOf(events), [{ invoiceId: 'inv_sub_1_2', as: 'void' }]),
});

test('a cancellation at an instant within the period ends the subscription at that instant', decision, {
  given: [...active, [cancel(utc('2026-03-21'), 'prorate'), '2026-03-11']],
  when: [wake, '2026-03-21'],
  happens: ['ended'],
  and: (t, outcome) => t.deepEqual(linesOf(outcome), ['credit -1100 2026-03-21..2026-04-01']),
});

test('a cancellation in a later period keeps the renewals before it', decision, {
  given: [...active, [cancel(utc('2026-04-10')), '2026-03-11']],
  when: [wake, '2026-04-01'],
  happens: ['renewal-due'],
});

test('a cancellation at a past instant takes effect now', decision, {
  given: active,
  when: [cancel(utc('2026-03-02')), '2026-03-11'],
  happens: ['ended'],
  and: (t, { state }) => t.is(state.endedAt, utc('2026-03-11')),
});

test('a repeated cancellation changes nothing', decision, {
  given: [...active, [cancel(), '2026-03-11']],
  when: [cancel(), '2026-03-12'],
  happens: [],
});

test('another cancellation replaces the scheduled one', decision, {
  given: [...active, [cancel(), '2026-03-11']],
  when: [cancel(utc('2026-03-20')), '2026-03-12'],
  happens: ['cancellation-scheduled'],
});

test('the cancellation of an ended subscription changes nothing', decision, {
  given: [...active, [cancel('now'), '2026-03-11']],
  when: [cancel(), '2026-03-12'],
  happens: [],
});

test('the cancellation of a trial is scheduled for the end of the trial', decision, {
  given: [[start({ trialDays: 14 }), '2026-03-01']],
  when: [cancel(), '2026-03-05'],
  happens: ['cancellation-scheduled'],
  and: (t, { state }) => t.is(state.cancelAt, utc('2026-03-15')),
});

test('a cancelled trial ends without an invoice', decision, {
  given: [
    [start({ trialDays: 14 }), '2026-03-01'],
    [cancel(), '2026-03-05'],
  ],
  when: [wake, '2026-03-15'],
  happens: ['ended'],
  status: 'cancelled',
  and: (t, { invoices }) => t.is(invoices.length, 0),
});

test('a subscription that has not started ends immediately', decision, {
  given: [[start({ startAt: utc('2026-04-01') }), '2026-03-01']],
  when: [cancel(), '2026-03-05'],
  happens: ['ended'],
  status: 'cancelled',
});

test('a subscription that was never paid ends immediately, and its invoice is void', decision, {
  given: [[start(), '2026-03-01']],
  when: [cancel(), '2026-03-01 05:00'],
  happens: ['ended'],
  and: (t, { events }) => t.deepEqual(closesOf(events), [{ invoiceId: 'inv_sub_1_1', as: 'void' }]),
});

for (const [when, moment] of [
  ['now', 'immediately'],
  ['period-end', 'with the period'],
] as const)
  test(`the reason of a cancellation is stored when the subscription ends ${moment}`, decision, {
    given: [...active, [cancel(when, 'none', 'none', 'too expensive'), '2026-03-11']],
    when: [wake, '2026-04-01'],
    happens: when === 'now' ? [] : ['ended'],
    status: 'cancelled',
    and: (t, { state }) => t.like(state, { endReason: 'cancelled', cancelReason: 'too expensive' }),
  });

test('the reason of a scheduled cancellation does not replace the failed payment that ended the subscription', decision, {
  given: [
    ...active,
    [cancel('2026-06-01T00:00:00.000Z', 'none', 'none', 'moving'), '2026-03-11'],
    [wake, '2026-04-01'],
    [declined('hard'), '2026-04-01'],
    [wake, '2026-04-08'],
  ],
  when: [wake, '2026-04-15'],
  happens: ['ended'],
  status: 'cancelled',
  and: (t, { state }) => t.like(state, { endReason: 'payment-failed', cancelReason: null }),
});

test('a scheduled cancellation can be withdrawn', decision, {
  given: [...active, [cancel(), '2026-03-11']],
  when: [uncancel, '2026-03-12'],
  happens: ['cancellation-withdrawn'],
  and: (t, { state }) => t.is(state.cancelAt, null),
});

test('after the withdrawal of a cancellation the renewal comes as before', decision, {
  given: [...active, [cancel(), '2026-03-11'], [uncancel, '2026-03-12']],
  when: [wake, '2026-04-01'],
  happens: ['renewal-due'],
});

test('the withdrawal of a cancellation is refused where none is scheduled', decision, {
  given: active,
  when: [uncancel, '2026-03-12'],
  refused: ['nothing-scheduled'],
});

test('a cancellation cannot be withdrawn after its instant, even before the wake', decision, {
  given: [...active, [cancel(), '2026-03-11']],
  when: [uncancel, '2026-04-01'],
  refused: ['subscription-ended'],
});
