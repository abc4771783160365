import test from 'ava';
import type { SubscriptionEvent } from '../../../actors/subscription/rules/subscription.ts';
import {
  cancel,
  change,
  declined,
  paid,
  pause,
  premium,
  resume,
  type Step,
  start,
  uncancel,
  utc,
  wake,
} from '../../support/subscription-life.ts';
import { decision, linesOf } from '../../support/subscription-table.ts';

const active: Step[] = [
  [start(), '2026-03-01'],
  [paid, '2026-03-01'],
];

const closesOf = ([event]: readonly SubscriptionEvent[]) => (event?.type === 'subscription.ended' ? event.closes : undefined);

test('by default it ends with the period that is paid', decision, {
  given: active,
  when: [cancel(), '2026-03-11'],
  happens: ['cancellation-scheduled'],
  status: 'active',
  and: (t, { state }) => t.is(state.cancelAt, utc('2026-04-01')),
});

test('at the boundary the cancellation wins over the renewal', decision, {
  given: [...active, [cancel(), '2026-03-11']],
  when: [wake, '2026-04-01'],
  happens: ['ended'],
  status: 'cancelled',
  and: (t, { invoices }) => t.is(invoices.length, 0),
});

test('a wake that comes late ends it at the right instant all the same', decision, {
  given: [...active, [cancel(), '2026-03-11']],
  when: [wake, '2026-04-09'],
  happens: ['ended'],
  and: (t, { state }) => t.is(state.endedAt, utc('2026-04-01')),
});

test('a cancellation that comes just before the wake of the boundary makes no renewal', decision, {
  given: active,
  when: [cancel(), '2026-04-01 00:00:01'],
  happens: ['ended'],
  status: 'cancelled',
  and: (t, { invoices }) => t.is(invoices.length, 0),
});

test('a cancellation at the instant of the renewal voids an invoice that is not paid yet', decision, {
  given: [...active, [wake, '2026-04-01']],
  when: [cancel('now'), '2026-04-01'],
  happens: ['ended'],
  and: (t, { events }) => t.deepEqual(closesOf(events), [{ invoiceId: 'inv_sub_1_2', as: 'void' }]),
});

test('a cancellation at the instant of the renewal returns the whole of a paid invoice', decision, {
  given: [...active, [wake, '2026-04-01'], [paid, '2026-04-01']],
  when: [cancel('now'), '2026-04-01'],
  happens: ['ended'],
  and: (t, outcome) => {
    t.deepEqual(linesOf(outcome), ['credit -3100 2026-04-01..2026-05-01']);
    t.is(outcome.invoices[0]?.lines[0]?.explanation.rule, 'whole-period-returned');
  },
});

test('a cancellation now gives nothing back unless it is asked to', decision, {
  given: active,
  when: [cancel('now'), '2026-03-11'],
  happens: ['ended'],
  and: (t, { invoices, state }) => t.deepEqual([invoices.length, state.endedAt], [0, utc('2026-03-11')]),
});

test('a cancellation now credits the unused days when asked to', decision, {
  given: active,
  when: [cancel('now', 'prorate'), '2026-03-11 20:00'],
  happens: ['ended'],
  and: (t, outcome) => {
    t.deepEqual(linesOf(outcome), ['credit -2100 2026-03-11..2026-04-01']);
    t.is(outcome.state.paidThrough, utc('2026-03-11 20:00'));
  },
});

test('seconds are credited where seconds are the unit', decision, {
  given: [
    [start({ prorationUnit: 'second' }), '2026-03-01'],
    [paid, '2026-03-01'],
  ],
  when: [cancel('now', 'prorate'), '2026-03-11 12:00'],
  happens: ['ended'],
  and: (t, outcome) => t.deepEqual(linesOf(outcome), ['credit -2050 2026-03-11..2026-04-01']),
});

test('what was never paid is not credited', decision, {
  given: [...active, [wake, '2026-04-01'], [declined(), '2026-04-01']],
  when: [cancel('now', 'prorate'), '2026-04-05'],
  happens: ['ended'],
  and: (t, { events, invoices }) => {
    t.is(invoices.length, 0);
    t.deepEqual(closesOf(events), [{ invoiceId: 'inv_sub_1_2', as: 'uncollectible' }]);
  },
});

test('an instant within the period ends it there', decision, {
  given: [...active, [cancel(utc('2026-03-21'), 'prorate'), '2026-03-11']],
  when: [wake, '2026-03-21'],
  happens: ['ended'],
  and: (t, outcome) => t.deepEqual(linesOf(outcome), ['credit -1100 2026-03-21..2026-04-01']),
});

test('an instant in a later period lets the renewals until then go on', decision, {
  given: [...active, [cancel(utc('2026-04-10')), '2026-03-11']],
  when: [wake, '2026-04-01'],
  happens: ['renewal-due'],
});

test('an instant that has passed means now', decision, {
  given: active,
  when: [cancel(utc('2026-03-02')), '2026-03-11'],
  happens: ['ended'],
  and: (t, { state }) => t.is(state.endedAt, utc('2026-03-11')),
});

test('the same cancellation again is already so', decision, {
  given: [...active, [cancel(), '2026-03-11']],
  when: [cancel(), '2026-03-12'],
  happens: [],
});

test('another cancellation replaces the scheduled one', decision, {
  given: [...active, [cancel(), '2026-03-11']],
  when: [cancel(utc('2026-03-20')), '2026-03-12'],
  happens: ['cancellation-scheduled'],
});

test('cancelling an ended one is already so', decision, {
  given: [...active, [cancel('now'), '2026-03-11']],
  when: [cancel(), '2026-03-12'],
  happens: [],
});

test('a trial is cancelled for its end', decision, {
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

test('what has not begun ends at once', decision, {
  given: [[start({ startAt: utc('2026-04-01') }), '2026-03-01']],
  when: [cancel(), '2026-03-05'],
  happens: ['ended'],
  status: 'cancelled',
});

test('what was never paid ends at once, and its invoice is void', decision, {
  given: [[start(), '2026-03-01']],
  when: [cancel(), '2026-03-01 05:00'],
  happens: ['ended'],
  and: (t, { events }) => t.deepEqual(closesOf(events), [{ invoiceId: 'inv_sub_1_1', as: 'void' }]),
});

for (const [when, told] of [
  ['now', 'at once'],
  ['period-end', 'with the period'],
] as const)
  test(`why somebody leaves is kept when it ends ${told}`, decision, {
    given: [...active, [cancel(when, 'none', 'none', 'too expensive'), '2026-03-11']],
    when: [wake, '2026-04-01'],
    happens: when === 'now' ? [] : ['ended'],
    status: 'cancelled',
    and: (t, { state }) => t.like(state, { endReason: 'cancelled', cancelReason: 'too expensive' }),
  });

test('why somebody wanted to leave is not why not paying ended it', decision, {
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

test('a scheduled cancellation can be taken back', decision, {
  given: [...active, [cancel(), '2026-03-11']],
  when: [uncancel, '2026-03-12'],
  happens: ['cancellation-withdrawn'],
  and: (t, { state }) => t.is(state.cancelAt, null),
});

test('after it was taken back the renewal comes as before', decision, {
  given: [...active, [cancel(), '2026-03-11'], [uncancel, '2026-03-12']],
  when: [wake, '2026-04-01'],
  happens: ['renewal-due'],
});

test('without a cancellation there is nothing to take back', decision, {
  given: active,
  when: [uncancel, '2026-03-12'],
  refused: ['nothing-scheduled'],
});

test('after its instant a cancellation cannot be taken back, even before the wake', decision, {
  given: [...active, [cancel(), '2026-03-11']],
  when: [uncancel, '2026-04-01'],
  refused: ['subscription-ended'],
});

test('a paused subscription gets the time back that it kept', decision, {
  given: [...active, [pause('now', { credit: 'extend' }), '2026-03-11']],
  when: [cancel('now', 'prorate'), '2026-06-01'],
  happens: ['ended'],
  and: (t, outcome) => t.deepEqual(linesOf(outcome), ['credit -2100 2026-03-11..2026-04-01']),
});

test('after a pause that kept its time the credit is for what is left', decision, {
  given: [...active, [pause('now', { credit: 'extend' }), '2026-03-11'], [resume(), '2026-06-01']],
  when: [cancel('now', 'prorate'), '2026-06-11'],
  happens: ['ended'],
  and: (t, outcome) => t.is(outcome.invoices[0]?.lines[0]?.amount, -1100),
});

test('after a change the credit is for what the new plan cost', decision, {
  given: [...active, [change(premium), '2026-03-11'], [paid, '2026-03-11']],
  when: [cancel('now', 'prorate'), '2026-03-22'],
  happens: ['ended'],
  and: (t, outcome) => t.deepEqual(linesOf(outcome), ['credit -2000 2026-03-22..2026-04-01']),
});

const refundsOf = ([event]: readonly SubscriptionEvent[]) =>
  event?.type === 'subscription.ended'
    ? event.refunds.map(({ amount, creditedInvoiceId, explanation: { rule } }) => `${amount} of ${creditedInvoiceId}: ${rule}`)
    : undefined;

test('a cancellation that refunds the unused time gives it back as money, and no credit', decision, {
  given: active,
  when: [cancel('now', 'none', 'prorate'), '2026-03-11'],
  happens: ['ended'],
  and: (t, { events, invoices }) => {
    t.deepEqual(refundsOf(events), ['-2100 of inv_sub_1_1: unused-time']);
    t.is(invoices.length, 0);
  },
});

test('a cancellation that refunds in full gives back the whole period, less what was given back of it before', decision, {
  given: [
    ...active,
    [
      { type: 'recordCreditNote', creditNoteId: 'cn_1', invoiceId: 'inv_sub_1_1', returned: [{ planId: 'plan_basic', amount: 100 }] },
      '2026-03-02',
    ],
  ],
  when: [cancel('now', 'none', 'full'), '2026-03-11'],
  happens: ['ended'],
  and: (t, { events }) => t.deepEqual(refundsOf(events), ['-3000 of inv_sub_1_1: whole-period-returned']),
});

test('what is to be refunded at a later instant is refunded then', decision, {
  given: [...active, [cancel(utc('2026-03-21'), 'none', 'prorate'), '2026-03-11']],
  when: [wake, '2026-03-21'],
  happens: ['ended'],
  and: (t, { events }) => t.deepEqual(refundsOf(events), ['-1100 of inv_sub_1_1: unused-time']),
});

test('nothing is refunded of what is not paid', decision, {
  given: [[start(), '2026-03-01']],
  when: [cancel('now', 'none', 'full'), '2026-03-01 10:00'],
  happens: ['ended'],
  and: (t, { events }) => t.deepEqual(refundsOf(events), []),
});
